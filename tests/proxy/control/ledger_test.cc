#include "proxy/control/ledger.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/proxy/control/accounts_fixture.h"

namespace understudy::control {
namespace {

TEST(Ledger, of_nothing_is_balanced_and_names_every_place) {
  const Accounts accounts;
  expect_balanced(accounts.ledger());
  const std::string json = to_json(accounts.ledger());
  EXPECT_EQ(json,
            "{\"eligible\":0,\"heldout\":0,\"in_flight\":0,\"compared\":0,\"matched\":0,\"differed\":0,"
            "\"dropped\":{\"tap_full\":0,\"tap_corrupt\":0,\"shadow_restart\":0,\"user_restart\":0,\"reload\":0,\"in_"
            "flight_limit\":0,"
            "\"lagging\":0,\"breaker_open\":0,\"client_aborted\":0,\"switched_off\":0,\"shutdown\":0,\"memory\":0,"
            "\"gave_up\":0},"
            "\"failed\":{\"primary\":{\"refused\":0,\"connect_timeout\":0,\"tls\":0,\"timeout\":0,\"deadline\":0,"
            "\"reset\":0,\"truncated\":0,"
            "\"protocol\":0},\"candidate\":{\"refused\":0,\"connect_timeout\":0,\"tls\":0,\"timeout\":0,\"deadline\":0,"
            "\"reset\":0,"
            "\"truncated\":0,\"protocol\":0}}}");
}

TEST(Ledger, counts_a_refused_offer_as_eligible_and_as_dropped) {
  const Accounts accounts;
  add(accounts.user->refused[static_cast<std::size_t>(DropReason::tap_full)], 3);
  const Ledger ledger = accounts.ledger();
  EXPECT_EQ(ledger.eligible, 3u);
  EXPECT_EQ(ledger.dropped_in_all(), 3u);
  EXPECT_EQ(ledger.outcomes[dropped(DropReason::tap_full)], 3u);
  expect_balanced(ledger);
}

TEST(Ledger, counts_what_is_published_and_unread_as_in_flight) {
  const Accounts accounts;
  accounts.publish(5);
  add(accounts.user->heldout, 2);
  const Ledger ledger = accounts.ledger();
  EXPECT_EQ(ledger.eligible, 5u);
  EXPECT_EQ(ledger.in_flight, 5u);
  EXPECT_EQ(ledger.heldout, 2u);
  expect_balanced(ledger);
}

TEST(Ledger, sums_over_slots_and_passes_over_those_that_are_not_there) {
  const Accounts accounts;
  accounts.publish(2);
  const auto other = std::make_unique<UserAccounts>();
  add(other->exchanges, 3);
  const Ledger ledger = read_ledger({accounts.user.get(), nullptr, other.get()}, *accounts.shadow, false);
  EXPECT_EQ(ledger.eligible, 5u);
  EXPECT_EQ(ledger.in_flight, 5u);
  expect_balanced(ledger);
}

TEST(Ledger, adds_what_earlier_runs_left_only_when_asked) {
  const Accounts accounts;
  accounts.shadow->base_eligible = 10;
  accounts.shadow->base_heldout = 1;
  accounts.shadow->base_outcomes[outcome_matched] = 10;
  EXPECT_EQ(accounts.ledger().eligible, 0u);
  const Ledger with_base = read_ledger({accounts.user.get()}, *accounts.shadow, true);
  EXPECT_EQ(with_base.eligible, 10u);
  EXPECT_EQ(with_base.heldout, 1u);
  EXPECT_EQ(with_base.compared(), 10u);
  expect_balanced(with_base);
}

TEST(Ledger, does_not_balance_when_an_exchange_is_lost) {
  const Accounts accounts;
  accounts.publish(2);
  accounts.shadow->readers[0].claimed_exchanges = 1;
  EXPECT_FALSE(accounts.ledger().balanced());
}

}  // namespace
}  // namespace understudy::control
