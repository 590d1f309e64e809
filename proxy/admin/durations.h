// A copy of a shared histogram, and sums of several: what metrics and shadow tax are made of. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "proxy/control/counters.h"

namespace understudy::admin {

struct Durations {
  std::array<std::uint64_t, control::duration_bounds_ns.size() + 1> buckets{};  // as control::Histogram: not cumulative
  std::uint64_t sum_ns = 0;

  Durations& operator+=(const control::Histogram& histogram);
  std::uint64_t count() const;

  // The duration below which `rank` of count() lie, interpolated within its bucket, in seconds. The last bucket gives
  // its lower bound.
  double at_rank(double rank) const;
};

}  // namespace understudy::admin
