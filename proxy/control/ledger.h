// The ledger: reads the accounts of all writers and sums them. Called by the admin plane (ledger, metrics, verdict), by
// the shadow plane (what the store keeps) and by the supervisor (its last line).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "proxy/control/counters.h"

namespace understudy::control {

struct Ledger {
  std::uint64_t eligible = 0;
  std::uint64_t heldout = 0;
  std::uint64_t in_flight =
      0;  // heads published and not claimed + claimed and not decided: counted, not eligible minus the rest
  std::array<std::uint64_t, outcome_count> outcomes{};

  std::uint64_t compared() const { return outcomes[outcome_matched] + outcomes[outcome_differed]; }
  std::uint64_t dropped_in_all() const;
  std::uint64_t failed_in_all() const;
  // Holds whenever nothing moves while it is read: eligible = compared + dropped + failed + in flight.
  bool balanced() const { return eligible == compared() + dropped_in_all() + failed_in_all() + in_flight; }
};

// What is left of `all` where `part` is taken away; never below zero.
Ledger without(Ledger all, const Ledger& part);

// `users`: the accounts of every slot, null where a slot is not there. `with_base` adds what earlier runs left in the
// store. The numbers are read again (a few times at most) while they move, so that a quiet program always gives
// balanced accounts.
Ledger read_ledger(const std::vector<const UserAccounts*>& users, const ShadowAccounts& shadow, bool with_base);

// The contract's object of GET /api/v1/ledger, on one line.
std::string to_json(const Ledger& ledger);

}  // namespace understudy::control
