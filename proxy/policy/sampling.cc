#include "proxy/policy/sampling.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace understudy::policy {
namespace {

// `share` of 2^64, for comparison with a uniform 64-bit number; a share of 1 or more is never asked for here.
std::uint64_t threshold(double share) {
  return static_cast<std::uint64_t>(std::ldexp(share, 64));
}

}  // namespace

int copies_for(double percent, std::uint64_t draw) {
  if (!(percent > 0)) return 0;
  const double copies = std::min(percent, max_percent) / 100.0;
  const double whole = std::floor(copies);
  const double rest = copies - whole;
  return static_cast<int>(whole) + (rest > 0 && draw < threshold(rest) ? 1 : 0);
}

std::uint64_t draw_of(std::string_view user) {
  return mix(std::hash<std::string_view>()(user));
}

RateLimiter::RateLimiter(double per_second) {
  if (!(per_second > 0)) return;
  interval_ns_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(std::min(1e9 / per_second, 1e18)));
  tolerance_ns_ = 50'000'000;
}

int RateLimiter::take(std::int64_t now_ns, int wanted) {
  if (interval_ns_ == 0) return wanted;
  std::int64_t next = next_ns_.load(std::memory_order_relaxed);
  for (;;) {
    const std::int64_t due = std::max(next, now_ns);
    if (due - now_ns > tolerance_ns_ || wanted <= 0) return 0;
    const auto granted = std::min<std::int64_t>(wanted, (tolerance_ns_ - (due - now_ns)) / interval_ns_ + 1);
    if (next_ns_.compare_exchange_weak(next, due + granted * interval_ns_, std::memory_order_relaxed))
      return static_cast<int>(granted);
  }
}

Holdout::Holdout(double percent, std::uint64_t seed) : seed_(seed) {
  const double half = percent > 0 ? std::min(percent, 100.0) / 200.0 : 0;
  threshold_ = threshold(half);
}

Holdout::Kind Holdout::decide(std::int64_t now_ns, Random& random) const {
  if (threshold_ == 0) return Kind::none;
  const auto window = static_cast<std::uint64_t>(now_ns / window_ns);
  if (mix(seed_ ^ mix(window)) < threshold_) return Kind::window;
  return random.next() < threshold_ ? Kind::random : Kind::none;
}

}  // namespace understudy::policy
