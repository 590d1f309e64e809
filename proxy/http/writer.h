// Messages to octets, appended to a Buffer. Start line, Host, framing and Connection are always our own; only
// end-to-end fields are passed on. Every plane that sends HTTP goes through here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/http/buffer.h"
#include "proxy/http/chunked.h"
#include "proxy/http/forward.h"
#include "proxy/http/head.h"

namespace understudy::http {

// The head of a forwarded request, HTTP/1.1, on a connection that is to be kept. `expect_continue`: send "Expect:
// 100-continue".
void write_request_head(Buffer& out, const ForwardedRequest& request, bool expect_continue);

struct ResponseFraming {
  int client_minor_version = 1;
  Framing framing = Framing::none;  // framing_for_client(); until_close closes whatever `close` says
  bool close = false;               // the connection ends after this response: "Connection: close"
};

// A response of the primary, for the client. The status line says HTTP/1.1 also to a client of 1.0 (RFC 9110 6.2).
void write_response_head(Buffer& out, const ResponseHead& head, const ResponseFraming& framing);

// An interim response (100 or another 1xx) for an HTTP/1.1 client.
void write_interim_response(Buffer& out, const ResponseHead& head);
void write_continue(Buffer& out);
// A 101 that answers a request for WebSocket; the tunnel's octets follow.
void write_switch_to_websocket(Buffer& out, const ResponseHead& head);

// The end of a chunked body: last chunk, trailer fields, empty line.
void write_last_chunk(Buffer& out, std::span<const Field> trailers);

// A response of our own.
struct OwnResponse {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::span<const Field> fields = {};  // more fields, end-to-end ones alone
  std::uint64_t content_length = 0;
  int client_minor_version = 1;
  bool close = false;
};
// The head alone: content of exactly content_length octets follows, unless the request was HEAD.
void write_own_response_head(Buffer& out, const OwnResponse& response);
// A whole error response: "<status> <reason phrase>: <detail>". `head_request`: no content.
void write_error_response(Buffer& out, int status, std::string_view detail, int client_minor_version, bool close,
                          bool head_request);

// RFC 9110 15, RFC 6585; "" for codes that no plane answers with by itself.
std::string_view reason_phrase(int status);

}  // namespace understudy::http
