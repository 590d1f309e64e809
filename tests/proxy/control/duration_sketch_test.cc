#include "proxy/control/duration_sketch.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <memory>

namespace understudy::control {
namespace {

using Sketch = DurationSketch;

std::size_t last_bucket() {
  return Sketch::bucket_count - 1;
}

TEST(DurationSketch, finds_the_bucket_around_a_duration_and_its_middle_within_a_128th) {
  for (double value = Sketch::shortest_ns; value < static_cast<double>(Sketch::longest_ns); value *= 1.0003) {
    const auto duration_ns = static_cast<std::int64_t>(value);
    const std::size_t bucket = Sketch::bucket_of(duration_ns);
    ASSERT_LT(bucket, Sketch::bucket_count);
    const std::uint64_t low = Sketch::lower_ns(bucket), high = Sketch::lower_ns(bucket + 1);
    ASSERT_LE(low, static_cast<std::uint64_t>(duration_ns));
    ASSERT_GT(high, static_cast<std::uint64_t>(duration_ns));
    const double middle = static_cast<double>(low + high) / 2;
    ASSERT_LE(std::abs(middle - static_cast<double>(duration_ns)), static_cast<double>(duration_ns) / 128);
  }
}

TEST(DurationSketch, changes_the_bucket_exactly_at_its_lower_bound) {
  for (std::size_t bucket = 1; bucket < Sketch::bucket_count; ++bucket) {
    const auto low = static_cast<std::int64_t>(Sketch::lower_ns(bucket));
    ASSERT_EQ(Sketch::bucket_of(low), bucket);
    ASSERT_EQ(Sketch::bucket_of(low - 1), bucket - 1);
  }
}

TEST(DurationSketch, counts_at_its_limits_what_lies_beyond_them) {
  for (const std::int64_t duration_ns : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{0},
                                         std::int64_t{1}, Sketch::shortest_ns - 1, Sketch::shortest_ns}) {
    EXPECT_EQ(Sketch::bucket_of(duration_ns), 0u) << duration_ns;
  }
  for (const std::int64_t duration_ns :
       {Sketch::longest_ns, Sketch::longest_ns + 1, std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(Sketch::bucket_of(duration_ns), last_bucket()) << duration_ns;
  }
  EXPECT_EQ(Sketch::lower_ns(0), 1024u);
  EXPECT_EQ(Sketch::lower_ns(Sketch::bucket_count), std::uint64_t{1} << 37);
}

TEST(DurationSketch, adds_one_to_one_bucket) {
  const auto sketch = std::make_unique<Sketch>();
  sketch->record(1'000'000);
  sketch->record(1'000'001);
  std::uint64_t all = 0;
  for (const Counter& bucket : sketch->buckets) all += get(bucket);
  EXPECT_EQ(all, 2u);
  EXPECT_EQ(get(sketch->buckets[Sketch::bucket_of(1'000'000)]), 2u);
}

}  // namespace
}  // namespace understudy::control
