// What crosses the intermediary: the one filter that decides which fields go on, used by the writer for the primary and
// by the tap for the copy, so that both always say the same. Objects are reused; no allocation once they have grown.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/head.h"

namespace understudy::http {

// What a client's connection adds to each of its requests.
class ForwardContext {
 public:
  // `client_address`: text of the peer's address without port, for X-Forwarded-For; `scheme`: "http" or "https", how
  // the client spoke to us; `default_authority`: Host for the HTTP/1.0 request that names none. The last two must stay.
  ForwardContext(std::string_view client_address, std::string_view scheme, std::string_view default_authority);
  ForwardContext(const ForwardContext&) = delete;
  ForwardContext& operator=(const ForwardContext&) = delete;

  std::string_view client_address() const { return lines_[1].value; }
  std::string_view scheme() const { return scheme_; }
  std::string_view default_authority() const { return default_authority_; }
  // Via, X-Forwarded-For and X-Forwarded-Proto for an HTTP/1.1 request that bears none of the lists yet, next to each
  // other in one text, so that they are written in one piece.
  std::span<const Field> lines() const { return lines_; }

 private:
  std::string_view scheme_, default_authority_;
  std::string text_;
  std::array<Field, 3> lines_;
};

// The end-to-end form of a request: what the primary is sent, apart from framing, connection and Expect fields.
class ForwardedRequest {
 public:
  // Views point into `head`'s octets, `context`'s strings and this object; all must stay until the last use.
  void assign(const RequestHead& head, const ForwardContext& context);

  std::string_view method() const { return method_; }
  std::string_view target() const { return target_; }
  std::string_view scheme() const { return scheme_; }
  std::string_view authority() const { return authority_; }
  // In order of arrival, Via and X-Forwarded-For/-Proto/-Host last. Without Host and Content-Length.
  std::span<const Field> fields() const { return fields_; }
  Framing framing() const { return framing_; }
  std::uint64_t content_length() const { return content_length_; }
  bool te_trailers() const { return te_trailers_; }
  bool websocket() const { return websocket_; }

 private:
  void append_to_list(std::span<const Field> earlier, FieldId id, std::string_view name, std::string_view value);
  void decrement_max_forwards(std::int64_t received);

  std::string_view method_, target_, scheme_, authority_;
  Framing framing_ = Framing::none;
  std::uint64_t content_length_ = 0;
  bool te_trailers_ = false;
  bool websocket_ = false;
  std::vector<Field> fields_;
  std::string joined_;  // lists that had to be put together, and the decremented Max-Forwards
};

// The end-to-end fields of a response as the server sent them, Content-Length among them: what tap and diff see.
// `out` is overwritten; views into the head's octets.
void end_to_end_fields(const ResponseHead& head, std::vector<Field>& out);

// How a response's content is framed for a client of HTTP/1.<client_minor_version>: as it came, except that chunked and
// close-delimited content is chunked for HTTP/1.1 and close-delimited for HTTP/1.0 (RFC 9112 6.1, 7.1).
Framing framing_for_client(const ResponseHead& head, int client_minor_version);

}  // namespace understudy::http
