// Numbers and escapes that simdjson refuses, see the header.
#include "diff/body/json_rewrite.h"

#include <charconv>
#include <cstdint>
#include <system_error>

#include "diff/body/decimal.h"
#include "diff/body/decode.h"
#include "diff/body/json_document.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

void append_mark(std::string& target, std::string_view mark);
bool is_number_octet(char c);
bool is_beyond_parser(std::string_view number);
std::optional<unsigned> escaped_unit(std::string_view text);

}  // namespace

std::optional<std::string> rewritten_json(std::string_view text) {
  if (text.find("\\u0000") != std::string_view::npos) return std::nullopt;
  std::string result;
  result.reserve(text.size() + text.size() / 8 + parser_padding);
  bool changed = false;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (in_string) {
      std::size_t length = c == '\\' ? 2 : 1;
      if (const auto unit = escaped_unit(text.substr(i)); unit && *unit >= 0xD800 && *unit <= 0xDFFF) {
        constexpr std::size_t escape_length = 6;
        const auto second = escaped_unit(text.substr(i + escape_length));
        const bool is_pair = *unit <= 0xDBFF && second && *second >= 0xDC00 && *second <= 0xDFFF;
        length = is_pair ? 2 * escape_length : escape_length;
        if (!is_pair) {
          append_mark(result, JsonDocument::surrogate_mark);
          result += ascii_lower(text.substr(i + 2, 4));
          i += escape_length;
          changed = true;
          continue;
        }
      }
      in_string = c != '"';
      result += text.substr(i, length);
      i += length;
    } else if (is_number_octet(c)) {
      std::size_t length = 1;
      while (i + length < text.size() && is_number_octet(text[i + length])) ++length;
      const std::string_view token = text.substr(i, length);
      const auto after = text.find_first_not_of(" \t\r\n", i + length);
      const bool is_key = after != std::string_view::npos && text[after] == ':';
      if (!is_key && json_number_length(token) == length && is_beyond_parser(token)) {
        result += '"';
        append_mark(result, JsonDocument::number_mark);
        result += token;
        result += '"';
        changed = true;
      } else {
        result += token;
      }
      i += length;
    } else {
      in_string = c == '"';
      result += c;
      ++i;
    }
  }
  if (!changed) return std::nullopt;
  return result;
}

std::size_t json_number_length(std::string_view text) {
  std::size_t i = 0;
  const auto at = [&](std::size_t place) { return place < text.size() ? text[place] : '\0'; };
  const auto digits = [&] {
    const std::size_t start = i;
    while (at(i) >= '0' && at(i) <= '9') ++i;
    return i > start;
  };
  if (at(i) == '-') ++i;
  if (at(i) == '0') {
    ++i;
  } else if (!digits()) {
    return 0;
  }
  if (at(i) == '.') {
    ++i;
    if (!digits()) return 0;
  }
  if (at(i) == 'e' || at(i) == 'E') {
    ++i;
    if (at(i) == '+' || at(i) == '-') ++i;
    if (!digits()) return 0;
  }
  return i;
}

namespace {

// Both marks are U+0000 followed by text that needs no escape.
void append_mark(std::string& target, std::string_view mark) {
  target += "\\u0000";
  target += mark.substr(1);
}

bool is_number_octet(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// True for an integer outside of 64 bits and for what rounds to infinity.
bool is_beyond_parser(std::string_view number) {
  const char* const first = number.data();
  const char* const last = first + number.size();
  if (number.find_first_of(".eE") == std::string_view::npos) {
    std::int64_t signed_value = 0;
    std::uint64_t unsigned_value = 0;
    return number.front() == '-' ? std::from_chars(first, last, signed_value).ec != std::errc{}
                                 : std::from_chars(first, last, unsigned_value).ec != std::errc{};
  }
  double value = 0;
  if (std::from_chars(first, last, value).ec == std::errc{}) return false;
  const auto decimal = parse_decimal(number);
  return !decimal || decimal->exponent > 0;  // below the smallest double the parser rounds to zero
}

// The UTF-16 code unit spelled by the escape \uXXXX at the start of `text`.
std::optional<unsigned> escaped_unit(std::string_view text) {
  if (text.size() < 6 || text[0] != '\\' || text[1] != 'u') return std::nullopt;
  unsigned unit = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  if (error != std::errc{} || end != text.data() + 6) return std::nullopt;
  return unit;
}

}  // namespace
}  // namespace understudy::diff
