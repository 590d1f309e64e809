// Small helpers on text, see the header.
#include "diff/text_tools.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace understudy::diff {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

// Length of the well-formed UTF-8 sequence at the start of `text` (Unicode table 3-7); 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && octet(i) >= low && octet(i) <= high;
  };
  const unsigned first = octet(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string ascii_lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool equal_but_for_case(std::string_view text, std::string_view other) {
  constexpr char case_bit = 'a' - 'A';
  return text == other || std::equal(text.begin(), text.end(), other.begin(), other.end(), [](char c, char other_c) {
           return c == other_c || ((c ^ other_c) == case_bit && (c | case_bit) >= 'a' && (c | case_bit) <= 'z');
         });
}

std::string_view trimmed(std::string_view text) {
  const auto is_white = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_white(text.back())) text.remove_suffix(1);
  return text;
}

std::size_t common_prefix(std::string_view text, std::string_view other) {
  const std::size_t size = std::min(text.size(), other.size());
  std::size_t place = 0;
  for (const std::size_t octets : {std::size_t{4096}, std::size_t{256}, std::size_t{64}}) {
    while (place + octets <= size && std::memcmp(text.data() + place, other.data() + place, octets) == 0)
      place += octets;
  }
  for (std::uint64_t word = 0, other_word = 0; place + sizeof word <= size; place += sizeof word) {
    std::memcpy(&word, text.data() + place, sizeof word);
    std::memcpy(&other_word, other.data() + place, sizeof other_word);
    if (const std::uint64_t apart = word ^ other_word; apart != 0) {
      const bool little = std::endian::native == std::endian::little;
      return place + static_cast<std::size_t>(little ? std::countr_zero(apart) : std::countl_zero(apart)) / 8;
    }
  }
  while (place < size && text[place] == other[place]) ++place;
  return place;
}

std::size_t window_begin(std::string_view text, std::size_t place) {
  // Few, so that the difference is there in a narrow column as well.
  constexpr std::size_t context = 12;
  std::size_t begin = place > context ? place - context : 0;
  const auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80; };
  for (int i = 0; i < 3 && begin > 0 && begin < text.size() && continues(begin); ++i) --begin;
  return begin;
}

std::string rendered(std::string_view text, std::size_t limit) {
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (text.size() <= limit && std::all_of(text.begin(), text.end(), is_ascii)) return std::string(text);
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text.substr(i, 4));
    const std::string_view piece = length == 0 ? replacement : text.substr(i, length);
    const bool last = i + (length == 0 ? 1 : length) == text.size();
    if (result.size() + piece.size() + (last ? 0 : ellipsis.size()) > limit) {
      result += ellipsis;
      break;
    }
    result += piece;
    i += length == 0 ? 1 : length;
  }
  return result;
}

}  // namespace understudy::diff
