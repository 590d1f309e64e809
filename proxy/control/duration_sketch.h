// Quantiles of durations within a known relative error, from counters of a fixed size in shared memory: a DDSketch
// (Masson, Rim, Lee: DDSketch, a fast and fully-mergeable quantile sketch with relative-error guarantees, VLDB 2019).
// Its logarithm is the linearly interpolated one: the exponent of two, and 64 equal buckets from one power of two to
// the next. So a bucket is at most 1/64 as wide as the durations in it are long, its middle is within 1/128 (0.8 %) of
// each of them, and to find it takes a few integer instructions: the user plane records here on every exchange.
// Sketches of several threads are merged by adding bucket to bucket. Read by proxy/admin.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "proxy/control/counter.h"

namespace understudy::control {

struct DurationSketch {
  static constexpr int first_octave = 10;  // from 2^10 ns, about a microsecond
  static constexpr int end_octave = 37;    // to below 2^37 ns, 137 s
  static constexpr int log2_steps = 6;
  static constexpr std::int64_t shortest_ns = std::int64_t{1} << first_octave;
  static constexpr std::int64_t longest_ns = (std::int64_t{1} << end_octave) - 1;
  static constexpr std::size_t steps = std::size_t{1} << log2_steps;  // buckets of an octave
  static constexpr std::size_t bucket_count = (end_octave - first_octave) * steps;

  std::array<Counter, bucket_count> buckets;

  // What is shorter or longer than the sketch reaches, and a clock that went back, is counted at the limit.
  void record(std::int64_t duration_ns) { add(buckets[bucket_of(duration_ns)]); }

  static constexpr std::size_t bucket_of(std::int64_t duration_ns) {
    const auto ns = static_cast<std::uint64_t>(std::clamp(duration_ns, shortest_ns, longest_ns));
    const auto octave = static_cast<std::size_t>(std::bit_width(ns)) - 1;
    // The leading one and the six bits behind it: 64 to 127.
    const std::uint64_t leading = ns >> (octave - log2_steps);
    return (octave - first_octave) * steps + (leading - steps);
  }

  // Bucket i counts durations from lower_ns(i) to below lower_ns(i + 1).
  static constexpr std::uint64_t lower_ns(std::size_t bucket) {
    return (steps + bucket % steps) << (bucket / steps + (first_octave - log2_steps));
  }
};

}  // namespace understudy::control
