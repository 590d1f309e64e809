// What each end does when the other end's numbers make no sense.
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "proxy/tap/ring.h"
#include "tests/proxy/tap/ring_fixture.h"

namespace understudy::tap {
namespace {

// Writes until the writer looks at the reader's positions: it does not before the ring seems three quarters full.
void fill_three_quarters(RingWriter& writer) {
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  const std::string piece(4000, 'x');
  for (std::size_t written = 0; written < smallest_capacity * 3 / 4; written += piece.size()) {
    if (!writer.offer(exchange, FrameType::response_body, as_octets(piece), 0)) return;
  }
  writer.end(exchange, 0);
}

TEST(RingWriter, takes_a_released_position_that_it_never_wrote_for_a_full_ring_and_counts_it_once) {
  Slot slot;
  RingWriter writer = slot.writer();
  slot.positions->released = ~std::uint64_t{0};
  fill_three_quarters(writer);
  std::uint64_t exchange = 0;
  EXPECT_FALSE(writer.open(small_request(), 0, exchange));
  EXPECT_FALSE(writer.open(small_request(), 0, exchange));
  EXPECT_EQ(control::get(slot.accounts->tap_corrupt), 1u);
  EXPECT_EQ(slot.refused(control::DropReason::tap_corrupt), 2u);
  EXPECT_EQ(slot.refused(control::DropReason::tap_full), 0u);
}

TEST(RingWriter, takes_a_released_position_that_moves_back_for_a_full_ring) {
  Slot slot;
  RingWriter writer = slot.writer();
  RingReader reader = slot.reader();
  fill_three_quarters(writer);
  take_all(reader);
  fill_three_quarters(writer);
  ASSERT_EQ(control::get(slot.accounts->tap_corrupt), 0u);
  slot.positions->released = 8;
  std::uint64_t exchange = 0;
  EXPECT_FALSE(writer.open(small_request(), 0, exchange));
  EXPECT_EQ(control::get(slot.accounts->tap_corrupt), 1u);
}

TEST(RingWriter, abandons_open_exchanges_as_tap_corrupt_and_goes_on_once_the_positions_are_sound) {
  Slot slot;
  RingWriter writer = slot.writer();
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  slot.positions->released = slot.position() + 1'000'000;
  while (writer.offer(exchange, FrameType::response_body, as_octets(std::string(4000, 'x')), 0)) {
  }
  EXPECT_EQ(control::get(slot.accounts->tap_corrupt), 1u);

  // The supervisor replaces the reader: its successor starts at the claimed position.
  RingReader successor = slot.reader();
  const std::vector<ReadFrame> frames = take_all(successor);
  AbandonPayload abandon{};
  ASSERT_TRUE(decode(as_octets(frames.back().payload), abandon));
  EXPECT_EQ(abandon.reason, control::DropReason::tap_corrupt);
  EXPECT_TRUE(writer.open(small_request(), 0, exchange));
  EXPECT_TRUE(writer.offer(exchange, FrameType::response_body, as_octets(std::string(4000, 'x')), 0));
  writer.end(exchange, 0);
  EXPECT_EQ(take_all(successor).size(), 3u);
}

TEST(RingWriter, starts_behind_positions_that_make_no_sense) {
  Slot slot;
  slot.positions->released = 1ull << 60;
  slot.positions->claimed = 1ull << 60;
  RingWriter writer = slot.writer();
  fill_three_quarters(writer);
  EXPECT_EQ(control::get(slot.accounts->tap_corrupt), 1u);
  RingReader reader = slot.reader();
  FrameView frame;
  EXPECT_EQ(reader.peek(frame), RingReader::State::corrupt);
  reader.skip_all();
  EXPECT_EQ(reader.peek(frame), RingReader::State::empty);
  std::uint64_t exchange = 0;
  EXPECT_TRUE(writer.open(small_request(), 0, exchange));
}

TEST(RingReader, calls_a_published_position_corrupt_that_cannot_be) {
  Slot slot;
  RingWriter writer = slot.writer();
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  RingReader reader = slot.reader();
  take_all(reader);
  const std::uint64_t sound = slot.position();
  FrameView frame;
  for (const std::uint64_t position :
       {std::uint64_t{0}, sound - 8, sound + 1, sound + 31, sound + smallest_capacity + 8, ~std::uint64_t{0}}) {
    slot.accounts->position = position;
    EXPECT_EQ(reader.peek(frame), RingReader::State::corrupt) << position;
  }
  slot.accounts->position = sound;
  EXPECT_EQ(reader.peek(frame), RingReader::State::empty);
  slot.accounts->position = sound - 8;
  EXPECT_EQ(reader.backlog(), 0u);
}

TEST(RingReader, calls_a_frame_corrupt_whose_sizes_cannot_be) {
  Slot slot;
  RingWriter writer = slot.writer();
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  writer.end(exchange, 0);
  RingReader reader = slot.reader();
  const control::Mapping memory(slot.fd, data_offset, smallest_capacity, control::Mapping::Access::write);
  FrameHeader sound;
  std::memcpy(&sound, memory.data(), sizeof sound);
  FrameView frame;
  ASSERT_EQ(reader.peek(frame), RingReader::State::frame);
  const auto peek_with = [&](std::uint32_t size, std::uint32_t payload_size) {
    FrameHeader header = sound;
    header.size = size;
    header.payload_size = payload_size;
    std::memcpy(memory.data(), &header, sizeof header);
    return reader.peek(frame);
  };
  const std::uint32_t published = static_cast<std::uint32_t>(slot.position());
  EXPECT_EQ(peek_with(0, 0), RingReader::State::corrupt);
  EXPECT_EQ(peek_with(24, 0), RingReader::State::corrupt);
  EXPECT_EQ(peek_with(sound.size, sound.size), RingReader::State::corrupt);
  EXPECT_EQ(peek_with(sound.size, 0xffff'fff0), RingReader::State::corrupt);
  EXPECT_EQ(peek_with(sound.size + 8, sound.payload_size), RingReader::State::corrupt);
  EXPECT_EQ(peek_with(published + 8, published + 8 - 32), RingReader::State::corrupt);
  EXPECT_EQ(peek_with(0xffff'fff8, 0xffff'ffd8), RingReader::State::corrupt);
  EXPECT_EQ(peek_with(sound.size, sound.payload_size), RingReader::State::frame);
}

TEST(RingReader, goes_on_behind_what_it_cannot_read) {
  Slot slot;
  RingWriter writer = slot.writer();
  RingReader reader = slot.reader();
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  const control::Mapping memory(slot.fd, data_offset, smallest_capacity, control::Mapping::Access::write);
  std::memset(memory.data(), 0xff, 64);
  FrameView frame;
  ASSERT_EQ(reader.peek(frame), RingReader::State::corrupt);
  reader.skip_all();
  writer.end(exchange, 0);
  const std::vector<ReadFrame> frames = take_all(reader);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].type, FrameType::end);
}

}  // namespace
}  // namespace understudy::tap
