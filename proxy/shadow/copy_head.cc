#include "proxy/shadow/copy_head.h"

#include <cstdio>

namespace understudy::shadow {
namespace {

bool is_lower_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

http::RequestMessage copy_head(const http::RequestMessage& original, const MirrorSettings& mirror, const Url& target,
                               control::Role role, std::uint64_t parent_id) {
  http::RequestMessage copy = original;
  http::remove_fields(copy.fields, "Expect");
  for (const std::string& name : mirror.remove_headers) http::remove_fields(copy.fields, name);
  for (const auto& [name, value] : mirror.set_headers) http::set_field(copy.fields, name, value);
  if (!mirror.marker.empty()) {
    http::set_field(copy.fields, mirror.marker, control::role_names[static_cast<std::size_t>(role)]);
  }
  for (http::OwnedField& field : copy.fields) {
    if (http::equals_ignore_case(field.name, "traceparent")) field.value = with_parent(field.value, parent_id);
  }
  if (mirror.host == "target") {
    copy.authority = target.authority;
  } else if (mirror.host != "keep") {
    copy.authority = mirror.host;
  }
  return copy;
}

std::string with_parent(std::string_view traceparent, std::uint64_t parent_id) {
  constexpr std::size_t trace_at = 3;
  constexpr std::size_t parent_at = 36;
  constexpr std::size_t flags_at = 53;
  std::string text(traceparent);
  // A later version may go on behind the flags.
  const bool is_well_formed = text.size() >= flags_at + 2 && text[trace_at - 1] == '-' && text[parent_at - 1] == '-' &&
                              text[flags_at - 1] == '-' && (text.size() == flags_at + 2 || text[flags_at + 2] == '-') &&
                              is_lower_hex(traceparent.substr(0, 2)) &&
                              is_lower_hex(traceparent.substr(trace_at, 32)) &&
                              is_lower_hex(traceparent.substr(parent_at, 16));
  if (!is_well_formed) return text;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(parent_id));
  text.replace(parent_at, 16, digits, 16);
  return text;
}

}  // namespace understudy::shadow
