// The shadow plane's side of the accounts: which claimed exchanges are undecided, and how each of them ended.
// Single-threaded.
//
// Every step can be interrupted by SIGKILL and is finished or undone by the successor, so that no exchange is ever
// counted twice or lost:
//   claim   entry.ordinal, entry.claimed_to, state = live   then   readers[slot].claimed = claimed_to   then
//   claimed_exchanges
//           (an entry whose claimed_to is not reached was never claimed: the successor frees it and reads the frame
//           itself)
//   decide  entry.expected = counter + 1, state = deciding  then   counter = expected                   then   state =
//   free
//           (an entry found deciding: the successor stores `expected`, which is the same number whether or not it was
//           stored before)
#pragma once

#include <cstdint>
#include <vector>

#include "proxy/control/counters.h"

namespace understudy::control {

class Decisions {
 public:
  explicit Decisions(ShadowAccounts& accounts);

  // Settles what a predecessor left: half-done decisions are finished, half-done claims undone, every live exchange
  // ends as `reason`. Returns how many ended so. To be called once, before anything is claimed.
  std::uint64_t settle_predecessor(DropReason reason);

  using Index = std::uint32_t;
  static constexpr Index no_entry = ~0u;

  std::size_t room() const { return free_.size(); }
  // Prepares exchange `ordinal` of `slot`, whose head frame ends at `claimed_to`; it counts once claim() has moved
  // there. no_entry where the table is full: claim fewer.
  Index prepare(std::size_t slot, std::uint64_t ordinal, std::uint64_t claimed_to);
  // Moves the claimed position; `exchanges` = ordinal after the last exchange that is now claimed.
  void claim(std::size_t slot, std::uint64_t position, std::uint64_t exchanges);
  // The one place where an exchange ends.
  void decide(Index index, Outcome outcome);

 private:
  void finish(ExchangeEntry& entry);

  ShadowAccounts& accounts_;
  std::vector<Index> free_;
};

}  // namespace understudy::control
