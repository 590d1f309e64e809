// Every store of a claim and of a decision can be the last one before SIGKILL. The tests replay the stores of
// decisions.h one by one, stop after each, and let a successor settle.
#include "proxy/control/decisions.h"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "tests/proxy/control/accounts_fixture.h"

namespace understudy::control {
namespace {

constexpr Outcome restarted = dropped(DropReason::shadow_restart);

TEST(Decisions, end_each_claimed_exchange_in_one_place) {
  const Accounts accounts;
  accounts.publish(3);
  Decisions decisions(*accounts.shadow);
  const Decisions::Index first = claim_next(decisions, accounts);
  const Decisions::Index second = claim_next(decisions, accounts);
  EXPECT_EQ(accounts.ledger().in_flight, 3u);
  decisions.decide(second, outcome_differed);
  decisions.decide(first, failed(Role::candidate, FailReason::reset));
  const Ledger ledger = accounts.ledger();
  expect_balanced(ledger);
  EXPECT_EQ(ledger.eligible, 3u);
  EXPECT_EQ(ledger.in_flight, 1u);
  EXPECT_EQ(ledger.compared(), 1u);
  EXPECT_EQ(ledger.failed_in_all(), 1u);
}

TEST(Decisions, have_room_for_a_fixed_number_of_live_exchanges) {
  const Accounts accounts;
  accounts.publish(max_live_exchanges + 1);
  Decisions decisions(*accounts.shadow);
  Decisions::Index last = Decisions::no_entry;
  for (std::size_t i = 0; i < max_live_exchanges; ++i) last = claim_next(decisions, accounts);
  EXPECT_EQ(decisions.room(), 0u);
  EXPECT_EQ(claim_next(decisions, accounts), Decisions::no_entry);
  expect_balanced(accounts.ledger());
  decisions.decide(last, outcome_matched);
  EXPECT_EQ(decisions.room(), 1u);
  EXPECT_NE(claim_next(decisions, accounts), Decisions::no_entry);
  expect_balanced(accounts.ledger());
}

TEST(Decisions, of_a_predecessor_that_left_nothing_are_not_touched) {
  const Accounts accounts;
  accounts.publish(1);
  {
    Decisions decisions(*accounts.shadow);
    decisions.decide(claim_next(decisions, accounts), outcome_matched);
  }
  Decisions successor(*accounts.shadow);
  EXPECT_EQ(successor.settle_predecessor(DropReason::shadow_restart), 0u);
  EXPECT_EQ(accounts.outcome(outcome_matched), 1u);
  EXPECT_EQ(successor.room(), max_live_exchanges);
}

// --- a killed claim
// ----------------------------------------------------------------------------------------------------------------------

// The stores of prepare() and claim() for exchange 1 of slot 0, in their order.
std::vector<std::function<void(const Accounts&)>> stores_of_a_claim(ExchangeEntry& entry) {
  return {[&](const Accounts&) { entry.slot_and_outcome = 0; },
          [&](const Accounts&) { entry.ordinal = 1; },
          [&](const Accounts&) { entry.claimed_to = 200; },
          [&](const Accounts&) { entry.state = EntryState::live; },
          [&](const Accounts& accounts) { add(accounts.shadow->live); },
          [&](const Accounts& accounts) { accounts.shadow->readers[0].claimed = 200; },
          [&](const Accounts& accounts) { accounts.shadow->readers[0].claimed_exchanges = 2; }};
}

TEST(Decisions, survive_a_kill_between_any_two_stores_of_a_claim) {
  for (std::size_t stores = 0; stores <= 7; ++stores) {
    SCOPED_TRACE("killed after " + std::to_string(stores) + " stores");
    const Accounts accounts;
    accounts.publish(2);
    {
      Decisions predecessor(*accounts.shadow);
      predecessor.decide(claim_next(predecessor, accounts), outcome_matched);
    }
    // An entry that was used before still bears what it held then.
    ExchangeEntry& entry = accounts.shadow->entries[0];
    const auto steps = stores_of_a_claim(entry);
    for (std::size_t i = 0; i < stores; ++i) steps[i](accounts);

    Decisions successor(*accounts.shadow);
    const std::uint64_t settled = successor.settle_predecessor(DropReason::shadow_restart);
    const bool was_claimed = accounts.claimed() == 200;
    EXPECT_EQ(was_claimed, stores >= 6);
    EXPECT_EQ(settled, was_claimed ? 1u : 0u);
    EXPECT_EQ(accounts.outcome(restarted), settled);
    EXPECT_EQ(accounts.claimed_exchanges(), was_claimed ? 2u : 1u);
    EXPECT_EQ(successor.room(), max_live_exchanges);
    EXPECT_EQ(accounts.ledger().in_flight, was_claimed ? 0u : 1u);
    expect_balanced(accounts.ledger());
  }
}

TEST(Decisions, settle_every_copy_of_a_claimed_head_and_undo_every_copy_of_one_that_was_not) {
  for (const bool claimed : {false, true}) {
    const Accounts accounts;
    add(accounts.user->position, 100);
    add(accounts.user->exchanges, 3);  // one head frame, three copies
    {
      Decisions predecessor(*accounts.shadow);
      for (std::uint64_t copy = 0; copy < 3; ++copy) predecessor.prepare(0, copy, 100);
      // Killed before the second store of claim().
      if (claimed) accounts.shadow->readers[0].claimed = 100;
    }
    Decisions successor(*accounts.shadow);
    EXPECT_EQ(successor.settle_predecessor(DropReason::shadow_restart), claimed ? 3u : 0u);
    EXPECT_EQ(accounts.claimed_exchanges(), claimed ? 3u : 0u);
    EXPECT_EQ(accounts.ledger().in_flight, claimed ? 0u : 3u);
    expect_balanced(accounts.ledger());
  }
}

// --- a killed decision
// -------------------------------------------------------------------------------------------------------------------

// The stores of decide() for `entry`, in their order.
std::vector<std::function<void(const Accounts&)>> stores_of_a_decision(ExchangeEntry& entry, Outcome outcome,
                                                                       std::uint64_t expected) {
  return {[&, outcome](const Accounts&) { entry.slot_and_outcome = outcome; },
          [&, expected](const Accounts&) { entry.expected = expected; },
          [&](const Accounts&) { entry.state = EntryState::deciding; },
          [outcome, expected](const Accounts& accounts) { accounts.shadow->outcomes[outcome] = expected; },
          [&](const Accounts&) { entry.state = EntryState::free; },
          [](const Accounts& accounts) { accounts.shadow->live = get(accounts.shadow->live) - 1; }};
}

TEST(Decisions, survive_a_kill_between_any_two_stores_of_a_decision) {
  // With an outcome of its own, and with the very one that the successor's own settlement writes.
  for (const Outcome outcome : {outcome_matched, restarted}) {
    for (std::size_t stores = 0; stores <= 6; ++stores) {
      SCOPED_TRACE("outcome " + std::to_string(outcome) + ", killed after " + std::to_string(stores) + " stores");
      const Accounts accounts;
      accounts.publish(3);
      Decisions::Index before, deciding, after;
      {
        Decisions predecessor(*accounts.shadow);
        before = claim_next(predecessor, accounts);
        deciding = claim_next(predecessor, accounts);
        after = claim_next(predecessor, accounts);
      }
      ASSERT_LT(before, deciding);
      ASSERT_LT(deciding, after);
      const auto steps = stores_of_a_decision(accounts.shadow->entries[deciding], outcome, 1);
      for (std::size_t i = 0; i < stores; ++i) steps[i](accounts);

      Decisions successor(*accounts.shadow);
      EXPECT_EQ(successor.settle_predecessor(DropReason::shadow_restart), stores >= 3 ? 2u : 3u);
      const std::uint64_t decided = accounts.outcome(outcome_matched) + accounts.outcome(restarted);
      EXPECT_EQ(decided, 3u);
      EXPECT_EQ(accounts.outcome(outcome_matched), outcome == outcome_matched && stores >= 3 ? 1u : 0u);
      EXPECT_EQ(successor.room(), max_live_exchanges);
      EXPECT_EQ(accounts.ledger().in_flight, 0u);
      expect_balanced(accounts.ledger());
    }
  }
}

TEST(Decisions, do_not_follow_numbers_that_make_no_sense) {
  const Accounts accounts;
  ExchangeEntry& wild = accounts.shadow->entries[7];
  wild.slot_and_outcome = 0xffff'ffffu;
  wild.state = EntryState::deciding;
  ExchangeEntry& nowhere = accounts.shadow->entries[9];
  nowhere.slot_and_outcome = static_cast<std::uint32_t>(max_slots << 8);
  nowhere.state = EntryState::live;
  Decisions successor(*accounts.shadow);
  EXPECT_EQ(successor.settle_predecessor(DropReason::shadow_restart), 0u);
  EXPECT_EQ(get(accounts.shadow->live), 0u);
  EXPECT_EQ(successor.room(), max_live_exchanges);
}

}  // namespace
}  // namespace understudy::control
