// One slot's accounts and the shadow plane's, as they stand in shared memory, and what must hold of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>

#include "proxy/control/decisions.h"
#include "proxy/control/ledger.h"

namespace understudy::control {

struct Accounts {
  std::unique_ptr<UserAccounts> user = std::make_unique<UserAccounts>();
  std::unique_ptr<ShadowAccounts> shadow = std::make_unique<ShadowAccounts>();

  Ledger ledger() const { return read_ledger({user.get()}, *shadow, false); }
  std::uint64_t outcome(Outcome which) const { return get(shadow->outcomes[which]); }
  // `count` head frames of 100 octets each.
  void publish(std::uint64_t count) const {
    add(user->position, 100 * count);
    add(user->exchanges, count);
  }
  std::uint64_t claimed() const { return get(shadow->readers[0].claimed); }
  std::uint64_t claimed_exchanges() const { return get(shadow->readers[0].claimed_exchanges); }
};

// Reads the next published exchange of slot 0 as the shadow plane does.
inline Decisions::Index claim_next(Decisions& decisions, const Accounts& accounts) {
  const std::uint64_t ordinal = accounts.claimed_exchanges();
  const Decisions::Index index = decisions.prepare(0, ordinal, accounts.claimed() + 100);
  if (index != Decisions::no_entry) decisions.claim(0, accounts.claimed() + 100, ordinal + 1);
  return index;
}

inline void expect_balanced(const Ledger& ledger) {
  EXPECT_TRUE(ledger.balanced()) << to_json(ledger);
}

}  // namespace understudy::control
