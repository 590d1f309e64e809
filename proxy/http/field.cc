#include "proxy/http/field.h"

#include <algorithm>

namespace understudy::http {
namespace {

// `lower` is a name in lower case. Exact for names that are tokens: no other token octet becomes a letter, digit or '-'
// by setting bit 5.
bool is_named(std::string_view name, std::string_view lower) {
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if ((name[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace

bool equals_ignore_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] != b[i] && to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

FieldId classify_field(std::string_view name) {
  using enum FieldId;
  switch (name.size()) {
    case 2:
      return is_named(name, "te") ? te : other;
    case 3:
      return is_named(name, "via") ? via : other;
    case 4:
      return is_named(name, "host") ? host : other;
    case 6:
      return is_named(name, "expect") ? expect : other;
    case 7:
      return is_named(name, "upgrade") ? upgrade : other;
    case 10:
      return is_named(name, "connection") ? connection : is_named(name, "keep-alive") ? keep_alive : other;
    case 12:
      return is_named(name, "max-forwards") ? max_forwards : other;
    case 14:
      return is_named(name, "content-length")   ? content_length
             : is_named(name, "http2-settings") ? http2_settings
                                                : other;
    case 15:
      return is_named(name, "x-forwarded-for") ? x_forwarded_for : other;
    case 16:
      return is_named(name, "proxy-connection")   ? proxy_connection
             : is_named(name, "x-forwarded-host") ? x_forwarded_host
                                                  : other;
    case 17:
      return is_named(name, "transfer-encoding")   ? transfer_encoding
             : is_named(name, "x-forwarded-proto") ? x_forwarded_proto
                                                   : other;
    default:
      return other;
  }
}

const Field* find_field(std::span<const Field> fields, std::string_view name) {
  for (const Field& field : fields) {
    if (equals_ignore_case(field.name, name)) return &field;
  }
  return nullptr;
}

std::string_view find_cookie(std::span<const Field> fields, std::string_view name) {
  for (const Field& field : fields) {
    if (!equals_ignore_case(field.name, "cookie")) continue;
    for (std::string_view rest = field.value; !rest.empty();) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=')
        return pair.substr(name.size() + 1);
    }
  }
  return {};
}

bool is_hop_by_hop(FieldId id) {
  switch (id) {
    case FieldId::connection:
    case FieldId::keep_alive:
    case FieldId::proxy_connection:
    case FieldId::te:
    case FieldId::transfer_encoding:
    case FieldId::upgrade:
    case FieldId::http2_settings:
      return true;
    default:
      return false;
  }
}

bool next_list_element(std::string_view& rest, std::string_view& element) {
  if (rest.data() == nullptr) return false;
  const std::size_t comma = rest.find(',');
  element = trim(rest.substr(0, comma));
  rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  return true;
}

}  // namespace understudy::http
