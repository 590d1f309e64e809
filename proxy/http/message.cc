#include "proxy/http/message.h"

#include <algorithm>

namespace understudy::http {
namespace {

void append_field(Buffer& out, std::string_view name, std::string_view value) {
  out.append(name);
  out.append(": ");
  out.append(value);
  out.append("\r\n");
}

bool is_written_by_us(FieldId id) {
  return is_hop_by_hop(id) || id == FieldId::host || id == FieldId::content_length || id == FieldId::expect;
}

}  // namespace

const OwnedField* find_field(std::span<const OwnedField> fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const OwnedField& field) { return equals_ignore_case(field.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

void remove_fields(std::vector<OwnedField>& fields, std::string_view name) {
  std::erase_if(fields, [&](const OwnedField& field) { return equals_ignore_case(field.name, name); });
}

void set_field(std::vector<OwnedField>& fields, std::string_view name, std::string_view value) {
  remove_fields(fields, name);
  fields.push_back({std::string(name), std::string(value)});
}

void write_request_head(Buffer& out, const RequestMessage& request) {
  out.append(request.method);
  out.append(' ');
  out.append(request.target);
  out.append(" HTTP/1.1\r\n");
  append_field(out, "Host", request.authority);
  for (const OwnedField& field : request.fields) {
    if (!is_written_by_us(classify_field(field.name))) append_field(out, field.name, field.value);
  }
  if (request.framing == Framing::content_length)
    append_field(out, "Content-Length", std::to_string(request.content_length));
  if (request.framing == Framing::chunked) append_field(out, "Transfer-Encoding", "chunked");
  out.append("\r\n");
}

}  // namespace understudy::http
