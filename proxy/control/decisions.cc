#include "proxy/control/decisions.h"

namespace understudy::control {

Decisions::Decisions(ShadowAccounts& accounts) : accounts_(accounts) {
  free_.reserve(max_live_exchanges);
  for (Index index = max_live_exchanges; index-- > 0;) {
    if (accounts.entries[index].state.load(std::memory_order_acquire) == EntryState::free) free_.push_back(index);
  }
}

std::uint64_t Decisions::settle_predecessor(DropReason reason) {
  std::uint64_t settled = 0;
  std::uint64_t live = 0;
  for (const ExchangeEntry& entry : accounts_.entries)
    live += entry.state.load(std::memory_order_acquire) != EntryState::free;
  accounts_.live.store(live, std::memory_order_relaxed);
  // The half-done decision first: what it expects of its counter holds only until the next decision of the same
  // outcome.
  for (Index index = 0; index < max_live_exchanges; ++index) {
    if (accounts_.entries[index].state.load(std::memory_order_acquire) != EntryState::deciding) continue;
    finish(accounts_.entries[index]);
    free_.push_back(index);
  }
  for (Index index = 0; index < max_live_exchanges; ++index) {
    ExchangeEntry& entry = accounts_.entries[index];
    if (entry.state.load(std::memory_order_acquire) != EntryState::live) continue;
    const std::size_t slot = entry.slot_and_outcome.load(std::memory_order_relaxed) >> 8;
    if (slot < max_slots && get(entry.claimed_to) <= get(accounts_.readers[slot].claimed)) {
      // Between the two stores of claim() no exchange is decided, so the entry itself tells what was claimed.
      Counter& claimed = accounts_.readers[slot].claimed_exchanges;
      if (get(entry.ordinal) + 1 > get(claimed)) claimed.store(get(entry.ordinal) + 1, std::memory_order_relaxed);
      decide(index, dropped(reason));
      ++settled;
    } else {
      entry.state.store(EntryState::free, std::memory_order_release);
      accounts_.live.store(get(accounts_.live) - 1, std::memory_order_relaxed);
      free_.push_back(index);
    }
  }
  return settled;
}

Decisions::Index Decisions::prepare(std::size_t slot, std::uint64_t ordinal, std::uint64_t claimed_to) {
  if (free_.empty()) return no_entry;
  const Index index = free_.back();
  free_.pop_back();
  ExchangeEntry& entry = accounts_.entries[index];
  entry.slot_and_outcome.store(static_cast<std::uint32_t>(slot << 8), std::memory_order_relaxed);
  entry.ordinal.store(ordinal, std::memory_order_relaxed);
  entry.claimed_to.store(claimed_to, std::memory_order_relaxed);
  entry.state.store(EntryState::live, std::memory_order_release);
  add(accounts_.live);
  return index;
}

void Decisions::claim(std::size_t slot, std::uint64_t position, std::uint64_t exchanges) {
  ReaderPositions& reader = accounts_.readers[slot];
  reader.claimed.store(position, std::memory_order_release);
  reader.claimed_exchanges.store(exchanges, std::memory_order_release);
}

void Decisions::decide(Index index, Outcome outcome) {
  ExchangeEntry& entry = accounts_.entries[index];
  const std::uint32_t slot = entry.slot_and_outcome.load(std::memory_order_relaxed) >> 8;
  entry.slot_and_outcome.store(slot << 8 | outcome, std::memory_order_relaxed);
  entry.expected.store(get(accounts_.outcomes[outcome]) + 1, std::memory_order_relaxed);
  entry.state.store(EntryState::deciding, std::memory_order_release);
  finish(entry);
  free_.push_back(index);
}

void Decisions::finish(ExchangeEntry& entry) {
  const std::size_t outcome = entry.slot_and_outcome.load(std::memory_order_relaxed) & 0xff;
  if (outcome < outcome_count) accounts_.outcomes[outcome].store(get(entry.expected), std::memory_order_release);
  entry.state.store(EntryState::free, std::memory_order_release);
  accounts_.live.store(get(accounts_.live) - 1, std::memory_order_relaxed);
}

}  // namespace understudy::control
