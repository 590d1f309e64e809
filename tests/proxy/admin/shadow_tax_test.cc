#include "proxy/admin/shadow_tax.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <vector>

namespace understudy::admin {
namespace {

using control::DurationSketch;

void add(SketchedDurations& durations, double seconds) {
  ++durations.buckets[DurationSketch::bucket_of(std::llround(seconds * 1e9))];
}

// `count` exchanges of a log-normal latency whose median is 2 ms, scaled.
SketchedDurations users_who_waited(std::size_t count, double scale, unsigned seed) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> latency(std::log(0.002), 0.3);
  SketchedDurations durations;
  for (std::size_t i = 0; i < count; ++i) add(durations, scale * latency(random));
  return durations;
}

// Of that distribution; the second number is the normal quantile.
double true_quantile(double normal_quantile) {
  return 0.002 * std::exp(0.3 * normal_quantile);
}
constexpr std::array<double, 3> normal_quantiles{0.0, 1.2815515655, 2.3263478740};

TEST(ShadowTax, IsNotToldFromTooFew) {
  SketchedDurations mirrored, heldout;
  mirrored.buckets[700] = 1'000'000;
  heldout.buckets[700] = tax_least_exchanges - 1;
  EXPECT_TRUE(compare(mirrored, heldout).quantiles.empty());
  EXPECT_TRUE(compare(heldout, mirrored).quantiles.empty());
  ++heldout.buckets[700];
  EXPECT_EQ(compare(mirrored, heldout).quantiles.size(),
            2u);  // for p99, no interval: its ranks would be beyond the last
  heldout.buckets[700] = 380;
  EXPECT_EQ(compare(mirrored, heldout).quantiles.size(), 2u);
  heldout.buckets[700] = 381;
  EXPECT_EQ(compare(mirrored, heldout).quantiles.size(), 3u);
}

TEST(ShadowTax, OfNothingButTheSketchIsAsWideAsABucketOnEachSide) {
  SketchedDurations same;
  same.buckets[640] = 1000;  // [2^20, 2^20 + 2^14) ns
  for (const diff::TaxQuantile& entry : compare(same, same).quantiles) {
    EXPECT_EQ(entry.seconds, 0);
    EXPECT_DOUBLE_EQ(entry.low, -16384e-9);
    EXPECT_DOUBLE_EQ(entry.high, 16384e-9);
  }
}

TEST(ShadowTax, AShiftOfFivePercentIsSeen) {
  const diff::TaxComparison tax = compare(users_who_waited(200'000, 1.05, 1), users_who_waited(20'000, 1.0, 2));
  ASSERT_EQ(tax.quantiles.size(), tax_quantiles.size());
  for (std::size_t i = 0; i < tax_quantiles.size(); ++i) {
    const double truth = 0.05 * true_quantile(normal_quantiles[i]);
    EXPECT_LE(tax.quantiles[i].low, truth);
    EXPECT_GE(tax.quantiles[i].high, truth);
    EXPECT_LE(tax.quantiles[i].low, tax.quantiles[i].seconds);
    EXPECT_GE(tax.quantiles[i].high, tax.quantiles[i].seconds);
  }
  EXPECT_GT(tax.quantiles[0].low, 0) << "at p50 it is told from none";
  EXPECT_NEAR(tax.quantiles[0].seconds, 0.0001, 0.00004);
}

TEST(ShadowTax, TheIntervalEnclosesTheTruthAtLeastNineTimesOfTen) {
  constexpr unsigned rounds = 300;
  std::array<unsigned, tax_quantiles.size()> enclosed{};
  for (unsigned round = 0; round < rounds; ++round) {
    const diff::TaxComparison tax =
        compare(users_who_waited(4000, 1.02, 2 * round), users_who_waited(500, 1.0, 2 * round + 1));
    ASSERT_EQ(tax.quantiles.size(), tax_quantiles.size());
    for (std::size_t i = 0; i < tax_quantiles.size(); ++i) {
      const double truth = 0.02 * true_quantile(normal_quantiles[i]);
      enclosed[i] += tax.quantiles[i].low <= truth && truth <= tax.quantiles[i].high;
    }
  }
  for (const unsigned count : enclosed) EXPECT_GE(count, rounds * 9 / 10);
}

TEST(ShadowTax, TellsWindowsFromThoseHeldOutAtRandom) {
  Observed observed;
  observed.mirrored_duration = users_who_waited(50'000, 1.3, 1);
  observed.random_heldout_duration = users_who_waited(2'000, 1.25, 2);  // the others' copies slow these as well
  observed.window_heldout_duration = users_who_waited(3'000, 1.0, 3);
  const diff::ShadowTax tax = shadow_tax(observed);
  EXPECT_EQ(tax.mirrored, 50'000u);
  EXPECT_EQ(tax.all.heldout, 5'000u);
  EXPECT_EQ(tax.random.heldout, 2'000u);
  EXPECT_EQ(tax.windows.heldout, 3'000u);
  EXPECT_NEAR(tax.random.quantiles[0].seconds, 0.0001, 0.0001);
  EXPECT_NEAR(tax.windows.quantiles[0].seconds, 0.0006, 0.0001);
  EXPECT_GT(tax.all.quantiles[0].seconds, tax.random.quantiles[0].seconds);
  EXPECT_LT(tax.all.quantiles[0].seconds, tax.windows.quantiles[0].seconds);
}

TEST(SketchedDurations, AreInOrderOfLength) {
  SketchedDurations durations;
  durations.buckets[64] = 2;   // [2^11, 2^11 + 2^5) ns
  durations.buckets[129] = 1;  // [2^12 + 2^6, 2^12 + 2 * 2^6) ns
  EXPECT_EQ(durations.at(0).low_ns, 2048u);
  EXPECT_EQ(durations.at(1).high_ns, 2080u);
  EXPECT_EQ(durations.at(1).middle_ns(), 2064);
  EXPECT_EQ(durations.at(2).low_ns, 4160u);
  EXPECT_EQ(durations.at(3).high_ns, 137'438'953'472u) << "there is no fourth";
}

TEST(SketchedDurations, QuantilesLieWithinOnePercentOfTheTrueOnes) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> exponent(std::log(2e-6), std::log(100));
  const auto sketch = std::make_unique<DurationSketch>();
  std::vector<std::int64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(std::llround(std::exp(exponent(random)) * 1e9));
    sketch->record(values.back());
  }
  std::sort(values.begin(), values.end());
  SketchedDurations durations;
  durations += *sketch;
  EXPECT_EQ(durations.count(), values.size());
  for (std::size_t shorter = 0; shorter < values.size(); ++shorter) {
    const auto truth = static_cast<double>(values[shorter]);
    const SketchedDuration found = durations.at(shorter);
    ASSERT_LE(static_cast<double>(found.low_ns), truth);
    ASSERT_LT(truth, static_cast<double>(found.high_ns));
    ASSERT_NEAR(found.middle_ns(), truth, truth / 128);
  }
}

TEST(SketchedDurations, OfSeveralThreadsAreAddedUp) {
  const auto first = std::make_unique<DurationSketch>(), second = std::make_unique<DurationSketch>();
  first->record(1'000'000);
  second->record(1'000'000);
  second->record(50'000'000);
  SketchedDurations durations;
  durations += *first;
  durations += *second;
  EXPECT_EQ(durations.count(), 3u);
  EXPECT_NEAR(durations.at(1).middle_ns(), 1e6, 1e4);
  EXPECT_NEAR(durations.at(2).middle_ns(), 5e7, 5e5);
}

TEST(SketchedDurations, NumbersThatMakeNoSenseGiveDurationsAllTheSame) {
  SketchedDurations nonsense;
  for (const std::uint64_t value : {std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()}) {
    nonsense.buckets.fill(value);
    for (const diff::TaxQuantile& entry : compare(nonsense, nonsense).quantiles) {
      EXPECT_TRUE(std::isfinite(entry.seconds) && std::isfinite(entry.low) && std::isfinite(entry.high));
    }
    EXPECT_LE(nonsense.at(std::numeric_limits<std::uint64_t>::max()).high_ns, std::uint64_t{1} << 37);
  }
}

}  // namespace
}  // namespace understudy::admin
