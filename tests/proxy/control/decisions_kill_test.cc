// A shadow plane that is killed again and again wherever it happens to be, and what the last successor finds.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <vector>

#include "proxy/control/decisions.h"
#include "proxy/control/ledger.h"
#include "proxy/control/shared_memory.h"

namespace understudy::control {
namespace {

constexpr std::uint64_t published = 1ull << 40;

// Claims and decides for ever, a few exchanges in flight, as fast as it can.
[[noreturn]] void decide_for_ever(ShadowAccounts& shadow) {
  Decisions decisions(shadow);
  decisions.settle_predecessor(DropReason::shadow_restart);
  std::vector<Decisions::Index> live;
  for (std::uint64_t turn = 0;; ++turn) {
    const std::uint64_t ordinal = get(shadow.readers[0].claimed_exchanges);
    live.push_back(decisions.prepare(0, ordinal, ordinal + 1));
    decisions.claim(0, ordinal + 1, ordinal + 1);
    if (live.size() < 8) continue;
    const std::size_t which = turn % live.size();
    decisions.decide(live[which], static_cast<Outcome>(turn % outcome_count));
    live.erase(live.begin() + static_cast<std::ptrdiff_t>(which));
  }
}

TEST(Decisions, balance_after_kills_at_arbitrary_moments) {
  const int memory = create_shared_memory("shadow", sizeof(ShadowAccounts));
  const Shared<ShadowAccounts> shadow(memory, Mapping::Access::write);
  const int user_memory = create_shared_memory("user", sizeof(UserAccounts));
  const Shared<UserAccounts> user(user_memory, Mapping::Access::write);
  user->exchanges = published;

  for (std::uint64_t kills = 1; kills <= 40; ++kills) {
    const Counter& claimed = shadow->readers[0].claimed_exchanges;
    // A different amount of work each time; then it dies somewhere in the next.
    const std::uint64_t goal = get(claimed) + 37 * kills;
    const pid_t child = ::fork();
    if (child == 0) decide_for_ever(*shadow);
    ASSERT_GT(child, 0);
    while (get(claimed) < goal) {
    }
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  }
  Decisions successor(*shadow);
  successor.settle_predecessor(DropReason::shadow_restart);
  const Ledger ledger = read_ledger({user.get()}, *shadow, false);
  EXPECT_EQ(get(shadow->live), 0u);
  EXPECT_EQ(ledger.in_flight, published - get(shadow->readers[0].claimed_exchanges));
  EXPECT_TRUE(ledger.balanced()) << to_json(ledger);
  EXPECT_GT(ledger.compared(), 0u);
  ::close(memory);
  ::close(user_memory);
}

}  // namespace
}  // namespace understudy::control
