#include "proxy/supervisor/slots.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <vector>

#include "proxy/control/decisions.h"
#include "proxy/control/ledger.h"
#include "proxy/tap/ring.h"

namespace understudy::supervisor {
namespace {

constexpr std::size_t capacity = 256 * 1024;
using Indexes = std::vector<unsigned>;

struct Fixture {
  std::unique_ptr<control::ShadowAccounts> shadow = std::make_unique<control::ShadowAccounts>();
  Slots slots{*shadow};

  // A user plane's thread that offers `exchanges` and then is gone, in the middle of all of them.
  void offer(unsigned slot, int exchanges) {
    tap::RingWriter writer(slots.writable(slot), shadow->readers[slot]);
    tap::RequestHeadParts head;
    head.method = "GET";
    head.target = "/";
    std::uint64_t exchange = 0;
    for (int i = 0; i < exchanges; ++i) ASSERT_TRUE(writer.open(head, 0, exchange));
  }
  // A shadow plane that claims and releases everything and decides nothing.
  void claim_all(unsigned slot) {
    control::Decisions decisions(*shadow);
    tap::RingReader reader(slots.readable(slot), shadow->readers[slot]);
    for (tap::FrameView frame; reader.peek(frame) == tap::RingReader::State::frame; reader.release(frame)) {
      if (frame.type == tap::FrameType::request_head) {
        decisions.prepare(slot, frame.exchange, frame.next);
        decisions.claim(slot, frame.next, frame.exchange + 1);
      } else {
        reader.claim(frame);
      }
    }
  }
  control::Ledger ledger() { return control::read_ledger(slots.all_accounts(), *shadow, false); }
};

TEST(Slots, are_used_again_before_new_ones_are_made) {
  Fixture fixture;
  const Indexes first = fixture.slots.take(2, capacity);
  const Indexes second = fixture.slots.take(3, capacity);
  EXPECT_EQ(first, (Indexes{0, 1}));
  EXPECT_EQ(second, (Indexes{2, 3, 4}));
  fixture.slots.give_back(first);
  EXPECT_EQ(fixture.slots.take(3, capacity), (Indexes{0, 1, 5}));
}

TEST(Slots, of_another_size_are_used_only_where_no_more_can_be_made) {
  Fixture fixture;
  fixture.slots.give_back(fixture.slots.take(1, capacity));
  EXPECT_EQ(fixture.slots.take(1, 2 * capacity), (Indexes{1}));
  while (fixture.slots.count() < control::max_slots)
    ASSERT_EQ(fixture.slots.take(15, capacity + 4096).size(), 15u) << fixture.slots.count();
}

TEST(Slots, are_all_taken_or_none) {
  Fixture fixture;
  ASSERT_EQ(fixture.slots.take(control::max_slots - 1, capacity).size(), control::max_slots - 1);
  EXPECT_TRUE(fixture.slots.take(2, capacity).empty());
  EXPECT_EQ(fixture.slots.take(1, capacity).size(), 1u);
  EXPECT_TRUE(fixture.slots.take(1, capacity).empty());
}

TEST(Slots, keep_their_accounts_from_one_generation_to_the_next) {
  Fixture fixture;
  const Indexes slot = fixture.slots.take(1, capacity);
  fixture.offer(slot[0], 3);
  fixture.slots.give_back(slot);
  ASSERT_EQ(fixture.slots.take(1, capacity), slot);
  EXPECT_EQ(control::get(fixture.slots.accounts(slot[0]).exchanges), 3u);
  EXPECT_EQ(fixture.ledger().in_flight, 3u);
}

TEST(Slots, given_back_tell_the_reader_that_what_was_open_is_lost) {
  Fixture fixture;
  const Indexes slot = fixture.slots.take(1, capacity);
  fixture.offer(slot[0], 1);
  fixture.slots.give_back(slot);
  tap::RingReader reader(fixture.slots.readable(slot[0]), fixture.shadow->readers[slot[0]]);
  tap::FrameView frame;
  ASSERT_EQ(reader.peek(frame), tap::RingReader::State::frame);
  reader.claim(frame);
  ASSERT_EQ(reader.peek(frame), tap::RingReader::State::frame);
  EXPECT_EQ(frame.type, tap::FrameType::restart);
}

// The store's ledger is read from the accounts of all of them.
TEST(Slots, stay_in_the_list_when_they_are_drained_and_unused) {
  Fixture fixture;
  const Indexes slots = fixture.slots.take(2, capacity);
  fixture.offer(slots[1], 1);
  fixture.slots.give_back(slots);
  fixture.claim_all(1);
  EXPECT_EQ(fixture.slots.all(), (Indexes{0, 1}));
}

std::uint64_t octets_held(int fd) {
  struct stat status{};
  EXPECT_EQ(::fstat(fd, &status), 0);
  return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

TEST(Slots, give_the_memory_of_rings_back_that_are_read_to_the_end_and_unused) {
  Fixture fixture;
  const Indexes slot = fixture.slots.take(1, capacity);
  fixture.offer(slot[0], 1000);
  const std::uint64_t before = octets_held(fixture.slots.writable(0));
  EXPECT_GT(before, 64u * 1024);
  fixture.slots.trim();
  fixture.slots.give_back(slot);
  fixture.slots.trim();
  EXPECT_EQ(octets_held(fixture.slots.writable(0)), before);
  fixture.claim_all(0);
  fixture.slots.trim();
  EXPECT_LT(octets_held(fixture.slots.writable(0)), 64u * 1024);
  // The accounts stay, and the ring works again.
  EXPECT_EQ(control::get(fixture.slots.accounts(0).exchanges), 1000u);
  ASSERT_EQ(fixture.slots.take(1, capacity), slot);
  fixture.offer(slot[0], 1);
  EXPECT_EQ(control::get(fixture.slots.accounts(0).exchanges), 1001u);
}

TEST(SettleShutdown, ends_what_was_claimed_and_what_was_not) {
  Fixture fixture;
  const Indexes slots = fixture.slots.take(2, capacity);
  fixture.offer(slots[0], 3);
  fixture.claim_all(slots[0]);
  fixture.offer(slots[0], 2);
  fixture.offer(slots[1], 4);
  fixture.slots.give_back(slots);
  EXPECT_EQ(fixture.ledger().in_flight, 9u);
  EXPECT_EQ(settle_shutdown(*fixture.shadow, fixture.slots.all_accounts()), 9u);
  const control::Ledger ledger = fixture.ledger();
  EXPECT_EQ(ledger.in_flight, 0u);
  EXPECT_EQ(ledger.outcomes[control::dropped(control::DropReason::shutdown)], 9u);
  EXPECT_TRUE(ledger.balanced()) << control::to_json(ledger);
  EXPECT_EQ(settle_shutdown(*fixture.shadow, fixture.slots.all_accounts()), 0u);
}

}  // namespace
}  // namespace understudy::supervisor
