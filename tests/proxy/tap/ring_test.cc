// Both ends of a healthy ring.
#include "proxy/tap/ring.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/proxy/tap/ring_fixture.h"

namespace understudy::tap {
namespace {

TEST(Ring, capacity_is_whole_pages_and_at_least_256_kib) {
  EXPECT_EQ(ring_capacity(0), smallest_capacity);
  EXPECT_EQ(ring_capacity(300'000), 73u * 4096);
  EXPECT_EQ(ring_capacity(64u << 20), 64u << 20);
}

TEST(Ring, gives_the_frames_of_an_exchange_in_order) {
  Slot slot;
  RingWriter writer = slot.writer();
  RingReader reader = slot.reader();
  FrameView nothing;
  EXPECT_EQ(reader.peek(nothing), RingReader::State::empty);

  std::uint64_t exchange = 99;
  ASSERT_TRUE(writer.open(small_request(), 1, exchange));
  EXPECT_EQ(exchange, 0u);
  EXPECT_TRUE(writer.offer(exchange, FrameType::request_body, as_octets("abc"), 2));
  EXPECT_TRUE(writer.offer(exchange, FrameType::request_end, {}, 3));
  EXPECT_TRUE(writer.offer(exchange, ResponseHeadParts{200, {}}, 4));
  EXPECT_TRUE(writer.offer(exchange, FrameType::response_body, as_octets("response"), 5));
  EXPECT_TRUE(writer.offer_trailers(exchange, {}, 6));
  writer.end(exchange, 7);

  const std::vector<ReadFrame> frames = take_all(reader);
  const std::vector<FrameType> types{
      FrameType::request_head,  FrameType::request_body, FrameType::request_end, FrameType::response_head,
      FrameType::response_body, FrameType::trailers,     FrameType::end};
  ASSERT_EQ(frames.size(), types.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    EXPECT_EQ(frames[i].type, types[i]);
    EXPECT_EQ(frames[i].exchange, 0u);
    EXPECT_EQ(frames[i].time_ns, static_cast<std::int64_t>(i + 1));
  }
  EXPECT_EQ(frames[1].payload, "abc");
  EXPECT_EQ(frames[4].payload, "response");
  EXPECT_EQ(reader.backlog(), 0u);
}

TEST(Ring, numbers_exchanges_by_their_first_copy) {
  Slot slot;
  RingWriter writer = slot.writer();
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(3), 0, exchange));
  EXPECT_EQ(exchange, 0u);
  ASSERT_TRUE(writer.open(small_request(1), 0, exchange));
  EXPECT_EQ(exchange, 3u);
  EXPECT_EQ(slot.exchanges(), 4u);
}

TEST(Ring, goes_round_many_times_with_frames_across_its_end) {
  Slot slot;
  RingWriter writer = slot.writer();
  RingReader reader = slot.reader();
  std::string body(10'007, ' ');
  const std::uint64_t rounds = 10 * smallest_capacity / body.size();
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(round * 31 + i);
    std::uint64_t exchange = 0;
    ASSERT_TRUE(writer.open(small_request(), 0, exchange));
    ASSERT_TRUE(writer.offer(exchange, FrameType::response_body, as_octets(body), 0));
    writer.end(exchange, 0);
    const std::vector<ReadFrame> frames = take_all(reader);
    ASSERT_EQ(frames.size(), 3u);
    ASSERT_EQ(frames[1].payload, body);
  }
  EXPECT_GT(slot.position(), 9 * smallest_capacity);
  EXPECT_EQ(slot.exchanges(), rounds);
}

TEST(Ring, keeps_claimed_memory_until_it_is_released) {
  Slot slot;
  RingWriter writer = slot.writer();
  RingReader reader = slot.reader();
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  FrameView head;
  ASSERT_EQ(reader.peek(head), RingReader::State::frame);
  reader.claim(head);
  const std::string piece(1000, 'x');
  while (writer.offer(exchange, FrameType::response_body, as_octets(piece), 0)) {
  }
  DecodedRequestHead decoded;
  EXPECT_TRUE(decode(head.payload, decoded));
  EXPECT_EQ(decoded.message.target, "/");
  EXPECT_GT(reader.backlog(), smallest_capacity - 2 * frame_size(piece.size()));
}

// --- a full ring
// -------------------------------------------------------------------------------------------------------------------------

TEST(FullRing, refuses_new_exchanges_and_counts_every_copy) {
  Slot slot;
  RingWriter writer = slot.writer();
  std::uint64_t exchange = 0;
  std::uint64_t opened = 0;
  while (writer.open(small_request(2), 0, exchange)) opened += 2;
  EXPECT_EQ(slot.exchanges(), opened);
  EXPECT_EQ(slot.refused(control::DropReason::tap_full), 2u);
  EXPECT_EQ(slot.refused(control::DropReason::tap_corrupt), 0u);
}

TEST(FullRing, says_abandon_for_every_exchange_it_had_opened) {
  Slot slot;
  RingWriter writer = slot.writer();
  RingReader reader = slot.reader();
  std::vector<std::uint64_t> open;
  for (std::uint64_t exchange = 0; writer.open(small_request(), 0, exchange);) open.push_back(exchange);
  for (std::size_t i = 0; i < open.size(); ++i) {
    // In turn: one more frame that finds no room, an end, an end that tells of a failure, an abandonment. All of them
    // have their room.
    if (i % 4 == 0) {
      EXPECT_FALSE(writer.offer(open[i], FrameType::response_body, as_octets(std::string(100'000, 'x')), 0));
    }
    if (i % 4 == 1) writer.end(open[i], 0);
    if (i % 4 == 2) writer.end_failed(open[i], control::FailReason::reset, 0);
    if (i % 4 == 3) writer.abandon(open[i], control::DropReason::client_aborted, 0);
  }
  EXPECT_LE(slot.position(), smallest_capacity);
  std::set<std::uint64_t> ended;
  for (const ReadFrame& frame : take_all(reader)) {
    if (frame.type == FrameType::request_head) continue;
    EXPECT_TRUE(ended.insert(frame.exchange).second);
    EXPECT_EQ(frame.type, frame.exchange % 4 == 1 || frame.exchange % 4 == 2 ? FrameType::end : FrameType::abandon);
    if (frame.exchange % 4 != 0) continue;
    AbandonPayload abandon{};
    ASSERT_TRUE(decode(as_octets(frame.payload), abandon));
    EXPECT_EQ(abandon.reason, control::DropReason::tap_full);
  }
  EXPECT_EQ(ended.size(), open.size());
}

TEST(FullRing, abandons_an_exchange_whose_response_head_finds_no_room) {
  Slot slot;
  RingWriter writer = slot.writer();
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  const std::string value(smallest_capacity, 'v');
  const std::vector<http::Field> fields{{"X-Large", value}};
  EXPECT_FALSE(writer.offer(exchange, ResponseHeadParts{200, fields}, 0));
  RingReader reader = slot.reader();
  const std::vector<ReadFrame> frames = take_all(reader);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[1].type, FrameType::abandon);
}

TEST(FullRing, takes_exchanges_again_once_the_reader_has_released) {
  Slot slot;
  RingWriter writer = slot.writer();
  RingReader reader = slot.reader();
  std::uint64_t exchange = 0;
  for (int turn = 0; turn < 3; ++turn) {
    std::vector<std::uint64_t> open;
    while (writer.open(small_request(), 0, exchange)) open.push_back(exchange);
    EXPECT_GT(open.size(), 1000u);
    for (const std::uint64_t one : open) writer.end(one, 0);
    EXPECT_EQ(take_all(reader).size(), 2 * open.size());
  }
  EXPECT_EQ(slot.refused(control::DropReason::tap_full), 3u);
}

// Offers of arbitrary sizes by many open exchanges: whatever the order, the ring never holds more than it can, and
// never forgets an end.
TEST(FullRing, keeps_its_promises_whatever_is_offered) {
  Slot slot;
  RingWriter writer = slot.writer();
  RingReader reader = slot.reader();
  std::uint32_t seed = 12345;
  const auto random = [&seed](std::uint32_t below) { return (seed = seed * 1664525 + 1013904223) / 65536 % below; };
  std::vector<std::uint64_t> open;
  std::uint64_t heads = 0, ends = 0, opened = 0;
  const auto read_some = [&](std::size_t count) {
    for (ReadFrame frame; count > 0 && take(reader, frame); --count) {
      heads += frame.type == FrameType::request_head;
      ends += frame.type == FrameType::end || frame.type == FrameType::abandon;
    }
  };
  for (int step = 0; step < 100'000; ++step) {
    const std::uint32_t what = random(10);
    std::uint64_t exchange = 0;
    if (what < 3 && writer.open(small_request(), 0, exchange)) {
      open.push_back(exchange);
      ++opened;
    } else if (what < 7 && !open.empty()) {
      const std::size_t which = random(static_cast<std::uint32_t>(open.size()));
      if (!writer.offer(open[which], FrameType::response_body, as_octets(std::string(random(4000), 'x')), 0)) {
        open.erase(open.begin() + static_cast<std::ptrdiff_t>(which));
      }
    } else if (what == 7 && !open.empty()) {
      writer.end(open.back(), 0);
      open.pop_back();
    } else if (what > 7) {
      read_some(random(8));
    }
    ASSERT_LE(slot.position() - control::get(slot.positions->released), smallest_capacity);
  }
  for (const std::uint64_t exchange : open) writer.end(exchange, 0);
  read_some(~std::size_t{0});
  EXPECT_EQ(heads, opened);
  EXPECT_EQ(ends, opened);
  EXPECT_EQ(slot.exchanges(), opened);
  EXPECT_GT(slot.refused(control::DropReason::tap_full), 0u);
  EXPECT_EQ(control::get(slot.accounts->tap_corrupt), 0u);
}

}  // namespace
}  // namespace understudy::tap
