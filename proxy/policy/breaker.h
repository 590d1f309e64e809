// Spares a sick candidate, and us, the copies that would fail anyway: opens after several failures in a row, lets a
// probe through after a growing pause, closes when one succeeds. One per role in the shadow plane, one thread. Time in
// nanoseconds of any steady clock.
//
//   closed --failures in a row--> open --pause over--> half open --a probe succeeds--> closed
//                                  ^-----a probe fails, longer pause-----'
#pragma once

#include <cstdint>
#include <optional>

#include "proxy/policy/random.h"

namespace understudy::policy {

struct BreakerSettings {
  int failures = 10;  // in a row, to open
  std::int64_t first_pause_ns = 250'000'000;
  std::int64_t longest_pause_ns =
      4'000'000'000;  // pauses double up to here; each is stretched by up to a quarter at random
  // Half open: another probe may follow a silent one after this time, so that a hung probe does not keep the breaker
  // shut until its timeout.
  std::int64_t probe_interval_ns = 1'000'000'000;
};

class Breaker {
 public:
  // Says to which period an attempt belongs: what is heard of attempts from before the last change of state counts no
  // more.
  using Permit = std::uint32_t;
  enum class State : std::uint8_t { closed, open, half_open };

  Breaker(const BreakerSettings& settings, std::uint64_t seed) : settings_(settings), random_(seed) {}

  // Nothing: leave this one out (`breaker_open`). Otherwise report succeeded() or failed(), or neither if the attempt
  // was given up by us.
  std::optional<Permit> try_acquire(std::int64_t now_ns);
  void succeeded(Permit permit);
  void failed(Permit permit, std::int64_t now_ns);

  State state() const { return state_; }

 private:
  void enter(State state);
  void open(std::int64_t now_ns);

  BreakerSettings settings_;
  Random random_;
  State state_ = State::closed;
  Permit period_ = 0;
  int failures_in_a_row_ = 0;
  std::int64_t pause_ns_ = 0;
  std::int64_t not_before_ns_ = 0;  // open: end of the pause; half open: the next probe
};

}  // namespace understudy::policy
