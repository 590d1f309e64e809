// How one role's server is, where everybody can read it: in the accounts (for metrics, gate and reports), on stderr
// when it falls silent and when it answers again, and by a call when it comes back from having been away. What that
// means, presence.h says. Caller: upstream.h, on the plane's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "proxy/control/counters.h"
#include "proxy/control/reasons.h"
#include "proxy/policy/presence.h"
#include "proxy/settings.h"
#include "proxy/shadow/world.h"

namespace understudy::shadow {

class Health {
 public:
  // Goes on from the accounts as far as a predecessor saw the server leave; of what it answers, nothing is known yet.
  Health(World& world, control::Role role, const Url& url);

  // Of a role that has no server: nothing is known.
  static void forget(World& world, control::Role role);

  // A leg is about to ask, and ends with one of the three.
  void tried();
  void answered() { presence_.ended(policy::Presence::End::heard); }
  void failed(control::FailReason reason);
  void ended_by_us() { presence_.ended(policy::Presence::End::nothing); }

  // The head of a response is there, on a connection opened at that time (0: one that was kept open).
  void heard(std::int64_t connected_ns);
  void refused();

  // Called every tick.
  void tick(bool breaker_is_open);

  // `observer` is called whenever the server was away and is back, before anything of the answer that shows it is
  // judged. What is judged after that may still be answers from before: they are few, and at most as old as a leg.
  void on_returned(std::function<void()> observer) { on_returned_ = std::move(observer); }

 private:
  void tell(policy::Presence::News news) const;

  World& world_;
  control::Role role_;
  const Url& url_;
  control::UpstreamHealth& account_;
  policy::Presence presence_;
  std::function<void()> on_returned_;
  std::int64_t heard_ns_ = 0;  // the last time; not yet in the account where not 0
};

}  // namespace understudy::shadow
