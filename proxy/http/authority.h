// The authority of a request: uri-host [":" port] (RFC 9110 4.2.3, RFC 3986 3.2), without userinfo.
#pragma once

#include <string_view>

namespace understudy::http {

// True for a non-empty host (name, IPv4 address, or IPv6 address in brackets) and, if any, a port of at most 65535. A
// ',' in a name, which RFC 3986 would allow, is refused: it is how two Host fields look once they have been joined.
bool is_valid_authority(std::string_view authority);

}  // namespace understudy::http
