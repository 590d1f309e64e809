// One movable deadline for all waits of a stream. Real time passes here; nothing depends on how much.
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <vector>

#include "tests/proxy/net/pairs.h"

namespace understudy::net {
namespace {

using std::chrono_literals::operator""ms;

TEST(Deadline, ends_a_read_and_a_write_that_wait) {
  Loop loop;
  Pair pair = unix_pair(loop);
  const std::string text = long_text(8 << 20);
  IoResult read, written;
  pair.a.expires_after(1ms);
  loop.spawn(read_once(pair.a, read));
  loop.spawn(write_text(pair.a, text, written));
  loop.run();
  EXPECT_EQ(read.error, ETIMEDOUT);
  EXPECT_EQ(written.error, ETIMEDOUT);
  EXPECT_EQ(pair.a.error(), ETIMEDOUT);
}

TEST(Deadline, once_over_leaves_a_stream_that_can_be_taken_back_into_use) {
  Loop loop;
  Pair pair = unix_pair(loop);
  IoResult read, written;
  pair.a.expires_after(1ms);
  loop.spawn(read_once(pair.a, read));
  loop.run();
  ASSERT_EQ(read.error, ETIMEDOUT);
  pair.a.clear_error();
  loop.spawn(write_text(pair.a, "408", written));
  loop.run();
  EXPECT_EQ(written.n, 3);
}

Task<void> write_after(Loop& loop, Stream& stream, std::chrono::milliseconds pause, IoResult& result) {
  co_await loop.sleep(pause);
  result = co_await stream.write_all("x", 1);
}

TEST(Deadline, that_was_taken_back_or_moved_on_does_not_come) {
  for (const Milliseconds later : {Milliseconds{0}, Milliseconds{60'000}}) {
    Loop loop;
    Pair pair = unix_pair(loop);
    IoResult read, written;
    pair.a.expires_after(150ms);
    loop.spawn(read_once(pair.a, read));
    pair.a.expires_after(later);
    // The octet comes long after the first deadline.
    loop.spawn(write_after(loop, pair.b, 400ms, written));
    loop.run();
    EXPECT_TRUE(read.ok()) << read.error;
  }
}

TEST(Deadline, that_was_moved_nearer_comes_at_the_nearer_time) {
  Loop loop;
  Pair pair = unix_pair(loop);
  IoResult read;
  pair.a.expires_after(Milliseconds{3'600'000});
  loop.spawn(read_once(pair.a, read));
  pair.a.expires_after(1ms);
  loop.run();
  EXPECT_EQ(read.error, ETIMEDOUT);
}

// Until the read has ended, or far too often for a deadline that means anything.
Task<void> set_again_and_again(Loop& loop, Stream& stream, const IoResult& read, int& times) {
  while (read.error == 0 && times < 200) {
    stream.expires_after(1ms);
    ++times;
    co_await loop.sleep(30ms);
  }
  stream.fail(ECANCELED);
}

TEST(Deadline, that_is_set_again_and_again_still_comes) {
  Loop loop;
  Pair pair = unix_pair(loop);
  IoResult read;
  int times = 0;
  loop.spawn(read_once(pair.a, read));
  loop.spawn(set_again_and_again(loop, pair.a, read, times));
  loop.run();
  EXPECT_EQ(read.error, ETIMEDOUT) << times;
}

TEST(Deadline, of_a_stream_that_was_closed_touches_nobody) {
  Loop loop;
  IoResult read;
  {
    Pair gone = unix_pair(loop);
    gone.a.expires_after(1ms);
  }
  Pair pair = unix_pair(loop);  // may use the same channel again
  IoResult written;
  loop.spawn(read_once(pair.a, read));
  loop.spawn(write_after(loop, pair.b, 300ms, written));
  loop.run();
  EXPECT_TRUE(read.ok());
}

TEST(Deadlines, of_many_streams_come_in_their_order) {
  Loop loop;
  std::vector<Pair> pairs;
  std::vector<int> order;
  constexpr int count = 5;
  for (int i = 0; i < count; ++i) pairs.push_back(unix_pair(loop));
  const auto wait = [](Stream& stream, int number, std::vector<int>& ended) -> Task<void> {
    IoResult result;
    co_await read_once(stream, result);
    if (result.error == ETIMEDOUT) ended.push_back(number);
  };
  for (int i = 0; i < count; ++i) {
    // The last stream gets the first deadline; each is a tick and a half away from its neighbour's.
    pairs[static_cast<std::size_t>(i)].a.expires_after(Milliseconds{150 * (count - i)});
    loop.spawn(wait(pairs[static_cast<std::size_t>(i)].a, i, order));
  }
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{4, 3, 2, 1, 0}));
}

// All octets are there before the loop looks again, and so is the end of every deadline.
Task<void> send_and_stand_still(Loop& loop, std::vector<Pair>& pairs) {
  co_await loop.sleep(1ms);
  for (Pair& pair : pairs) EXPECT_EQ(::send(pair.b.fd(), "x", 1, 0), 1);
  for (const std::int64_t end = Loop::clock_ns() + 400'000'000; Loop::clock_ns() < end;) {
  }
}

TEST(Deadline, that_passed_in_a_standstill_comes_after_what_came_in_it) {
  Loop loop;
  std::vector<Pair> pairs;
  for (int i = 0; i < 400; ++i) pairs.push_back(unix_pair(loop));
  std::vector<IoResult> reads(pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    pairs[i].a.expires_after(100ms);
    loop.spawn(read_once(pairs[i].a, reads[i]));
  }
  loop.spawn(send_and_stand_still(loop, pairs));
  loop.run();
  for (const IoResult& read : reads) EXPECT_TRUE(read.ok()) << read.error;
}

}  // namespace
}  // namespace understudy::net
