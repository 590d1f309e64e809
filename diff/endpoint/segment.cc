// Recognizers, each for one kind of data, on the segment as it stands in the request target (percent-encoded). See
// segment.h.
#include "diff/endpoint/segment.h"

#include <algorithm>
#include <cstddef>

namespace understudy::diff {
namespace {

constexpr std::size_t segment_octets_limit = 80;  // a longer one is data, whatever it says
constexpr std::size_t hex_octets_min = 8;
constexpr std::size_t token_octets_min = 20;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool all(std::string_view text, bool (*is)(char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is);
}

std::string_view kind_of(std::string_view text);
bool is_date(std::string_view text);
bool is_integer(std::string_view text);
bool is_uuid(std::string_view text);
bool is_hexadecimal(std::string_view text);
bool is_token(std::string_view text);
bool is_address(std::string_view text);

// The placeholder for data; empty for a name.
std::string_view kind_of(std::string_view text) {
  if (is_date(text)) {
    return "{date}";
  }
  if (is_integer(text) || is_uuid(text) || is_hexadecimal(text) || is_token(text) || is_address(text) ||
      text.size() > segment_octets_limit) {
    return "{id}";
  }
  return {};
}

// 2024-02-29, and what may follow a date in RFC 3339 (a time, its colons perhaps percent-encoded).
bool is_date(std::string_view text) {
  if (text.size() < 10) {
    return false;
  }
  for (std::size_t i = 0; i < 10; ++i) {
    if ((i == 4 || i == 7) ? text[i] != '-' : !is_digit(text[i])) {
      return false;
    }
  }
  return text.size() == 10 || text[10] == 'T' || text[10] == 't';
}

// Also several of them: 1,2,3 or 2024-001.
bool is_integer(std::string_view text) {
  if (text.starts_with('-')) {
    text.remove_prefix(1);
  }
  return !text.empty() && is_digit(text.front()) && is_digit(text.back()) &&
         all(text, [](char c) { return is_digit(c) || c == ',' || c == '-' || c == ':'; });
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) {
      return false;
    }
  }
  return true;
}

// A digit is asked for, or "feedface" and "defaced" would be data.
bool is_hexadecimal(std::string_view text) {
  return text.size() >= hex_octets_min && all(text, is_hex) && std::any_of(text.begin(), text.end(), is_digit);
}

// ULID, base64url, JWT: long, and letters and digits mixed as no word mixes them.
bool is_token(std::string_view text) {
  if (text.size() < token_octets_min) {
    return false;
  }
  int changes = 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool change = (is_digit(text[i - 1]) && is_alpha(text[i])) || (is_alpha(text[i - 1]) && is_digit(text[i]));
    changes += change ? 1 : 0;
  }
  return changes >= 3;
}

bool is_address(std::string_view text) {
  return text.find('@') != std::string_view::npos || text.find("%40") != std::string_view::npos;
}

// Position of the dot of "NAME.extension", npos if there is none.
std::size_t extension_of(std::string_view segment) {
  const std::size_t dot = segment.rfind('.');
  if (dot == std::string_view::npos || dot == 0) {
    return std::string_view::npos;
  }
  const std::string_view extension = segment.substr(dot + 1);
  const bool plausible = extension.size() <= 5 && all(extension, [](char c) { return is_alpha(c) || is_digit(c); }) &&
                         is_alpha(extension.front());
  return plausible ? dot : std::string_view::npos;
}

// Length of the prefix of "ord_17" or "PROJ-17", its separator included; 0 if there is none. Capitals are a prefix
// before numbers only: what stands before "_" or "-" in a token is as random as the rest.
std::size_t prefix_of(std::string_view segment) {
  const auto end = std::find_if_not(segment.begin(), segment.end(), is_alpha);
  const auto letters = static_cast<std::size_t>(end - segment.begin());
  if (letters == 0 || letters == segment.size() || (segment[letters] != '_' && segment[letters] != '-')) {
    return 0;
  }
  const std::string_view data = segment.substr(letters + 1);
  const bool lower_case = all(segment.substr(0, letters), [](char c) { return c >= 'a' && c <= 'z'; });
  const bool is_prefix = is_integer(data) || is_date(data) || (lower_case && !kind_of(data).empty());
  return is_prefix ? letters + 1 : 0;
}

}  // namespace

std::string generalize_segment(std::string_view segment) {
  if (is_date(segment) || is_uuid(segment) || is_address(segment)) {  // whose dots and dashes separate nothing
    return std::string(kind_of(segment));
  }
  std::string_view extension;
  if (const std::size_t dot = extension_of(segment);
      dot != std::string_view::npos && segment.size() <= segment_octets_limit) {
    extension = segment.substr(dot);
    segment = segment.substr(0, dot);
  }
  std::string general(segment.substr(0, prefix_of(segment)));
  const std::string_view data = segment.substr(general.size());
  const std::string_view kind = kind_of(data);
  general += kind.empty() ? data : kind;
  general += extension;
  return general;
}

}  // namespace understudy::diff
