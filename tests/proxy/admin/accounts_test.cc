#include "proxy/admin/accounts.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <limits>

#include "proxy/admin/metrics.h"
#include "tests/proxy/admin/shared_memories.h"

namespace understudy::admin {
namespace {

using control::add;

TEST(Accounts, AreReadFromWhoeverWritesThem) {
  SharedMemories memories;
  const Accounts accounts(memories.resources());
  add(memories.user->exchanges, 5);
  add(memories.user->requests[2], 9);
  add(memories.user->connections_opened, 4);
  add(memories.user->connections_closed, 1);
  add(memories.user->position, 4500);
  memories.user->duration.record(700'000);
  memories.user->mirrored_duration.record(700'000);
  memories.user->random_heldout_duration.record(500'000);
  memories.user->window_heldout_duration.record(400'000);
  memories.user->primary_duration.record(600'000);
  add(memories.user->primary_errors[0], 2);
  add(memories.user->primary_repeated, 7);
  add(memories.user->primary_connected_ms, 77);
  add(memories.shadow->readers[1].released, 4000);
  add(memories.shadow->readers[1].claimed_exchanges, 5);
  add(memories.shadow->outcomes[control::outcome_matched], 5);
  add(memories.shadow->base_eligible, 100);
  add(memories.shadow->evidence_lost, 3);
  add(memories.shadow->upstream_errors[1][2], 6);
  add(memories.shadow->upstream_repeated[1], 8);
  add(memories.shadow->health[1].silent_since_us, 5'000'000);
  add(memories.shadow->health[2].answered_us, 6'000'000);
  add(memories.shadow->health[2].failure, 1 + static_cast<std::uint64_t>(control::FailReason::tls));
  add(memories.shadow->health[2].breaker_open, 1);
  add(memories.shadow->candidate_returns, 2);
  add(memories.shadow->longest_turn_us, 2500);
  add(memories.supervisor->pids[1], 1234);
  add(memories.supervisor->restarts[0], 1);

  const Observed observed = accounts.observe();
  EXPECT_EQ(observed.ledger.eligible, 105u);
  EXPECT_EQ(observed.ledger_of_run.eligible, 5u);
  EXPECT_EQ(observed.ledger_of_run.compared(), 5u);
  EXPECT_EQ(observed.requests[2], 9u);
  EXPECT_EQ(observed.connections, 3u);
  EXPECT_EQ(observed.tap_octets, 500u);
  EXPECT_EQ(observed.duration.count(), 1u);
  EXPECT_NEAR(observed.mirrored_duration.at(0).middle_ns(), 7e5, 1e4);
  EXPECT_NEAR(observed.random_heldout_duration.at(0).middle_ns(), 5e5, 1e4);
  EXPECT_NEAR(observed.window_heldout_duration.at(0).middle_ns(), 4e5, 1e4);
  EXPECT_EQ(observed.upstream_duration[0].sum_ns, 600'000u);
  EXPECT_EQ(observed.upstream_errors[0][0], 2u);
  EXPECT_EQ(observed.upstream_errors[1][2], 6u);
  EXPECT_EQ(observed.upstream_repeated, (std::array<std::uint64_t, 3>{7, 8, 0}));
  EXPECT_EQ(observed.primary_connected_ms, 77);
  EXPECT_EQ(observed.evidence_lost, 3u);
  EXPECT_EQ(observed.health[1].silent_since_us, 5'000'000);
  EXPECT_GT(observed.health[1].silent_s(observed.now_us), 1e9);
  EXPECT_FALSE(observed.health[1].failure);
  EXPECT_EQ(observed.health[2].answered_us, 6'000'000);
  EXPECT_EQ(observed.health[2].failure, control::FailReason::tls);
  EXPECT_TRUE(observed.health[2].breaker_open);
  EXPECT_EQ(observed.health[2].silent_s(observed.now_us), 0);
  EXPECT_EQ(observed.candidate_returns, 2u);
  EXPECT_EQ(observed.pids[1], 1234);
  EXPECT_EQ(observed.restarts[0], 1u);
  EXPECT_EQ(observed.longest_turn_us, 2500u);
  EXPECT_FALSE(observed.last_reload_successful);
}

TEST(Accounts, NonsenseInSharedMemoryHurtsNobody) {
  SharedMemories memories;
  PlaneResources resources = memories.resources();
  resources.slot_fds.resize(control::max_slots + 2, -1);
  resources.slot_fds.back() = memories.user.readable();
  const Accounts accounts(resources);
  std::memset(static_cast<void*>(&*memories.user), 0xff, sizeof(control::UserAccounts));
  std::memset(static_cast<void*>(&*memories.shadow), 0xff, sizeof(control::ShadowAccounts));
  std::memset(static_cast<void*>(&*memories.supervisor), 0xff, sizeof(control::SupervisorAccounts));
  const Observed observed = accounts.observe();
  EXPECT_EQ(observed.pids[0], 0);
  EXPECT_FALSE(observed.health[1].failure);
  EXPECT_EQ(observed.health[1].silent_s(observed.now_us), 0);
  EXPECT_FALSE(accounts.shadow_lives());
  EXPECT_EQ(observed.primary_connected_ms, std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(render_metrics(observed, usage_of_planes(observed)).empty());

  std::memset(static_cast<void*>(&*memories.shadow), 0, sizeof(control::ShadowAccounts));
  EXPECT_LE(accounts.observe().tap_octets, sizeof(control::UserAccounts));
}

TEST(Accounts, AChangeOfTheSwitchLeavesTheRestAndRaisesTheGeneration) {
  SharedMemories memories;
  Accounts accounts(memories.resources());
  EXPECT_EQ(accounts.change({std::nullopt, 12.25}), 1u);
  EXPECT_EQ(control::get(memories.mirror->percent_micros), 12'250'000u);
  EXPECT_EQ(control::get(memories.mirror->percent_set), 1u);
  EXPECT_EQ(control::get(memories.mirror->enabled_set), 0u);
  EXPECT_FALSE(accounts.is_seen(1));
  EXPECT_EQ(accounts.change({false, std::nullopt}), 2u);
  EXPECT_EQ(control::get(memories.mirror->off), 1u);
  EXPECT_EQ(control::get(memories.mirror->percent_micros), 12'250'000u);
  EXPECT_EQ(control::get(memories.mirror->generation), 2u);
  const Observed observed = accounts.observe();
  EXPECT_TRUE(observed.enabled_set);
  EXPECT_FALSE(observed.enabled);
  EXPECT_EQ(observed.percent, 12.25);
  add(memories.shadow->switch_seen, 2);
  EXPECT_TRUE(accounts.is_seen(2));
}

TEST(Accounts, ThisProcessIsAlive) {
  EXPECT_TRUE(is_alive(getpid()));
  EXPECT_FALSE(is_alive(0));
  EXPECT_FALSE(is_alive(-1));
}

}  // namespace
}  // namespace understudy::admin
