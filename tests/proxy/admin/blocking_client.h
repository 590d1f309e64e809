// A client of few words for the tests: sends octets, reads until the peer has said enough or ends.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>

namespace understudy::admin {

// Listening on a free port of 127.0.0.1, non-blocking.
class ListeningSocket {
 public:
  ListeningSocket() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(fd_, 1024) == 0 &&
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
      port_ = ntohs(address.sin_port);
    }
  }
  ~ListeningSocket() { close(fd_); }
  ListeningSocket(const ListeningSocket&) = delete;
  ListeningSocket& operator=(const ListeningSocket&) = delete;

  int fd() const { return fd_; }
  std::uint16_t port() const { return port_; }

 private:
  int fd_;
  std::uint16_t port_ = 0;
};

class BlockingClient {
 public:
  explicit BlockingClient(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    // A peer that never answers fails the test instead of holding it up for ever.
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~BlockingClient() { close(fd_); }
  BlockingClient(const BlockingClient&) = delete;
  BlockingClient& operator=(const BlockingClient&) = delete;

  bool connected() const { return connected_; }
  void send(std::string_view octets) {
    while (!octets.empty()) {
      const ssize_t n = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      octets.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void end() { shutdown(fd_, SHUT_WR); }

  // A whole response with Content-Length, or of a HEAD: what was read of it before the peer ended where it did.
  std::string response(bool head = false) {
    while (received_.find("\r\n\r\n") == std::string::npos) {
      if (!read_more()) return take(received_.size());
    }
    const std::size_t body = received_.find("\r\n\r\n") + 4;
    const std::size_t field = received_.find("Content-Length: ");
    const std::size_t length = head || field >= body ? 0 : std::stoul(received_.substr(field + 16));
    while (received_.size() < body + length) {
      if (!read_more()) return take(received_.size());
    }
    return take(body + length);
  }
  std::string request(const std::string& octets, bool head = false) {
    send(octets);
    return response(head);
  }
  // Everything until the peer ends.
  std::string rest() {
    while (read_more()) {
    }
    return take(received_.size());
  }

 private:
  bool read_more() {
    char buffer[16384];
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n > 0) received_.append(buffer, static_cast<std::size_t>(n));
    if (n < 0 && errno == EAGAIN) received_ += "(the peer is silent)";
    return n > 0;
  }
  std::string take(std::size_t size) {
    std::string taken = received_.substr(0, size);
    received_.erase(0, size);
    return taken;
  }

  int fd_;
  bool connected_ = false;
  std::string received_;
};

}  // namespace understudy::admin
