// Names to socket addresses, and listening sockets. Blocking; for start-up and for threads that may wait.
#pragma once

#include <string>
#include <vector>

#include "proxy/net/stream.h"

namespace understudy::net {

// Every address of the name, in the resolver's order; empty and `error` set where there is none. `host` may be a
// literal without brackets.
std::vector<Address> resolve(const std::string& host, std::uint16_t port, std::string& error);
Address unix_address(const std::string& path);
bool same_address(const Address& a, const Address& b);

struct OpenedSocket {
  int fd = -1;
  std::string error;  // why not, in words
};
// A bound, listening, non-blocking, close-on-exec socket. `shared` sets SO_REUSEPORT, so that several can listen on one
// address.
OpenedSocket open_listener(const Address& address, bool shared, int backlog);
Address local_address(int fd);
Address peer_address(int fd);  // its size is 0 where the peer has gone

}  // namespace understudy::net
