// Plays every copy to the candidate and, where there is one and it is wanted, to the secondary, at the same time and in
// no fixed order. Callers: reader.cc starts the copies; legs report back. What is complete goes to the judge.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "proxy/policy/sampling.h"
#include "proxy/shadow/confirmations.h"
#include "proxy/shadow/exchanges.h"
#include "proxy/shadow/judge.h"
#include "proxy/shadow/leg.h"
#include "proxy/shadow/order.h"
#include "proxy/shadow/upstream.h"

namespace understudy::shadow {

class Player : public LegListener {
 public:
  Player(World& world, Exchanges& exchanges, Judge& judge);

  // Starts the legs of every copy, or ends the copy as in_flight_limit, breaker_open or switched_off.
  void play(const std::shared_ptr<Exchange>& exchange);
  // False: one more exchange would be too many right now. The ring may hold it for a moment.
  bool has_room() const;

  void leg_ended(const std::shared_ptr<Exchange>& exchange, Copy& copy, Role role, const LegEnd& end) override;

  void sweep();
  void close_idle();
  // Nothing is asked again any more.
  void end_confirmations();

  // See Health::on_returned.
  void on_candidate_returned(std::function<void()> observer) { candidate_.health().on_returned(std::move(observer)); }

 private:
  void play_row(Order::Waiting turn);
  void play_copy(const std::shared_ptr<Exchange>& exchange, Copy& copy);
  bool wants_secondary(const Exchange& exchange);
  void start(Upstream& upstream, policy::Breaker::Permit permit, const std::shared_ptr<Exchange>& exchange, Copy& copy);

  World& world_;
  Exchanges& exchanges_;
  Judge& judge_;
  Upstream candidate_;
  std::optional<Upstream> secondary_;
  Order order_;
  const Copy* starting_ = nullptr;  // play_copy() is at work on it: a leg that ends meanwhile may not be the last one
  policy::RateLimiter secondary_budget_;
  std::optional<Confirmations> confirmations_;  // where repeats go to production itself: differences are asked again
};

}  // namespace understudy::shadow
