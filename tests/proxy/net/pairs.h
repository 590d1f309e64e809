// Connected pairs of streams and other odds and ends for coroutines under test.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "proxy/net/address.h"
#include "proxy/net/loop.h"
#include "proxy/net/stream.h"

namespace understudy::net {

struct Pair {
  Stream a;
  Stream b;
};

inline Pair unix_pair(Loop& loop) {
  int ends[2];
  EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
  return {Stream(loop, ends[0]), Stream(loop, ends[1])};
}

inline Address loopback(std::uint16_t port) {
  std::string error;
  return resolve("127.0.0.1", port, error).front();
}

// A listening socket on a port that the kernel chose.
struct ListeningSocket {
  explicit ListeningSocket(int backlog = 16)
      : fd(open_listener(loopback(0), false, backlog).fd), address(local_address(fd)) {}
  int fd;
  Address address;
};

// The two ends of a TCP connection over the loopback.
inline Pair tcp_pair(Loop& loop) {
  const ListeningSocket listening;
  const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&listening.address.storage), listening.address.size),
            0);
  EXPECT_EQ(::fcntl(client, F_SETFL, O_NONBLOCK), 0);
  int server = -1;
  while ((server = ::accept4(listening.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0 && errno == EAGAIN) {
  }
  ::close(listening.fd);
  return {Stream(loop, client), Stream(loop, server)};
}

// Reads until the end or an error; what came and how it ended.
struct ReadToEnd {
  std::string text;
  IoResult last;
};
inline Task<void> read_to_end(Stream& stream, ReadToEnd& read, std::size_t piece = 4096) {
  std::string buffer(piece, '\0');
  for (;;) {
    read.last = co_await stream.read_some(buffer.data(), buffer.size());
    if (!read.last.ok()) break;
    read.text.append(buffer, 0, static_cast<std::size_t>(read.last.n));
  }
}

inline Task<void> write_text(Stream& stream, const std::string& text, IoResult& result) {
  result = co_await stream.write_all(text.data(), text.size());
}

inline Task<void> write_and_shut(Stream& stream, const std::string& text, IoResult& result) {
  result = co_await stream.write_all(text.data(), text.size());
  stream.shutdown_write();
}

inline Task<void> read_once(Stream& stream, IoResult& result) {
  char octet = 0;
  result = co_await stream.read_some(&octet, 1);
}

// Megabytes that tell where they belong.
inline std::string long_text(std::size_t size) {
  std::string text(size, ' ');
  std::uint32_t seed = 1;
  for (char& c : text) c = static_cast<char>((seed = seed * 1664525 + 1013904223) >> 24);
  return text;
}

}  // namespace understudy::net
