// A field line (RFC 9110 5) as views into somebody else's bytes, and the few names that an intermediary has to know,
// told apart once while parsing so that no later step compares strings. Any thread; no state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace understudy::http {

enum class FieldId : std::uint8_t {
  other,
  connection,
  keep_alive,
  proxy_connection,
  te,
  transfer_encoding,
  upgrade,
  http2_settings,
  content_length,
  host,
  expect,
  via,
  max_forwards,
  x_forwarded_for,
  x_forwarded_proto,
  x_forwarded_host,
};

struct Field {
  std::string_view name;   // as received
  std::string_view value;  // without surrounding white space
  FieldId id = FieldId::other;
  bool nominated = false;  // named by a Connection field of the same message (RFC 9110 7.6.1): not to be forwarded
  // The octets received, from the name to the CRLF behind the value, are those that we would write. Of a scanned head
  // alone (head_scan.h lets no bare CR through); void as soon as the value is changed.
  bool as_written = false;
};

// Without regard to the case of ASCII letters.
bool equals_ignore_case(std::string_view a, std::string_view b);

FieldId classify_field(std::string_view name);

// The first field of that name, or nullptr.
const Field* find_field(std::span<const Field> fields, std::string_view name);

// The value of the first cookie of that name (RFC 6265 4.2.1); empty where there is none.
std::string_view find_cookie(std::span<const Field> fields, std::string_view name);

// True for fields that describe one connection or one hop's framing and never cross an intermediary as received
// (RFC 9110 7.6.1, RFC 9112 6.1, C.2.2), whether or not Connection names them. Content-Length and Host are not among
// them.
bool is_hop_by_hop(FieldId id);

// Whether an intermediary passes the field on. Framing and Host are passed on in meaning, but written anew.
inline bool is_end_to_end(const Field& field) {
  return !field.nominated && !is_hop_by_hop(field.id);
}

constexpr bool is_white_space(char c) {
  return c == ' ' || c == '\t';
}

// Removes SP and HT at both ends.
constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && is_white_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_white_space(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the next element off a comma-separated list (RFC 9110 5.6.1), trimmed; empty elements are given as empty. False
// at the end.
bool next_list_element(std::string_view& rest, std::string_view& element);

}  // namespace understudy::http
