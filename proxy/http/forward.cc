#include "proxy/http/forward.h"

#include <charconv>

namespace understudy::http {
namespace {

constexpr std::size_t max_forwards_digits = 20;

}  // namespace

ForwardContext::ForwardContext(std::string_view client_address, std::string_view scheme,
                               std::string_view default_authority)
    : scheme_(scheme), default_authority_(default_authority) {
  lines_ = {{{.name = "Via", .value = "1.1 understudy", .id = FieldId::via},
             {.name = "X-Forwarded-For", .value = client_address, .id = FieldId::x_forwarded_for},
             {.name = "X-Forwarded-Proto", .value = scheme, .id = FieldId::x_forwarded_proto}}};
  for (const Field& line : lines_) text_.append(line.name).append(": ").append(line.value).append("\r\n");
  std::string_view rest = text_;
  for (Field& line : lines_) {
    const std::size_t name = line.name.size(), value = line.value.size();
    line.name = rest.substr(0, name);
    line.value = rest.substr(name + 2, value);
    line.as_written = true;
    rest.remove_prefix(name + 2 + value + 2);
  }
}

void ForwardedRequest::assign(const RequestHead& head, const ForwardContext& context) {
  method_ = head.method;
  target_ = head.target;
  scheme_ = context.scheme();
  authority_ = head.authority.empty() ? context.default_authority() : head.authority;
  framing_ = head.framing;
  content_length_ = head.content_length;
  te_trailers_ = head.te_trailers;
  websocket_ = head.websocket;
  fields_.clear();

  std::size_t joined_size = 0;
  for (const Field& field : head.fields) {
    if (!is_end_to_end(field)) continue;
    switch (field.id) {
      case FieldId::host:
      case FieldId::content_length:
      case FieldId::expect:
        break;
      case FieldId::x_forwarded_for:
      case FieldId::x_forwarded_proto:
      case FieldId::x_forwarded_host:
        joined_size += field.value.size() + 2;
        break;
      default:
        fields_.push_back(field);
    }
  }

  // Views into joined_ are taken while it grows, so all that it may come to hold is reserved first.
  joined_.clear();
  joined_.reserve(joined_size + context.client_address().size() + context.scheme().size() + head.authority.size() +
                  max_forwards_digits);
  std::span<const Field> earlier;
  if (joined_size == 0 && head.minor_version != 0) {
    fields_.insert(fields_.end(), context.lines().begin(), context.lines().end());
  } else {
    earlier = head.fields;
    const std::string_view via = head.minor_version == 0 ? "1.0 understudy" : "1.1 understudy";
    fields_.push_back({.name = "Via", .value = via, .id = FieldId::via});
    append_to_list(earlier, FieldId::x_forwarded_for, "X-Forwarded-For", context.client_address());
    append_to_list(earlier, FieldId::x_forwarded_proto, "X-Forwarded-Proto", context.scheme());
  }
  if (!head.authority.empty()) append_to_list(earlier, FieldId::x_forwarded_host, "X-Forwarded-Host", head.authority);
  if (head.max_forwards > 0) decrement_max_forwards(head.max_forwards);
}

// What earlier proxies said, and behind it what we say, as one field line.
void ForwardedRequest::append_to_list(std::span<const Field> earlier, FieldId id, std::string_view name,
                                      std::string_view value) {
  const std::size_t begin = joined_.size();
  for (const Field& field : earlier) {
    if (field.id == id && is_end_to_end(field) && !field.value.empty()) joined_.append(field.value).append(", ");
  }
  if (joined_.size() != begin) {
    joined_.append(value);
    value = std::string_view(joined_).substr(begin);
  }
  fields_.push_back({.name = name, .value = value, .id = id});
}

void ForwardedRequest::decrement_max_forwards(std::int64_t received) {
  char text[max_forwards_digits];
  const auto [end, error] = std::to_chars(text, text + sizeof text, received - 1);
  const std::size_t begin = joined_.size();
  joined_.append(text, end);
  for (Field& field : fields_) {
    if (field.id != FieldId::max_forwards) continue;
    field.value = std::string_view(joined_).substr(begin);
    field.as_written = false;
  }
}

void end_to_end_fields(const ResponseHead& head, std::vector<Field>& out) {
  out.clear();
  for (const Field& field : head.fields) {
    if (is_end_to_end(field)) out.push_back(field);
  }
}

Framing framing_for_client(const ResponseHead& head, int client_minor_version) {
  if (head.framing != Framing::chunked && head.framing != Framing::until_close) return head.framing;
  return client_minor_version == 0 ? Framing::until_close : Framing::chunked;
}

}  // namespace understudy::http
