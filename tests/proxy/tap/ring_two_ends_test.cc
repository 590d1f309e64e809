// Producer and consumer at full speed on threads of their own, as two processes would: run under ThreadSanitizer too.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "proxy/tap/ring.h"
#include "tests/proxy/tap/ring_fixture.h"

namespace understudy::tap {
namespace {

constexpr std::uint64_t wanted_exchanges = 20'000;

// The body of exchange n says n, so that a frame read from the wrong place shows.
std::string body_of(std::uint64_t exchange) {
  return std::string(exchange % 700, static_cast<char>('a' + exchange % 26));
}

TEST(RingWithTwoEnds, loses_and_mixes_up_nothing) {
  Slot slot;
  std::thread producer([&slot] {
    RingWriter writer = slot.writer();
    for (std::uint64_t opened = 0; opened < wanted_exchanges;) {
      std::uint64_t exchange = 0;
      if (!writer.open(small_request(), 0, exchange)) continue;
      ++opened;
      if (writer.offer(exchange, FrameType::response_body, as_octets(body_of(exchange)), 0)) writer.end(exchange, 0);
    }
  });
  RingReader reader = slot.reader();
  std::uint64_t heads = 0, ended = 0, wrong = 0;
  while (ended < wanted_exchanges) {
    FrameView frame;
    const RingReader::State state = reader.peek(frame);
    if (state == RingReader::State::corrupt) break;
    if (state == RingReader::State::empty) continue;
    reader.claim(frame);
    const std::string payload(reinterpret_cast<const char*>(frame.payload.data()), frame.payload.size());
    if (frame.type == FrameType::request_head) wrong += frame.exchange != heads++;
    if (frame.type == FrameType::response_body) wrong += payload != body_of(frame.exchange);
    ended += frame.type == FrameType::end || frame.type == FrameType::abandon;
    reader.release(frame);
  }
  producer.join();
  EXPECT_EQ(heads, wanted_exchanges);
  EXPECT_EQ(ended, wanted_exchanges);
  EXPECT_EQ(wrong, 0u);
  EXPECT_EQ(slot.exchanges(), wanted_exchanges);
  EXPECT_EQ(control::get(slot.accounts->tap_corrupt), 0u);
}

}  // namespace
}  // namespace understudy::tap
