#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "diff/evidence/quantile_sketch.h"

namespace understudy::diff {
namespace {

TEST(QuantileSketch, IsWithinOnePercentOfTheTrueQuantiles) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> duration(-4, 1.5);
  QuantileSketch sketch;
  std::vector<double> all;
  for (int i = 0; i < 20'000; ++i) {
    all.push_back(duration(random));
    sketch.add(all.back());
  }
  std::sort(all.begin(), all.end());
  for (const double q : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const double exact = all[static_cast<std::size_t>(q * static_cast<double>(all.size() - 1))];
    EXPECT_NEAR(sketch.quantile(q), exact, 0.0101 * exact) << q;
  }
  EXPECT_EQ(sketch.count(), 20'000u);
}

TEST(QuantileSketch, OfNothingIsZero) {
  EXPECT_EQ(QuantileSketch().quantile(0.5), 0);
}

TEST(QuantileSketch, TakesLimitsForWhatLiesBeyondAndLeavesOutWhatIsNoDuration) {
  QuantileSketch sketch;
  sketch.add(-1);
  sketch.add(std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(sketch.count(), 0u);
  sketch.add(0);
  sketch.add(1e300);
  sketch.add(std::numeric_limits<double>::infinity());
  EXPECT_EQ(sketch.count(), 3u);
  EXPECT_NEAR(sketch.quantile(0), 1e-9, 1e-11);
  EXPECT_NEAR(sketch.quantile(1), 1e9, 1e7);
}

TEST(QuantileSketch, MergesInAnyOrderToTheSame) {
  QuantileSketch low, high, whole;
  for (int i = 1; i <= 1000; ++i) {
    (i % 3 == 0 ? low : high).add(i * 0.001);
    whole.add(i * 0.001);
  }
  QuantileSketch one = low;
  one.merge(high);
  QuantileSketch other = high;
  other.merge(low);
  EXPECT_EQ(one.serialize(), other.serialize());
  EXPECT_EQ(one.serialize(), whole.serialize());
}

TEST(QuantileSketch, ComesBackFromItsTextUnchanged) {
  QuantileSketch sketch;
  for (const double seconds : {0.0, 1e-9, 0.004, 0.004, 3.0, 1e9}) {
    sketch.add(seconds);
  }
  QuantileSketch read;
  ASSERT_TRUE(read.merge_serialized(sketch.serialize()));
  EXPECT_EQ(read.serialize(), sketch.serialize());
  EXPECT_EQ(read.count(), sketch.count());
  EXPECT_TRUE(QuantileSketch().merge_serialized(""));
}

TEST(QuantileSketch, TakesNothingFromATextThatIsNotOne) {
  for (const std::string_view text :
       {"x", "1", "1:", "1:2", "1;2:", "1:2;x", "99999999:1;", "-99999999:1;", "1:-2;", "1:99999999999999999999;"}) {
    QuantileSketch sketch;
    EXPECT_FALSE(sketch.merge_serialized(text)) << text;
    EXPECT_EQ(sketch.count(), 0u) << text;
  }
}

TEST(QuantileSketch, StaysSmall) {
  QuantileSketch sketch;
  for (double seconds = 1e-10; seconds < 1e10; seconds *= 1.001) {
    sketch.add(seconds);
  }
  const std::string text = sketch.serialize();
  EXPECT_LE(std::count(text.begin(), text.end(), ';'), 2075);
}

}  // namespace
}  // namespace understudy::diff
