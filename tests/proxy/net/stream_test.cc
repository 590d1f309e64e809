#include "proxy/net/stream.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "tests/proxy/net/pairs.h"

namespace understudy::net {
namespace {

TEST(Stream, carries_more_than_the_kernel_buffers_in_order) {
  for (auto* make_pair : {unix_pair, tcp_pair}) {
    Loop loop;
    Pair pair = make_pair(loop);
    const std::string text = long_text(8 << 20);
    ReadToEnd read;
    IoResult written;
    loop.spawn(read_to_end(pair.b, read, 1021));
    loop.spawn(write_and_shut(pair.a, text, written));
    loop.run();
    EXPECT_EQ(written.n, static_cast<ssize_t>(text.size()));
    EXPECT_TRUE(read.text == text);
    EXPECT_TRUE(read.last.end());
  }
}

Task<void> write_three(Stream& stream, const std::string& first, const std::string& second, const std::string& third,
                       IoResult& result) {
  result =
      co_await stream.write_all(first.data(), first.size(), second.data(), second.size(), third.data(), third.size());
  stream.shutdown_write();
}

TEST(Stream, writes_three_pieces_as_one_whatever_their_sizes) {
  for (const std::size_t size : {0u, 1u, 1'000'003u}) {
    Loop loop;
    Pair pair = unix_pair(loop);
    const std::string first = long_text(size), second = long_text(size / 2), third = long_text(size);
    ReadToEnd read;
    IoResult written;
    loop.spawn(write_three(pair.a, first, second, third, written));
    loop.spawn(read_to_end(pair.b, read));
    loop.run();
    EXPECT_EQ(written.n, static_cast<ssize_t>(first.size() + second.size() + third.size()));
    EXPECT_TRUE(read.text == first + second + third);
  }
}

TEST(Stream, carries_both_ways_at_once) {
  Loop loop;
  Pair pair = tcp_pair(loop);
  const std::string there = long_text(3 << 20), back = long_text(2 << 20);
  ReadToEnd read_a, read_b;
  IoResult written_a, written_b;
  loop.spawn(write_and_shut(pair.a, there, written_a));
  loop.spawn(write_and_shut(pair.b, back, written_b));
  loop.spawn(read_to_end(pair.a, read_a));
  loop.spawn(read_to_end(pair.b, read_b));
  loop.run();
  EXPECT_TRUE(read_b.text == there);
  EXPECT_TRUE(read_a.text == back);
}

TEST(Stream, goes_on_in_one_direction_after_the_other_has_ended) {
  Loop loop;
  Pair pair = tcp_pair(loop);
  ReadToEnd read_b, read_a;
  IoResult written;
  pair.a.shutdown_write();
  loop.spawn(read_to_end(pair.b, read_b));
  loop.run();
  EXPECT_TRUE(read_b.last.end());
  loop.spawn(write_and_shut(pair.b, "still here", written));
  loop.spawn(read_to_end(pair.a, read_a));
  loop.run();
  EXPECT_EQ(read_a.text, "still here");
}

TEST(Stream, tells_the_end_as_often_as_it_is_asked) {
  Loop loop;
  Pair pair = tcp_pair(loop);
  pair.a.shutdown_write();
  for (int i = 0; i < 3; ++i) {
    IoResult result{7, 0};
    loop.spawn(read_once(pair.b, result));
    loop.run();
    EXPECT_TRUE(result.end());
  }
}

TEST(Stream, gives_what_came_before_an_end_that_came_with_it) {
  Loop loop;
  Pair pair = tcp_pair(loop);
  ReadToEnd read;
  IoResult written;
  loop.spawn(write_and_shut(pair.a, long_text(5000), written));
  loop.run();
  pair.a.close();
  loop.spawn(read_to_end(pair.b, read, 7));
  loop.run();
  EXPECT_TRUE(read.text == long_text(5000));
  EXPECT_TRUE(read.last.end());
}

TEST(Stream, tells_a_reset_from_an_end) {
  Loop loop;
  Pair pair = tcp_pair(loop);
  ReadToEnd read;
  loop.spawn(read_to_end(pair.b, read));
  pair.a.reset();
  EXPECT_FALSE(pair.a.is_open());
  loop.run();
  EXPECT_EQ(read.last.n, -1);
  EXPECT_EQ(read.last.error, ECONNRESET);
}

TEST(Stream, tells_a_writer_that_the_peer_is_gone) {
  Loop loop;
  Pair pair = tcp_pair(loop);
  IoResult written;
  const std::string text = long_text(16 << 20);
  loop.spawn(write_text(pair.a, text, written));
  pair.b.reset();
  loop.run();
  EXPECT_EQ(written.n, -1);
  EXPECT_TRUE(written.error == ECONNRESET || written.error == EPIPE) << written.error;
}

TEST(Stream, that_is_failed_ends_both_waits_and_every_later_one_with_that_error) {
  Loop loop;
  Pair pair = unix_pair(loop);
  const std::string text = long_text(8 << 20);
  IoResult read, written, later;
  loop.spawn(read_once(pair.a, read));
  loop.spawn(write_text(pair.a, text, written));
  pair.a.fail(EOWNERDEAD);
  pair.a.fail(EIO);  // the first reason stays
  loop.run();
  EXPECT_EQ(read.error, EOWNERDEAD);
  EXPECT_EQ(written.error, EOWNERDEAD);
  loop.spawn(read_once(pair.a, later));
  loop.run();
  EXPECT_EQ(later.error, EOWNERDEAD);
  pair.a.clear_error();
  loop.spawn(write_text(pair.b, "x", written));
  loop.spawn(read_once(pair.a, later));
  loop.run();
  EXPECT_TRUE(later.ok());
}

TEST(Stream, that_is_closed_wakes_who_waits) {
  Loop loop;
  Pair pair = unix_pair(loop);
  IoResult read;
  loop.spawn(read_once(pair.a, read));
  pair.a.close();
  loop.run();
  EXPECT_EQ(read.n, -1);
  EXPECT_EQ(read.error, ECANCELED);
}

Task<void> wait_for_news(Stream& stream, bool& had_news) {
  while (!stream.has_news()) {
    co_await stream.readable();
  }
  had_news = true;
}

Task<void> drain(Stream& stream) {
  char buffer[4096];
  for (;;) {
    const IoResult result = co_await stream.read_some(buffer, sizeof buffer);
    if (!result.ok()) break;
  }
}

TEST(Stream, at_rest_has_news_when_the_peer_sends_or_leaves) {
  for (const bool leaves : {false, true}) {
    Loop loop;
    Pair pair = tcp_pair(loop);
    IoResult result;
    // One octet, so that the stream has been read to the bottom once.
    loop.spawn(write_text(pair.b, "x", result));
    loop.spawn(read_once(pair.a, result));
    loop.run();
    char buffer[16];
    EXPECT_EQ(::recv(pair.a.fd(), buffer, sizeof buffer, MSG_DONTWAIT), -1);
    EXPECT_FALSE(pair.a.is_stale_now());
    bool had_news = false;
    loop.spawn(wait_for_news(pair.a, had_news));
    if (leaves) {
      pair.b.close();
    } else {
      loop.spawn(write_text(pair.b, "y", result));
    }
    loop.run();
    EXPECT_TRUE(had_news);
    EXPECT_TRUE(pair.a.is_stale_now());
    EXPECT_EQ(pair.a.has_octets_now(), !leaves);
  }
}

Task<void> wait_readable_once(Stream& stream, int& woken) {
  co_await stream.readable();
  ++woken;
}

Task<void> read_to_the_bottom(Stream& stream) {
  char buffer[16];
  co_await stream.read_some(buffer, sizeof buffer);
}

TEST(Stream, wakes_its_writer_while_another_coroutine_waits_for_something_to_read) {
  Loop loop;
  Pair pair = unix_pair(loop);
  const std::string text = long_text(4 << 20);
  IoResult written;
  int woken = 0;
  loop.spawn(write_text(pair.b, "x", written));
  loop.spawn(read_to_the_bottom(pair.a));
  loop.run();
  ASSERT_FALSE(pair.a.has_news());
  loop.spawn(wait_readable_once(pair.a, woken));
  loop.spawn(write_and_shut(pair.a, text, written));
  loop.spawn(drain(pair.b));
  loop.run();
  EXPECT_EQ(written.n, static_cast<ssize_t>(text.size()));
  EXPECT_EQ(woken, 1);
}

}  // namespace
}  // namespace understudy::net
