// What RFC 9110 and RFC 9112 ask of a head beyond its grammar: framing, connection, Host, target. Called by parser.cc
// alone, on a head whose start line and fields are split and well-formed; fills in all the rest of it.
#pragma once

#include <string_view>

#include "proxy/http/head.h"
#include "proxy/http/parser.h"

namespace understudy::http {

HeadError apply_request_rules(RequestHead& head);
HeadError apply_response_rules(ResponseHead& head, std::string_view request_method, bool websocket_asked);

}  // namespace understudy::http
