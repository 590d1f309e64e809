// Heads that own their text and know no protocol version: the form in which messages cross the tap, wait in queues and
// enter diff/. For the shadow and admin planes; the user's path uses the views of head.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/buffer.h"
#include "proxy/http/field.h"
#include "proxy/http/framing.h"

namespace understudy::http {

struct OwnedField {
  std::string name;
  std::string value;

  bool operator==(const OwnedField&) const = default;
};

struct RequestMessage {
  std::string method;
  std::string scheme;
  std::string authority;
  std::string target;
  std::vector<OwnedField> fields;   // end-to-end; no Host, no Content-Length
  Framing framing = Framing::none;  // none, content_length or chunked
  std::uint64_t content_length = 0;
};

struct ResponseMessage {
  int status = 0;
  std::vector<OwnedField> fields;  // end-to-end
  std::vector<OwnedField> trailers;
};

// The first field of that name, or nullptr.
const OwnedField* find_field(std::span<const OwnedField> fields, std::string_view name);
void remove_fields(std::vector<OwnedField>& fields, std::string_view name);
// Removes all of that name and adds one.
void set_field(std::vector<OwnedField>& fields, std::string_view name, std::string_view value);

// The head of a request as a client sends it, HTTP/1.1, on a connection that is to be kept. Fields that would touch
// framing, routing or the connection (is_hop_by_hop, Host, Content-Length, Expect) are left out.
void write_request_head(Buffer& out, const RequestMessage& request);

}  // namespace understudy::http
