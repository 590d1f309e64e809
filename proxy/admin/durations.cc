#include "proxy/admin/durations.h"

#include <numeric>

namespace understudy::admin {

Durations& Durations::operator+=(const control::Histogram& histogram) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += control::get(histogram.buckets[i]);
  sum_ns += control::get(histogram.sum_ns);
  return *this;
}

std::uint64_t Durations::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

SketchedDurations& SketchedDurations::operator+=(const control::DurationSketch& sketch) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += control::get(sketch.buckets[i]);
  return *this;
}

SketchedDurations& SketchedDurations::operator+=(const SketchedDurations& other) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
  return *this;
}

std::uint64_t SketchedDurations::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

SketchedDuration SketchedDurations::at(std::uint64_t shorter) const {
  using control::DurationSketch;
  std::size_t bucket = 0;
  while (bucket + 1 < buckets.size() && shorter >= buckets[bucket]) shorter -= buckets[bucket++];
  return {DurationSketch::lower_ns(bucket), DurationSketch::lower_ns(bucket + 1)};
}

}  // namespace understudy::admin
