// proxy/http includes nothing of this project but proxy/http: octets and values in, octets and values out; no socket,
// thread, clock or file.
//
// Parsed message heads. Everything here is a view into the octets that were parsed and is valid as long as they stay
// where they are; the objects are reused from message to message, so that a steady connection allocates nothing. One
// owner, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/field.h"
#include "proxy/http/framing.h"

namespace understudy::http {

struct RequestHead {
  std::string_view method;  // one that llhttp knows; never CONNECT
  std::string_view target;  // origin-form ("/path?query") or "*"; absolute-form has been taken apart
  std::string_view
      authority;          // uri-host[:port], valid: of an absolute-form target, else of Host; empty only in HTTP/1.0
  int minor_version = 1;  // HTTP/1.<minor>: 0 or 1
  std::vector<Field> fields;        // all field lines, in order, as received
  Framing framing = Framing::none;  // never until_close
  std::uint64_t content_length = 0;
  bool keep_alive = false;       // the client expects the connection to go on
  bool expect_continue = false;  // waits for a 100 (Continue) before it sends its body (HTTP/1.1 with a body alone)
  bool te_trailers = false;      // TE names trailers
  bool websocket = false;        // asks to switch to WebSocket (RFC 6455 4.1): GET of HTTP/1.1 without content
  // Max-Forwards of OPTIONS or TRACE (RFC 9110 7.6.2): 0 = not to be forwarded, answered here; -1 = absent.
  std::int64_t max_forwards = -1;

  RequestHead() = default;
  RequestHead(const RequestHead&) = delete;
  RequestHead& operator=(const RequestHead&) = delete;

  std::string rewritten_target;  // holds `target` where no stretch of the input reads like it ("http://a?b" -> "/?b")
};

struct ResponseHead {
  int status = 0;           // 100..599; 101 only where a switch to WebSocket was asked for
  std::string_view reason;  // may be empty
  int minor_version = 1;
  std::vector<Field> fields;
  Framing framing = Framing::none;
  // The Content-Length field, also where no content follows (HEAD, 304); -1 = absent.
  std::int64_t content_length = -1;
  bool keep_alive = false;  // the server keeps the connection open after this message
};

// The path of a target: what stands before '?'.
inline std::string_view path_of(std::string_view target) {
  return target.substr(0, target.find('?'));
}

}  // namespace understudy::http
