#include "proxy/policy/sampling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace understudy::policy {
namespace {

constexpr std::int64_t second = 1'000'000'000;

TEST(Random, FollowsItsSeedAlone) {
  Random a(1), b(1), c(2);
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t number = a.next();
    EXPECT_EQ(number, b.next());
    EXPECT_NE(number, c.next());
  }
}

TEST(Random, IsUniform) {
  Random random(7);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) {
    const double number = random.uniform();
    ASSERT_GE(number, 0.0);
    ASSERT_LT(number, 1.0);
    sum += number;
  }
  EXPECT_NEAR(sum / 100'000, 0.5, 0.005);
}

TEST(Sampling, WholeHundredsAreExact) {
  Random random(1);
  for (int hundreds = 0; hundreds <= 10; ++hundreds) {
    for (int i = 0; i < 100; ++i) ASSERT_EQ(copies_for(100.0 * hundreds, random.next()), hundreds);
  }
}

TEST(Sampling, FractionsHoldOnAverage) {
  Random random(1);
  for (const double percent : {0.1, 1.0, 12.5, 50.0, 99.9, 150.0, 250.0, 999.0}) {
    constexpr int count = 200'000;
    long copies = 0;
    for (int i = 0; i < count; ++i) {
      const int n = copies_for(percent, random.next());
      ASSERT_GE(n, static_cast<int>(percent / 100));
      ASSERT_LE(n, static_cast<int>(percent / 100) + 1);
      copies += n;
    }
    EXPECT_NEAR(static_cast<double>(copies) / count, percent / 100, 0.005) << percent;
  }
}

TEST(Sampling, NonsenseIsClamped) {
  Random random(1);
  EXPECT_EQ(copies_for(-5, random.next()), 0);
  EXPECT_EQ(copies_for(std::numeric_limits<double>::quiet_NaN(), random.next()), 0);
  EXPECT_EQ(copies_for(1e300, random.next()), 10);
  EXPECT_EQ(copies_for(std::numeric_limits<double>::infinity(), random.next()), 10);
  EXPECT_EQ(copies_for(-std::numeric_limits<double>::infinity(), random.next()), 0);
}

TEST(RateLimiter, WithoutARateGrantsAll) {
  RateLimiter limiter(0);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(limiter.take(0, 3), 3);
}

TEST(RateLimiter, HoldsTheRateOverTimeWhateverIsAskedFor) {
  for (const double rate : {1.0, 50.0, 1000.0, 100'000.0}) {
    for (const int wanted : {1, 3, 10}) {
      RateLimiter limiter(rate);
      std::int64_t granted = 0;
      const std::int64_t start = -3 * second;       // any steady clock
      for (std::int64_t i = 0; i < 100'000; ++i) {  // ten seconds, 10,000 calls in each
        granted += limiter.take(start + i * 100'000, wanted);
      }
      const double expected = std::min(10 * rate, 100'000.0 * wanted);
      EXPECT_LE(static_cast<double>(granted), expected + 0.05 * rate + 1) << rate;
      EXPECT_GE(static_cast<double>(granted), expected * 0.99 - 1) << rate;
    }
  }
}

TEST(RateLimiter, RestDoesNotSaveUpMoreThanAMoment) {
  RateLimiter limiter(1000);
  EXPECT_EQ(limiter.take(0, 1), 1);
  int granted = 0;
  for (int i = 0; i < 1000; ++i) granted += limiter.take(3600 * second, 1);
  EXPECT_EQ(granted, 51);  // 50 ms' worth and the one that is due
}

TEST(RateLimiter, GrantsAPartOfWhatIsWanted) {
  RateLimiter limiter(100);
  EXPECT_EQ(limiter.take(0, 10), 6);  // 50 ms at 100 a second, and the one that is due
  EXPECT_EQ(limiter.take(0, 10), 0);
  EXPECT_EQ(limiter.take(10'000'000, 10), 1);
}

TEST(Holdout, TakesHalfAtRandomAndHalfInWindows) {
  Random random(3);
  const Holdout holdout(10, 42);
  int windows = 0, random_ones = 0, windows_in_part = 0;
  constexpr int window_count = 4000, per_window = 50;
  for (int window = 0; window < window_count; ++window) {
    int held = 0;
    for (int i = 0; i < per_window; ++i) {
      const Holdout::Kind kind =
          holdout.decide(window * Holdout::window_ns + i * (Holdout::window_ns / per_window), random);
      held += kind == Holdout::Kind::window;
      random_ones += kind == Holdout::Kind::random;
    }
    windows += held == per_window;
    windows_in_part += held != 0 && held != per_window;
  }
  EXPECT_EQ(windows_in_part, 0);
  EXPECT_NEAR(static_cast<double>(windows) / window_count, 0.05, 0.015);
  EXPECT_NEAR(static_cast<double>(random_ones) / (window_count * per_window), 0.05 * 0.95, 0.003);
}

TEST(Holdout, WindowsFollowTheSeedAlone) {
  Random a(1), b(2);
  const Holdout first(20, 7), same(20, 7), other(20, 8);
  int differing = 0;
  for (std::int64_t window = 0; window < 1000; ++window) {
    const std::int64_t now = window * Holdout::window_ns;
    const bool held = first.decide(now, a) == Holdout::Kind::window;
    EXPECT_EQ(held, same.decide(now + Holdout::window_ns - 1, b) == Holdout::Kind::window);
    differing += held != (other.decide(now, b) == Holdout::Kind::window);
  }
  EXPECT_GT(differing, 50);
}

TEST(Holdout, OfNothingAndOfAll) {
  Random random(1);
  const Holdout nothing(0, 1);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(nothing.decide(i * Holdout::window_ns, random), Holdout::Kind::none);
  const Holdout all(100, 1);  // a half in windows, of the rest every second one
  int held = 0;
  for (int i = 0; i < 10'000; ++i) held += all.decide(i * Holdout::window_ns, random) != Holdout::Kind::none;
  EXPECT_NEAR(held / 10'000.0, 0.75, 0.03);
}

}  // namespace
}  // namespace understudy::policy
