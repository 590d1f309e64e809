// Addresses in the configuration: the URL of an upstream and the address to listen on. Pure; called by the
// configuration and by the commands that talk to a running instance. Nothing is resolved here: a name stays a name.
#pragma once

#include <string>
#include <string_view>

#include "proxy/settings.h"

namespace understudy {

// `problem` says what is wrong and the remedy; empty if and only if the value is to be used.
struct ParsedUrl {
  Url value;
  std::string problem;
};
struct ParsedListen {
  ListenAddress value;
  std::string problem;
};

// "http://host[:port]" or "https://host[:port]", with or without a last "/".
ParsedUrl parse_url(std::string_view text);

// What is wrong with `text` as the name or address of a host, without brackets, and the remedy; "" where nothing is.
std::string problem_of_host(std::string_view text);

// "host:port", "[::1]:port" or "unix:/path". Port 0 lets the system choose.
ParsedListen parse_listen(std::string_view text);

// Only this machine can reach it.
bool is_loopback(const ListenAddress& address);

// Both cannot be listened on: the same path, or the same port and the same host or a wildcard. Port 0 is never the same
// as another.
bool overlap(const ListenAddress& a, const ListenAddress& b);

// A connection to `url` ends at `listen`, as far as the text alone can tell.
bool reaches(const Url& url, const ListenAddress& listen);

// The same host and port; "localhost" may be any loopback address.
bool same_server(const Url& a, const Url& b);

}  // namespace understudy
