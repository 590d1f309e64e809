// One end dies and another process takes its place: the producer at every store of a publication, the reader between
// claim and release, and a producer that is killed wherever it happens to be.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <new>
#include <set>
#include <string>
#include <vector>

#include "proxy/tap/ring.h"
#include "tests/proxy/tap/ring_fixture.h"

namespace understudy::tap {
namespace {

TEST(RingTakeover, by_a_producer_tells_the_reader_that_open_exchanges_are_lost) {
  Slot slot;
  RingReader reader = slot.reader();
  std::uint64_t exchange = 0;
  {
    RingWriter predecessor = slot.writer();
    ASSERT_TRUE(predecessor.open(small_request(), 0, exchange));
    ASSERT_TRUE(predecessor.offer(exchange, FrameType::response_body, as_octets("half"), 0));
  }
  RingWriter successor = slot.writer();
  ASSERT_TRUE(successor.open(small_request(), 0, exchange));
  EXPECT_EQ(exchange, 1u);
  const std::vector<ReadFrame> frames = take_all(reader);
  ASSERT_EQ(frames.size(), 4u);
  EXPECT_EQ(frames[2].type, FrameType::restart);
  EXPECT_EQ(frames[3].type, FrameType::request_head);
  EXPECT_EQ(frames[3].exchange, 1u);
}

TEST(RingTakeover, of_a_fresh_slot_publishes_nothing) {
  Slot slot;
  slot.writer();
  slot.writer();
  EXPECT_EQ(slot.position(), 0u);
}

TEST(RingTakeover, has_room_for_the_restart_frame_in_a_full_ring_however_often_it_happens) {
  Slot slot;
  std::uint64_t exchange = 0;
  std::uint64_t opened = 0;
  {
    RingWriter predecessor = slot.writer();
    while (predecessor.open(small_request(), 0, exchange)) ++opened;
  }
  // No end frame was written: their room is the successors'.
  for (int times = 0; times < 10'000; ++times) {
    RingWriter successor = slot.writer();
    opened += successor.open(small_request(), 0, exchange);
    ASSERT_LE(slot.position(), smallest_capacity);
  }
  EXPECT_EQ(slot.exchanges(), opened);
  RingReader reader = slot.reader();
  const std::vector<ReadFrame> frames = take_all(reader);
  EXPECT_EQ(frames.back().type, FrameType::restart);
  std::uint64_t heads = 0;
  for (const ReadFrame& frame : frames) heads += frame.type == FrameType::request_head;
  EXPECT_EQ(heads, opened);
}

// The journal: whatever the last store before the kill, the counter of exchanges equals the head frames that the reader
// finds.
TEST(RingTakeover, counts_an_exchange_exactly_when_its_head_was_published) {
  for (std::size_t stores = 0; stores <= 4; ++stores) {
    SCOPED_TRACE("killed after " + std::to_string(stores) + " stores");
    Slot slot;
    std::uint64_t exchange = 0;
    RingWriter predecessor = slot.writer();
    ASSERT_TRUE(predecessor.open(small_request(), 0, exchange));
    const std::uint64_t before = slot.position();
    // A whole publication of a head of two copies, of which only the first stores are kept.
    ASSERT_TRUE(predecessor.open(small_request(2), 0, exchange));
    const std::uint64_t after = slot.position();
    control::UserAccounts& accounts = *slot.accounts;
    accounts.pending_position = stores >= 1 ? after : before;
    accounts.pending_exchanges = stores >= 2 ? 3 : 1;
    accounts.position = stores >= 3 ? after : before;
    accounts.exchanges = stores >= 4 ? 3 : 1;

    RingWriter successor = slot.writer();
    EXPECT_EQ(slot.exchanges(), stores >= 3 ? 3u : 1u);
    // And the successor may be killed in its first publication too.
    ASSERT_TRUE(successor.open(small_request(), 0, exchange));
    EXPECT_EQ(exchange, stores >= 3 ? 3u : 1u);
    slot.accounts->exchanges = exchange;
    slot.writer();
    EXPECT_EQ(slot.exchanges(), exchange + 1);

    RingReader reader = slot.reader();
    std::uint64_t copies = 0;
    for (const ReadFrame& frame : take_all(reader)) {
      DecodedRequestHead head;
      if (frame.type != FrameType::request_head) continue;
      EXPECT_EQ(frame.exchange, copies);
      ASSERT_TRUE(decode(as_octets(frame.payload), head));
      copies += head.copies;
    }
    EXPECT_EQ(copies, slot.exchanges());
  }
}

TEST(RingTakeover, by_a_reader_starts_at_the_claimed_position_and_frees_what_was_claimed) {
  Slot slot;
  RingWriter writer = slot.writer();
  std::uint64_t exchange = 0;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  FrameView frame;
  {
    RingReader predecessor = slot.reader();
    ASSERT_EQ(predecessor.peek(frame), RingReader::State::frame);
    predecessor.claim(frame);
    // Killed by what the frame contains, before it could release it.
  }
  RingReader successor = slot.reader();
  EXPECT_EQ(control::get(slot.positions->released), control::get(slot.positions->claimed));
  const std::vector<ReadFrame> frames = take_all(successor);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_EQ(frames[0].exchange, 1u);
}

TEST(RingTakeover, by_a_reader_reads_an_unclaimed_frame_that_its_predecessor_only_looked_at) {
  Slot slot;
  RingWriter writer = slot.writer();
  std::uint64_t exchange = 0;
  ASSERT_TRUE(writer.open(small_request(), 0, exchange));
  FrameView frame;
  RingReader predecessor = slot.reader();
  ASSERT_EQ(predecessor.peek(frame), RingReader::State::frame);
  RingReader successor = slot.reader();
  EXPECT_EQ(take_all(successor).size(), 1u);
}

// --- killed at arbitrary moments
// ---------------------------------------------------------------------------------------------------------

[[noreturn]] void produce_for_ever(Slot& slot, std::atomic<bool>& begun) {
  RingWriter writer = slot.writer();
  begun.store(true);
  const std::string body(300, 'b');
  for (std::uint32_t turn = 0;; ++turn) {
    std::uint64_t exchange = 0;
    if (!writer.open(small_request(1 + turn % 3), 0, exchange)) continue;
    if (writer.offer(exchange, FrameType::response_body, as_octets(body), 0)) writer.end(exchange, 0);
  }
}

TEST(RingTakeover, of_producers_killed_at_arbitrary_moments_balances) {
  Slot slot;
  RingReader reader = slot.reader();
  void* memory = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto& begun = *new (memory) std::atomic<bool>(false);

  std::uint64_t copies = 0;
  std::set<std::uint64_t> open;
  const auto read = [&](std::uint64_t goal) {
    for (ReadFrame frame; copies < goal && take(reader, frame);) {
      DecodedRequestHead head;
      switch (frame.type) {
        case FrameType::request_head:
          ASSERT_EQ(frame.exchange, copies);
          ASSERT_TRUE(decode(as_octets(frame.payload), head));
          copies += head.copies;
          open.insert(frame.exchange);
          break;
        case FrameType::restart:
          open.clear();
          break;
        case FrameType::end:
        case FrameType::abandon:
          ASSERT_EQ(open.erase(frame.exchange), 1u);
          break;
        default:
          ASSERT_EQ(open.count(frame.exchange), 1u);
      }
    }
    FrameView frame;
    ASSERT_NE(reader.peek(frame), RingReader::State::corrupt);
  };
  for (std::uint64_t kills = 1; kills <= 40; ++kills) {
    begun.store(false);
    const pid_t child = ::fork();
    if (child == 0) produce_for_ever(slot, begun);
    ASSERT_GT(child, 0);
    while (!begun.load()) {
    }
    // A different amount of work each time; then it dies somewhere in the next.
    for (const std::uint64_t goal = copies + 37 * kills; copies < goal;) ASSERT_NO_FATAL_FAILURE(read(goal));
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  }
  slot.writer();  // the last successor
  ASSERT_NO_FATAL_FAILURE(read(~std::uint64_t{0}));
  EXPECT_EQ(copies, slot.exchanges());
  EXPECT_TRUE(open.empty());
  EXPECT_EQ(control::get(slot.accounts->tap_corrupt), 0u);
  ::munmap(memory, 4096);
}

}  // namespace
}  // namespace understudy::tap
