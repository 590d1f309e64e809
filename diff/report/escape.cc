// See escape.h.
#include "diff/report/escape.h"

#include <cstdio>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

// Takes one character off the front of well-formed UTF-8.
char32_t take_character(std::string_view& text, std::string_view& octets) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  char32_t character = length == 1 ? first : first & (0x7Fu >> length);
  for (std::size_t i = 1; i < length; ++i) {
    character = (character << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  octets = text.substr(0, length);
  text.remove_prefix(length);
  return character;
}

bool is_between(char32_t character, char32_t first, char32_t last) {
  return first <= character && character <= last;
}

bool is_control(char32_t character) {
  return character < 0x20 || is_between(character, 0x7F, 0x9F);
}

// Directional marks, zero-width characters, line separators, the byte order mark, tags.
bool is_invisible(char32_t character) {
  return character == 0xAD || character == 0x061C || is_between(character, 0x200B, 0x200F) ||
         is_between(character, 0x2028, 0x202E) || is_between(character, 0x2060, 0x206F) || character == 0xFEFF ||
         is_between(character, 0xFFF9, 0xFFFB) || is_between(character, 0xE0000, 0xE007F);
}

std::string shown(char32_t character, std::string_view octets) {
  char escape[16];
  if (character == '\n' || character == '\r' || character == '\t') {
    return character == '\n' ? "\\n" : character == '\r' ? "\\r" : "\\t";
  }
  if (is_control(character)) {
    std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned>(character));
    return escape;
  }
  if (is_invisible(character)) {
    std::snprintf(escape, sizeof escape, "\\u{%x}", static_cast<unsigned>(character));
    return escape;
  }
  return std::string(octets);
}

}  // namespace

std::string escaped_for_terminal(std::string_view text, std::size_t limit) {
  const std::string well_formed = rendered(text, text.size() * 3);
  std::string_view rest = well_formed;
  std::string result;
  std::size_t columns = 0;
  std::size_t cut = 0;  // length of the result that leaves a column for the ellipsis
  while (!rest.empty()) {
    std::string_view octets;
    const char32_t character = take_character(rest, octets);
    const std::string piece = shown(character, octets);
    columns += piece.size() == octets.size() ? 1 : piece.size();
    if (columns > limit) {
      result.resize(cut);
      return limit == 0 ? "" : result + "…";
    }
    result += piece;
    cut = columns < limit ? result.size() : cut;
  }
  return result;
}

}  // namespace understudy::diff
