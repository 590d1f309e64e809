// Character classes of HTTP (RFC 9110 5.6.2, 5.5) and URI (RFC 3986), as tables built at compile time.
#pragma once

#include <array>
#include <string_view>

namespace understudy::http {

using CharacterClass = std::array<bool, 256>;

constexpr CharacterClass alphanumeric_and(std::string_view others) {
  CharacterClass result{};
  for (int c = '0'; c <= '9'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (int c = 'a'; c <= 'z'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (int c = 'A'; c <= 'Z'; ++c) result[static_cast<unsigned char>(c)] = true;
  for (const char c : others) result[static_cast<unsigned char>(c)] = true;
  return result;
}

inline constexpr CharacterClass token_characters = alphanumeric_and("!#$%&'*+-.^_`|~");

constexpr bool is_in(const CharacterClass& allowed, char c) {
  return allowed[static_cast<unsigned char>(c)];
}

constexpr bool consists_of(const CharacterClass& allowed, std::string_view text) {
  for (const char c : text) {
    if (!is_in(allowed, c)) return false;
  }
  return true;
}

constexpr bool is_token(std::string_view text) {
  return !text.empty() && consists_of(token_characters, text);
}

// Octets of a field value: visible ones, SP, HT and obs-text, but no other control octet.
constexpr bool is_field_value_octet(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet >= 0x20 && octet != 0x7f) || octet == '\t';
}

// The value of a hex digit, or -1.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const int letter = c | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

}  // namespace understudy::http
