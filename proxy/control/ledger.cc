#include "proxy/control/ledger.h"

#include <algorithm>

namespace understudy::control {
namespace {

constexpr std::size_t drops_begin = 2;
constexpr std::size_t fails_begin = drops_begin + drop_reason_names.size();

Ledger read_once(const std::vector<const UserAccounts*>& users, const ShadowAccounts& shadow, bool with_base) {
  Ledger ledger;
  // Outcomes before heads: an exchange that moves on meanwhile can then be missed, never be seen twice.
  for (std::size_t i = 0; i < outcome_count; ++i)
    ledger.outcomes[i] = shadow.outcomes[i].load(std::memory_order_acquire);
  ledger.in_flight = get(shadow.live);
  for (std::size_t slot = 0; slot < users.size() && slot < max_slots; ++slot) {
    const UserAccounts* user = users[slot];
    if (!user) continue;
    const std::uint64_t claimed = shadow.readers[slot].claimed_exchanges.load(std::memory_order_acquire);
    const std::uint64_t published = user->exchanges.load(std::memory_order_acquire);
    ledger.eligible += published;
    if (published > claimed) ledger.in_flight += published - claimed;
    ledger.heldout += get(user->heldout);
    for (std::size_t reason = 0; reason < drop_reason_names.size(); ++reason) {
      const std::uint64_t refused = get(user->refused[reason]);
      ledger.eligible += refused;
      ledger.outcomes[drops_begin + reason] += refused;
    }
  }
  if (with_base) {
    ledger.eligible += get(shadow.base_eligible);
    ledger.heldout += get(shadow.base_heldout);
    for (std::size_t i = 0; i < outcome_count; ++i) ledger.outcomes[i] += get(shadow.base_outcomes[i]);
  }
  return ledger;
}

std::string object_of(const Ledger& ledger, std::size_t begin, const std::string_view* names, std::size_t count) {
  std::string text = "{";
  for (std::size_t i = 0; i < count; ++i) {
    if (i) text += ',';
    text.append("\"").append(names[i]).append("\":").append(std::to_string(ledger.outcomes[begin + i]));
  }
  return text + "}";
}

}  // namespace

std::uint64_t Ledger::dropped_in_all() const {
  std::uint64_t sum = 0;
  for (std::size_t i = drops_begin; i < fails_begin; ++i) sum += outcomes[i];
  return sum;
}

std::uint64_t Ledger::failed_in_all() const {
  std::uint64_t sum = 0;
  for (std::size_t i = fails_begin; i < outcome_count; ++i) sum += outcomes[i];
  return sum;
}

Ledger without(Ledger all, const Ledger& part) {
  const auto take = [](std::uint64_t& from, std::uint64_t amount) { from -= std::min(from, amount); };
  take(all.eligible, part.eligible);
  take(all.heldout, part.heldout);
  take(all.in_flight, part.in_flight);
  for (std::size_t i = 0; i < outcome_count; ++i) take(all.outcomes[i], part.outcomes[i]);
  return all;
}

Ledger read_ledger(const std::vector<const UserAccounts*>& users, const ShadowAccounts& shadow, bool with_base) {
  Ledger ledger = read_once(users, shadow, with_base);
  for (int tries = 0; tries < 8 && !ledger.balanced(); ++tries) ledger = read_once(users, shadow, with_base);
  return ledger;
}

std::string to_json(const Ledger& ledger) {
  const auto number = [](std::uint64_t value) { return std::to_string(value); };
  return "{\"eligible\":" + number(ledger.eligible) + ",\"heldout\":" + number(ledger.heldout) +
         ",\"in_flight\":" + number(ledger.in_flight) + ",\"compared\":" + number(ledger.compared()) +
         ",\"matched\":" + number(ledger.outcomes[outcome_matched]) +
         ",\"differed\":" + number(ledger.outcomes[outcome_differed]) +
         ",\"dropped\":" + object_of(ledger, drops_begin, drop_reason_names.data(), drop_reason_names.size()) +
         ",\"failed\":{\"primary\":" +
         object_of(ledger, fails_begin, fail_reason_names.data(), fail_reason_names.size()) + ",\"candidate\":" +
         object_of(ledger, fails_begin + fail_reason_names.size(), fail_reason_names.data(), fail_reason_names.size()) +
         "}}";
}

}  // namespace understudy::control
