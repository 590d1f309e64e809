// TCP sockets of the test servers and clients: non-blocking, loopback addresses as "host:port".
#pragma once

#include <cstdint>
#include <string>

namespace understudy::tools {

// Throws std::system_error. Port 0 lets the kernel choose.
int listen_on(const std::string& host, std::uint16_t port, int backlog);
std::uint16_t local_port(int fd);

// Begins a connection to "host:port" and returns the socket; whether it was accepted shows by EPOLLOUT and SO_ERROR.
// Throws std::system_error.
int begin_connect(const std::string& address);
int socket_error(int fd);

// Closes with RST: what the peer has not read yet is lost to it.
void close_with_reset(int fd);

// True where the peer's FIN has arrived (TCP is in CLOSE_WAIT or beyond), read or not.
bool peer_has_finished(int fd);

// As many descriptors as the machine allows.
void raise_descriptor_limit();

}  // namespace understudy::tools
