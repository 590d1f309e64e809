#include "proxy/policy/breaker.h"

#include <algorithm>

namespace understudy::policy {

std::optional<Breaker::Permit> Breaker::try_acquire(std::int64_t now_ns) {
  if (state_ == State::closed) return period_;
  if (now_ns < not_before_ns_) return std::nullopt;
  if (state_ == State::open) enter(State::half_open);
  not_before_ns_ = now_ns + settings_.probe_interval_ns;
  return period_;
}

void Breaker::succeeded(Permit permit) {
  if (permit != period_) return;
  failures_in_a_row_ = 0;
  if (state_ == State::half_open) {
    pause_ns_ = 0;
    enter(State::closed);
  }
}

void Breaker::failed(Permit permit, std::int64_t now_ns) {
  if (permit != period_) return;
  if (state_ == State::half_open || ++failures_in_a_row_ >= settings_.failures) open(now_ns);
}

void Breaker::open(std::int64_t now_ns) {
  pause_ns_ = std::clamp(pause_ns_ * 2, settings_.first_pause_ns, settings_.longest_pause_ns);
  const auto jitter = static_cast<std::int64_t>(static_cast<double>(pause_ns_) * 0.25 * random_.uniform());
  not_before_ns_ = now_ns + pause_ns_ + jitter;
  failures_in_a_row_ = 0;
  enter(State::open);
}

void Breaker::enter(State state) {
  state_ = state;
  ++period_;
}

}  // namespace understudy::policy
