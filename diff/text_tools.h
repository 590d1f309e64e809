// Small helpers on text that headers and bodies share. Callers: everything in diff/.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace understudy::diff {

// The longest rendering of a value in a finding, in octets.
inline constexpr std::size_t rendering_limit = 256;

// ASCII only.
constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// ASCII only, as RFC 9110 wants for field names and tokens.
std::string ascii_lower(std::string_view text);
bool equal_but_for_case(std::string_view text, std::string_view other);

// Without surrounding spaces, tabs and line ends.
std::string_view trimmed(std::string_view text);

// How many octets both begin with.
std::size_t common_prefix(std::string_view text, std::string_view other);

// Where to begin to show a text that differs from another at `place`: some octets before, and at no octet within a
// character.
std::size_t window_begin(std::string_view text, std::size_t place);

// What stands for a part that is left out.
inline constexpr std::string_view ellipsis = "\xE2\x80\xA6";

// `text` cut to `limit` octets (ending in an ellipsis where cut), ill-formed UTF-8 replaced by U+FFFD: safe to store
// and show.
std::string rendered(std::string_view text, std::size_t limit = rendering_limit);

}  // namespace understudy::diff
