// Connections as they come about: connect on one side, Listener on the other.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "tests/proxy/net/pairs.h"

namespace understudy::net {
namespace {

using std::chrono_literals::operator""ms;

Task<void> connect_to(Loop& loop, Address address, Milliseconds timeout, ConnectResult& result) {
  result = co_await connect(loop, address, timeout);
}

Task<void> accept_one(Listener& listener, Listener::Accepted& accepted) {
  accepted = co_await listener.accept();
}

TEST(Connect, and_accept_meet_and_talk) {
  Loop loop;
  const ListeningSocket listening;
  Listener listener(loop, listening.fd);
  Listener::Accepted accepted;
  ConnectResult connected;
  loop.spawn(accept_one(listener, accepted));
  loop.spawn(connect_to(loop, listening.address, 5'000ms, connected));
  loop.run();
  ASSERT_EQ(connected.error, 0);
  ASSERT_GE(accepted.fd, 0);
  EXPECT_EQ(accepted.peer.host(), "127.0.0.1");
  EXPECT_EQ(accepted.peer.text(), local_address(connected.stream.fd()).text());

  Stream server(loop, accepted.fd);
  IoResult written;
  ReadToEnd read;
  loop.spawn(write_and_shut(connected.stream, "hello", written));
  loop.spawn(read_to_end(server, read));
  loop.run();
  EXPECT_EQ(read.text, "hello");
}

TEST(Connect, reads_what_the_server_says_first) {
  Loop loop;
  const ListeningSocket listening;
  Listener listener(loop, listening.fd);
  Listener::Accepted accepted;
  ConnectResult connected;
  loop.spawn(accept_one(listener, accepted));
  loop.spawn(connect_to(loop, listening.address, 5'000ms, connected));
  loop.run();
  Stream server(loop, accepted.fd);
  IoResult written;
  ReadToEnd read;
  loop.spawn(read_to_end(connected.stream, read));
  loop.spawn(write_and_shut(server, "welcome", written));
  loop.run();
  EXPECT_EQ(read.text, "welcome");
}

TEST(Connect, to_a_closed_port_is_refused) {
  Loop loop;
  const ListeningSocket listening;
  ::close(listening.fd);
  ConnectResult connected;
  loop.spawn(connect_to(loop, listening.address, 5'000ms, connected));
  loop.run();
  EXPECT_EQ(connected.error, ECONNREFUSED);
  EXPECT_FALSE(connected.stream.is_open());
}

TEST(Connect, to_a_server_that_does_not_answer_ends_with_its_timeout) {
  Loop loop;
  // A listener whose queue is full leaves further SYNs unanswered.
  const ListeningSocket listening(0);
  std::vector<ConnectResult> results(8);
  for (ConnectResult& result : results) loop.spawn(connect_to(loop, listening.address, 200ms, result));
  loop.run();
  EXPECT_EQ(results.back().error, ETIMEDOUT);
  EXPECT_FALSE(results.back().stream.is_open());
  ::close(listening.fd);
}

TEST(Connect, to_an_address_that_cannot_be_says_so) {
  Loop loop;
  ConnectResult connected;
  loop.spawn(connect_to(loop, unix_address("/nonexistent/socket"), 5'000ms, connected));
  loop.run();
  EXPECT_EQ(connected.error, ENOENT);
}

TEST(Listener, takes_connections_over_a_unix_socket) {
  Loop loop;
  const std::string path =
      std::filesystem::temp_directory_path() / ("understudy-net-test-" + std::to_string(::getpid()));
  const OpenedSocket opened = open_listener(unix_address(path), false, 16);
  ASSERT_GE(opened.fd, 0) << opened.error;
  Listener listener(loop, opened.fd);
  Listener::Accepted accepted;
  ConnectResult connected;
  loop.spawn(accept_one(listener, accepted));
  loop.spawn(connect_to(loop, unix_address(path), 5'000ms, connected));
  loop.run();
  ASSERT_GE(accepted.fd, 0);
  EXPECT_EQ(accepted.peer.host(), "unix");
  Stream server(loop, accepted.fd);
  IoResult written;
  ReadToEnd read;
  loop.spawn(write_and_shut(connected.stream, "over a path", written));
  loop.spawn(read_to_end(server, read));
  loop.run();
  EXPECT_EQ(read.text, "over a path");
  ::unlink(path.c_str());
}

TEST(Listener, that_is_stopped_wakes_who_accepts) {
  Loop loop;
  const ListeningSocket listening;
  Listener listener(loop, listening.fd);
  Listener::Accepted accepted;
  loop.spawn(accept_one(listener, accepted));
  listener.stop();
  loop.run();
  EXPECT_EQ(accepted.error, ECANCELED);
}

Task<void> accept_all(Listener& listener, std::vector<int>& fds, int& last_error) {
  for (;;) {
    const Listener::Accepted accepted = co_await listener.accept();
    last_error = accepted.error;
    if (accepted.error != 0) break;
    fds.push_back(accepted.fd);
  }
}

TEST(Listener, that_stops_when_empty_takes_those_whom_the_kernel_has_let_in) {
  Loop loop;
  const ListeningSocket listening;
  Listener listener(loop, listening.fd);
  std::vector<ConnectResult> results(5);
  for (ConnectResult& result : results) loop.spawn(connect_to(loop, listening.address, 5'000ms, result));
  loop.run();
  std::vector<int> fds;
  int last_error = 0;
  listener.stop_when_empty();
  loop.spawn(accept_all(listener, fds, last_error));
  loop.run();
  EXPECT_EQ(fds.size(), results.size());
  EXPECT_EQ(last_error, ECANCELED);
  for (const int fd : fds) ::close(fd);
}

TEST(OpenListener, finds_out_that_an_address_is_taken) {
  const ListeningSocket listening;
  const OpenedSocket second = open_listener(listening.address, false, 16);
  EXPECT_EQ(second.fd, -1);
  EXPECT_EQ(second.error, "Address already in use");
  ::close(listening.fd);
}

TEST(OpenListener, opens_several_on_one_address_where_they_are_shared) {
  const OpenedSocket first = open_listener(loopback(0), true, 16);
  ASSERT_GE(first.fd, 0);
  const OpenedSocket second = open_listener(local_address(first.fd), true, 16);
  EXPECT_GE(second.fd, 0) << second.error;
  ::close(first.fd);
  ::close(second.fd);
}

}  // namespace
}  // namespace understudy::net
