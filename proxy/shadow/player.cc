#include "proxy/shadow/player.h"

#include <algorithm>

#include "proxy/http/method.h"

namespace understudy::shadow {

using control::DropReason;

namespace {

// Complete sets that may wait for the judge before the reader is held back.
constexpr std::size_t judge_queue_limit = 1024;

bool is_under_way(const Copy& copy) {
  return std::any_of(copy.legs.begin(), copy.legs.end(), [](const Leg* leg) { return leg != nullptr; });
}

}  // namespace

Player::Player(World& world, Exchanges& exchanges, Judge& judge)
    : world_(world),
      exchanges_(exchanges),
      judge_(judge),
      candidate_(world, Role::candidate, world.settings.candidate),
      order_(world.settings.mirror),
      secondary_budget_(world.settings.secondary.budget) {
  if (world.settings.secondary.configured) {
    secondary_.emplace(world, Role::secondary, world.settings.secondary);
  } else {
    Health::forget(world, Role::secondary);
  }
  if (world.settings.secondary.repeats_production && world.settings.secondary.confirm_after.count() != 0) {
    judge_.confirm_by(confirmations_.emplace(world, candidate_, *secondary_, judge_));
  }
}

void Player::play(const std::shared_ptr<Exchange>& exchange) {
  for (Copy& copy : exchange->copies) {
    const Order::Turn turn = order_.enter(exchange, copy);
    if (turn == Order::Turn::now) play_row({exchange, &copy});
    if (turn == Order::Turn::full) exchanges_.end(copy, control::dropped(DropReason::in_flight_limit));
  }
}

bool Player::has_room() const {
  return candidate_.has_room() && judge_.queued() < judge_queue_limit;
}

// Starts the copy whose turn it is; where nothing of it is under way, because it ended at once, the next one.
void Player::play_row(Order::Waiting turn) {
  while (turn.copy) {
    starting_ = turn.copy;
    play_copy(turn.exchange, *turn.copy);
    starting_ = nullptr;
    if (is_under_way(*turn.copy)) return;
    turn = order_.leave(*turn.copy);
  }
}

void Player::play_copy(const std::shared_ptr<Exchange>& exchange, Copy& copy) {
  copy.secondary.state = Answer::State::absent;
  if (!world_.mirror_is_on()) return exchanges_.end(copy, control::dropped(DropReason::switched_off));
  if (exchange->body.first_piece() != 0) return exchanges_.end(copy, control::dropped(DropReason::lagging));
  if (judge_.queued() >= judge_queue_limit) return exchanges_.end(copy, control::dropped(DropReason::in_flight_limit));
  const Upstream::Admission candidate = candidate_.admit();
  if (candidate.refusal == Upstream::Refusal::in_flight_limit) {
    return exchanges_.end(copy, control::dropped(DropReason::in_flight_limit));
  }
  if (candidate.refusal == Upstream::Refusal::breaker_open) {
    return exchanges_.end(copy, control::dropped(DropReason::breaker_open));
  }
  Upstream::Admission secondary{Upstream::Refusal::in_flight_limit, {}};
  if (wants_secondary(*exchange)) secondary = secondary_->admit();
  if (secondary.refusal != Upstream::Refusal::none) return start(candidate_, candidate.permit, exchange, copy);

  copy.secondary.state = Answer::State::awaited;
  const bool candidate_first = (world_.random.next() >> 63) != 0;
  if (candidate_first) start(candidate_, candidate.permit, exchange, copy);
  start(*secondary_, secondary.permit, exchange, copy);
  if (!candidate_first) start(candidate_, candidate.permit, exchange, copy);
}

bool Player::wants_secondary(const Exchange& exchange) {
  if (!secondary_ || world_.random.uniform() >= world_.settings.secondary.share) return false;
  if (world_.settings.secondary.repeats_production && !http::is_safe(exchange.request.method)) return false;
  if (secondary_budget_.take(world_.loop.now_ns(), 1) != 1) return false;
  return !confirmations_ || !confirmations_->takes_place_of_repeat();
}

void Player::start(Upstream& upstream, policy::Breaker::Permit permit, const std::shared_ptr<Exchange>& exchange,
                   Copy& copy) {
  // The other leg may have ended already, and the copy with it.
  if (copy.decided) return upstream.leave(permit, Upstream::Experience::none);
  Leg::start(std::make_shared<Leg>(world_, upstream, *this, exchange, copy, permit));
}

void Player::leg_ended(const std::shared_ptr<Exchange>& exchange, Copy& copy, Role role, const LegEnd& end) {
  const auto index = static_cast<std::size_t>(role);
  Answer& answer = copy.answer_of(role);
  switch (end.kind) {
    case LegEnd::Kind::answered:
      answer.state = Answer::State::whole;
      world_.accounts.upstream_duration[index].record(answer.head_ns - answer.started_ns);
      break;
    case LegEnd::Kind::failed:
      answer.state = Answer::State::failed;
      answer.failure = end.failure;
      answer.body.finish(false, answer.response);
      control::add(world_.accounts.upstream_errors[index][static_cast<std::size_t>(end.failure)]);
      break;
    case LegEnd::Kind::given_up:
      if (role == Role::candidate) {
        exchanges_.end(copy, control::dropped(end.reason));
      } else if (end.reason == DropReason::gave_up) {  // the exchange ends without it; here alone it shows
        control::add(world_.accounts.upstream_errors[index][static_cast<std::size_t>(end.failure)]);
      }
      [[fallthrough]];
    case LegEnd::Kind::cancelled:
      answer.state = Answer::State::absent;
      answer.body.drop(answer.response);
      break;
  }
  judge_.offer(exchange, copy);
  if (&copy != starting_ && !is_under_way(copy)) play_row(order_.leave(copy));
}

void Player::sweep() {
  candidate_.sweep();
  if (secondary_) secondary_->sweep();
  if (confirmations_) confirmations_->sweep();
}

void Player::end_confirmations() {
  if (confirmations_) confirmations_->end();
}

void Player::close_idle() {
  candidate_.close_idle();
  if (secondary_) secondary_->close_idle();
}

}  // namespace understudy::shadow
