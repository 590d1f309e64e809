// Heads from octets. parser.cc is the only file that knows llhttp; what llhttp accepts is then held to RFC 9110/9112 by
// head_rules.h, so that what leaves here can be read in only one way.
#pragma once

#include <string_view>

#include "proxy/http/head.h"

namespace understudy::http {

struct HeadError {
  int status = 0;  // 0 = accepted; else what to answer the client with: for a request 400, 417, 431, 501 or 505, for a
                   // response 502
  const char* reason = "";  // a literal, for the answer's text and the log

  bool ok() const { return status == 0; }
};

// `octets` is one whole head as HeadScanner found it. `head` is filled with views into it, whatever was in it before is
// gone.
HeadError parse_request_head(std::string_view octets, RequestHead& head);

// `request_method` is that of the request which this answers: it decides whether content follows.
// A 1xx head is given like any other, with no content; 101 is refused unless `websocket_asked`: the request asked for
// that protocol, and this names it.
HeadError parse_response_head(std::string_view octets, std::string_view request_method, ResponseHead& head,
                              bool websocket_asked = false);

// True if llhttp was compiled as the rules here take for granted (LLHTTP_STRICT_MODE).
bool llhttp_is_strict();

}  // namespace understudy::http
