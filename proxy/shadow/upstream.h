// One role's server as the shadow plane sees it: where it is, what is kept open to it, how much may be under way,
// whether it is worth asking. Callers: player (admission), leg (connections), shadow_plane (sweep). Single-threaded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "proxy/control/reasons.h"
#include "proxy/net/stream.h"
#include "proxy/net/tls.h"
#include "proxy/policy/breaker.h"
#include "proxy/settings.h"
#include "proxy/shadow/addresses.h"
#include "proxy/shadow/health.h"
#include "proxy/shadow/world.h"

namespace understudy::shadow {

class Upstream {
 public:
  Upstream(World& world, control::Role role, const ShadowTargetSettings& settings);

  control::Role role() const { return role_; }
  const ShadowTargetSettings& settings() const { return settings_; }

  // A leg may start, or why not. What is granted is given back by exactly one leave().
  enum class Refusal : std::uint8_t { none, in_flight_limit, breaker_open };
  struct Admission {
    Refusal refusal = Refusal::none;
    policy::Breaker::Permit permit{};
  };
  Admission admit();
  // Whether one more would be admitted without waiting for another to leave.
  bool has_room() const { return in_flight_ < limit_; }
  std::uint32_t in_flight() const { return in_flight_; }

  // What the breaker is to think of it; none: nothing, it ended for a reason of ours.
  enum class Experience : std::uint8_t { answered, failed, none };
  void leave(policy::Breaker::Permit permit, Experience experience);

  // What becomes of the copies, beside leave().
  Health& health() { return health_; }

  struct Idle {
    net::Stream stream;
    std::int64_t since_ms = 0;  // CLOCK_MONOTONIC
    net::Address peer{};
  };
  // A connection that is kept open, or a stream that is not open. `certain`: one on which a request may go that cannot
  // be repeated.
  Idle take_idle(bool certain);
  void keep(net::Stream stream);
  // A fresh connection: tries the addresses in turn.
  net::Task<net::ConnectResult> connect();

  // Closes what idled too long, was closed by the other end, or leads where the name no longer does. Called every tick.
  void sweep();
  void close_idle() { idle_.clear(); }

 private:
  bool may_probe() const;

  World& world_;
  control::Role role_;
  const ShadowTargetSettings& settings_;
  Addresses addresses_;
  std::shared_ptr<const net::TlsClient> tls_;  // null for http
  policy::Breaker breaker_;
  Health health_;
  std::uint32_t limit_;
  std::uint32_t in_flight_ = 0;
  std::int64_t answered_ns_ = 0;
  std::int64_t next_probe_ns_ = 0;
  std::vector<Idle> idle_;  // the warmest last
};

}  // namespace understudy::shadow
