// The memory of one exchange: buffers and parsed heads, lent to a session while it has a request at hand and kept by
// the worker in between, so that an idle connection costs its coroutine and no buffer.
#pragma once

#include <string>

#include "proxy/http/buffer.h"
#include "proxy/http/forward.h"
#include "proxy/http/framing.h"
#include "proxy/http/head.h"
#include "proxy/http/head_scan.h"

namespace understudy::user {

// A buffer begins small, for what drips in by the thousand, grows where reads fill it, and keeps its size from then on.
inline constexpr std::size_t first_read = 8 * 1024;
inline constexpr std::size_t small_read = 32 * 1024;
inline constexpr std::size_t large_read = 256 * 1024;  // for bodies that keep filling small reads
inline constexpr std::size_t kept_buffer = 64 * 1024;  // what a buffer may keep when the workspace is handed back

struct Workspace {
  http::Buffer from_client;
  http::Buffer to_primary;  // head, chunk header
  http::Buffer from_primary;
  http::Buffer to_client;     // head, chunk header
  http::Buffer tail;          // what follows a piece of a chunked body, towards the client
  http::Buffer request_tail;  // … towards the primary
  http::HeadScanner request_scanner;
  http::HeadScanner response_scanner;
  http::RequestHead request;
  http::ForwardedRequest forwarded;
  http::ResponseHead response;
  http::BodyReader request_body;
  http::BodyReader response_body;
  std::vector<http::Field> fields;
  // Of the request, kept beyond its octets: for the response's rules and for the access log.
  std::string method;
  std::string target, referer, user_agent;

  // Ready for the next exchange; from_client keeps octets that belong to it.
  void clear() {
    to_primary.clear();
    from_primary.clear();
    to_client.clear();
    tail.clear();
    request_tail.clear();
    from_primary.release_above(kept_buffer);
    from_client.release_above(kept_buffer);
  }
};

}  // namespace understudy::user
