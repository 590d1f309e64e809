// Copies of shared histograms and sketches, and sums of several: what metrics and shadow tax are made of. Pure. Numbers
// that make no sense give numbers that make no sense, and nothing worse.
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
};

// Where one duration of a sketch lies: not below the one, and below the other.
struct SketchedDuration {
  std::uint64_t low_ns, high_ns;

  // Within 1/128 of it.
  double middle_ns() const { return static_cast<double>(low_ns + high_ns) / 2; }
};

struct SketchedDurations {
  std::array<std::uint64_t, control::DurationSketch::bucket_count> buckets{};

  SketchedDurations& operator+=(const control::DurationSketch& sketch);
  SketchedDurations& operator+=(const SketchedDurations& other);
  std::uint64_t count() const;

  // The duration that `shorter` others precede in order of length; with as many as there are or more, the longest that
  // a sketch holds.
  SketchedDuration at(std::uint64_t shorter) const;
};

}  // namespace understudy::admin
