#include "proxy/supervisor/slots.h"

#include <fcntl.h>

#include <numeric>
#include <string>

#include "proxy/control/decisions.h"
#include "proxy/tap/ring.h"

namespace understudy::supervisor {

using control::get;

Slots::Slot::Slot(std::size_t ring) : accounts("tap", tap::slot_memory_size(ring)), capacity(ring) {}

std::vector<unsigned> Slots::take(unsigned count, std::size_t capacity) {
  std::vector<unsigned> taken;
  const auto take_where = [&](auto&& suits) {
    for (unsigned slot = 0; slot < slots_.size() && taken.size() < count; ++slot) {
      if (slots_[slot]->used || !suits(*slots_[slot])) continue;
      slots_[slot]->used = slots_[slot]->holds_memory = true;
      taken.push_back(slot);
    }
  };
  take_where([capacity](const Slot& slot) { return slot.capacity == capacity; });
  while (taken.size() < count && slots_.size() < control::max_slots) {
    slots_.push_back(std::make_unique<Slot>(capacity));
    taken.push_back(static_cast<unsigned>(slots_.size() - 1));
  }
  take_where([](const Slot&) { return true; });
  if (taken.size() == count) return taken;
  for (const unsigned slot : taken) slots_[slot]->used = false;
  return {};
}

void Slots::give_back(const std::vector<unsigned>& slots) {
  for (const unsigned slot : slots) {
    // Taking over is all that has to be done: see RingWriter's constructor.
    tap::RingWriter(writable(slot), shadow_.readers[slot]);
    slots_[slot]->used = false;
  }
}

void Slots::trim() {
  for (unsigned slot = 0; slot < slots_.size(); ++slot) {
    Slot& idle = *slots_[slot];
    if (idle.used || !idle.holds_memory || !drained(slot)) continue;
    const auto size = static_cast<off_t>(idle.capacity);
    if (::fallocate(idle.accounts.writable(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, tap::data_offset, size) == 0)
      idle.holds_memory = false;
  }
}

bool Slots::drained(unsigned slot) const {
  return get(shadow_.readers[slot].released) == get(slots_[slot]->accounts->position);
}

std::vector<const control::UserAccounts*> Slots::all_accounts() const {
  std::vector<const control::UserAccounts*> all;
  for (const auto& slot : slots_) all.push_back(&*slot->accounts);
  return all;
}

std::vector<unsigned> Slots::all() const {
  std::vector<unsigned> list(slots_.size());
  std::iota(list.begin(), list.end(), 0u);
  return list;
}

std::uint64_t Slots::times_corrupt() const {
  std::uint64_t times = 0;
  for (const auto& slot : slots_) times += get(slot->accounts->tap_corrupt);
  return times;
}

std::uint64_t settle_shutdown(control::ShadowAccounts& shadow, const std::vector<const control::UserAccounts*>& users) {
  control::Decisions decisions(shadow);
  std::uint64_t settled = decisions.settle_predecessor(control::DropReason::shutdown);
  control::Counter& outcome = shadow.outcomes[control::dropped(control::DropReason::shutdown)];
  for (std::size_t slot = 0; slot < users.size(); ++slot) {
    const std::uint64_t published = get(users[slot]->exchanges);
    const std::uint64_t claimed = get(shadow.readers[slot].claimed_exchanges);
    if (published <= claimed) continue;
    control::add(outcome, published - claimed);
    settled += published - claimed;
    decisions.claim(slot, get(users[slot]->position), published);
  }
  return settled;
}

}  // namespace understudy::supervisor
