#include "proxy/shadow/confirmations.h"

#include <utility>

#include "proxy/http/method.h"
#include "proxy/shadow/turn.h"

namespace understudy::shadow {
namespace {

// What one costs beside the text of its head.
constexpr std::uint64_t cost_of_question = 4096;
// Of the processor; longer than this the sockets do not wait, but for the one comparison at hand.
constexpr std::int64_t turn_ns = 1'000'000;

bool is_whole(const Answer& answer) {
  return answer.state == Answer::State::whole;
}

}  // namespace

Confirmations::Confirmations(World& world, Upstream& candidate, Upstream& production, ConfirmationListener& listener)
    : world_(world), candidate_(candidate), production_(production), listener_(listener) {}

bool Confirmations::accepts(const Exchange& exchange) const {
  const RequestBody& body = exchange.body;
  const bool has_content = body.size() != 0 || body.state() != RequestBody::State::whole;
  return !ended_ && waiting_.size() < waiting_limit && !world_.budget.half_used() && world_.mirror_is_on() &&
         http::is_safe(exchange.request.method) && !has_content;
}

void Confirmations::ask_later(std::uint64_t exchange_id, const Exchange& exchange, const Copy& copy,
                              std::string_view endpoint) {
  tap::DecodedRequestHead head;
  head.connection = exchange.connection;
  head.message = exchange.request;
  auto fresh = std::make_shared<Exchange>(world_, exchange.slot, exchange.ordinal, std::move(head));
  fresh->body.finish();
  fresh->copies.emplace_back(world_, *fresh, copy.index);
  std::uint64_t cost = cost_of_question + fresh->request.target.size();
  for (const http::OwnedField& field : fresh->request.fields)
    cost += sizeof field + field.name.size() + field.value.size();
  fresh->charge.add(cost);
  const std::int64_t delay_ns = world_.settings.secondary.confirm_after.count() * 1'000'000;
  const auto jitter_ns = static_cast<std::int64_t>(world_.random.uniform() * static_cast<double>(delay_ns));
  waiting_.emplace(world_.loop.now_ns() + delay_ns + jitter_ns,
                   Question{exchange_id, std::string(endpoint), std::move(fresh), exchange.primary.response.status,
                            copy.candidate.response.status});
}

bool Confirmations::takes_place_of_repeat() {
  if (repeats_owed_ == 0) return false;
  --repeats_owed_;
  return true;
}

void Confirmations::sweep() {
  if (!world_.mirror_is_on()) return give_up_waiting();
  while (!waiting_.empty() && waiting_.begin()->first <= world_.loop.now_ns()) {
    Question due = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    ask(std::move(due));
  }
  conclude_for_a_turn();
}

void Confirmations::conclude_for_a_turn() {
  const std::int64_t end_ns = processor_ns() + turn_ns;
  while (!answered_.empty()) {
    const Question question = std::move(answered_.front());
    answered_.pop_front();
    conclude(question);
    if (processor_ns() >= end_ns) return;
  }
}

void Confirmations::ask(Question question) {
  const std::shared_ptr<Exchange> exchange = question.exchange;
  Copy& copy = exchange->copies.front();
  if (under_way_.size() + answered_.size() >= under_way_limit) return listener_.not_asked_again(question.exchange_id);
  const Upstream::Admission candidate = candidate_.admit();
  if (candidate.refusal != Upstream::Refusal::none) return listener_.not_asked_again(question.exchange_id);
  const Upstream::Admission production = production_.admit();
  if (production.refusal != Upstream::Refusal::none) {
    candidate_.leave(candidate.permit, Upstream::Experience::none);
    return listener_.not_asked_again(question.exchange_id);
  }
  ++repeats_owed_;
  question.legs = 2;
  under_way_.emplace(exchange.get(), std::move(question));
  exchange->primary.state = Answer::State::absent;  // until there is one
  Leg::start(std::make_shared<Leg>(world_, candidate_, *this, exchange, copy, candidate.permit));
  Leg::start(std::make_shared<Leg>(world_, production_, *this, exchange, copy, production.permit));
}

void Confirmations::leg_ended(const std::shared_ptr<Exchange>& exchange, Copy& copy, Role role, const LegEnd& end) {
  Answer& answer = copy.answer_of(role);
  answer.state = end.kind == LegEnd::Kind::answered ? Answer::State::whole : Answer::State::failed;
  if (!is_whole(answer)) answer.body.drop(answer.response);
  const auto found = under_way_.find(exchange.get());
  if (--found->second.legs != 0) return;
  Question question = std::move(found->second);
  under_way_.erase(found);
  if (ended_) return listener_.not_asked_again(question.exchange_id);
  answered_.push_back(std::move(question));
}

// Where a status is another one, what stands below it was not seen.
void Confirmations::conclude(const Question& question) {
  Exchange& exchange = *question.exchange;
  Copy& copy = exchange.copies.front();
  const bool is_comparable = is_whole(copy.candidate) && is_whole(copy.secondary) &&
                             copy.secondary.response.status == question.production_status &&
                             copy.candidate.response.status == question.candidate_status;
  if (!is_comparable) return listener_.not_asked_again(question.exchange_id);
  exchange.primary.state = Answer::State::whole;
  exchange.primary.response = std::move(copy.secondary.response);
  exchange.primary.started_ns = copy.secondary.started_ns;
  exchange.primary.head_ns = copy.secondary.head_ns;
  exchange.primary.ended_ns = copy.secondary.ended_ns;
  copy.secondary.state = Answer::State::absent;
  listener_.asked_again(question.exchange_id, exchange, copy, question.endpoint);
}

void Confirmations::give_up_waiting() {
  for (const auto& [due_ns, question] : std::exchange(waiting_, {})) listener_.not_asked_again(question.exchange_id);
  for (const Question& question : std::exchange(answered_, {})) listener_.not_asked_again(question.exchange_id);
}

void Confirmations::end() {
  ended_ = true;
  give_up_waiting();
  for (const auto& [exchange, question] : under_way_) {
    for (Leg* leg : question.exchange->copies.front().legs) {
      if (leg != nullptr) leg->cancel();
    }
  }
}

}  // namespace understudy::shadow
