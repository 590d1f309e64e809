#include "proxy/shadow/exchanges.h"

#include <algorithm>

#include "proxy/shadow/leg.h"

namespace understudy::shadow {
namespace {

// What an exchange costs beside its content and the text of its head.
constexpr std::uint64_t cost_of_exchange = 2048;

std::uint64_t cost_of(const http::RequestMessage& request) {
  std::uint64_t cost = cost_of_exchange + request.target.size();
  for (const http::OwnedField& field : request.fields) cost += sizeof field + field.name.size() + field.value.size();
  return cost;
}

}  // namespace

std::shared_ptr<Exchange> Exchanges::open(unsigned slot, std::uint64_t ordinal, tap::DecodedRequestHead head,
                                          const std::vector<control::Decisions::Index>& indexes) {
  auto exchange = std::make_shared<Exchange>(world_, slot, ordinal, std::move(head));
  exchange->charge.add(cost_of(exchange->request));
  exchange->copies.reserve(indexes.size());
  for (const control::Decisions::Index index : indexes) exchange->copies.emplace_back(world_, *exchange, index);
  by_key_[key_of(slot, ordinal)] = by_age_.insert(by_age_.end(), exchange);
  return exchange;
}

std::shared_ptr<Exchange> Exchanges::find(unsigned slot, std::uint64_t ordinal) const {
  const auto found = by_key_.find(key_of(slot, ordinal));
  return found == by_key_.end() ? nullptr : *found->second;
}

void Exchanges::end(Copy& copy, control::Outcome outcome) {
  if (copy.decided) return;
  copy.decided = true;
  decisions_.decide(copy.index, outcome);
  if (listener_) listener_->copy_ended(copy, outcome);
  for (Leg* leg : copy.legs) {
    if (leg) leg->cancel();
  }
  Exchange& exchange = copy.exchange;
  if (!std::all_of(exchange.copies.begin(), exchange.copies.end(), [](const Copy& other) { return other.decided; }))
    return;
  const auto found = by_key_.find(key_of(exchange.slot, exchange.ordinal));
  by_age_.erase(found->second);
  by_key_.erase(found);
}

void Exchanges::end_copies(Exchange& exchange, control::Outcome outcome) {
  for (Copy& copy : exchange.copies) end(copy, outcome);
}

template <class Condition>
void Exchanges::end_where(control::DropReason reason, Condition condition) {
  for (auto next = by_age_.begin(); next != by_age_.end();) {
    const std::shared_ptr<Exchange> exchange = *next++;
    if (condition(*exchange)) end_copies(*exchange, control::dropped(reason));
  }
}

void Exchanges::end_slot(unsigned slot, control::DropReason reason) {
  end_where(reason, [slot](const Exchange& exchange) {
    return exchange.slot == slot && exchange.primary.state == Answer::State::awaited;
  });
}

void Exchanges::end_all(control::DropReason reason) {
  end_where(reason, [](const Exchange&) { return true; });
}

void Exchanges::end_unfinished(control::DropReason reason) {
  end_where(reason, [](const Exchange& exchange) { return exchange.primary.state == Answer::State::awaited; });
}

void Exchanges::end_oldest(control::DropReason reason) {
  if (by_age_.empty()) return;
  const std::shared_ptr<Exchange> oldest = by_age_.front();
  end_copies(*oldest, control::dropped(reason));
}

}  // namespace understudy::shadow
