// The two e-processes: what they need to reject, and that they keep their promise however often one looks.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "diff/evidence/e_process.h"

namespace understudy::diff {
namespace {

int clean_discordances_needed(double alpha) {
  int b = 0;
  while (log_evidence_of_excess(b, 0) < -std::log(alpha)) {
    ++b;
  }
  return b;
}

TEST(EProcess, NeedsAsManyCleanDiscordancesAsTheTableSays) {
  EXPECT_EQ(clean_discordances_needed(0.05), 6);
  EXPECT_EQ(clean_discordances_needed(0.01), 8);
  EXPECT_EQ(clean_discordances_needed(1e-3), 12);
  EXPECT_EQ(clean_discordances_needed(1e-4), 15);
  EXPECT_EQ(clean_discordances_needed(1e-6), 22);
}

TEST(EProcess, StartsAtOneAndIsAFairBet) {
  EXPECT_NEAR(log_evidence_of_excess(0, 0), 0, 1e-12);
  for (const auto& [b, c] : {std::pair{0, 0}, {7, 3}, {40, 60}, {300, 10}}) {
    const double now = std::exp(log_evidence_of_excess(b, c));
    const double next = (std::exp(log_evidence_of_excess(b + 1, c)) + std::exp(log_evidence_of_excess(b, c + 1))) / 2;
    EXPECT_NEAR(next / now, 1, 1e-9) << b << " " << c;
  }
}

TEST(EProcess, StaysFiniteForCountsOfYears) {
  EXPECT_TRUE(std::isfinite(log_evidence_of_excess(1e12, 0)));
  EXPECT_TRUE(std::isfinite(log_evidence_of_excess(0, 1e12)));
  EXPECT_GT(log_evidence_of_excess(1e12, 0), 1e11);
  EXPECT_LT(log_evidence_of_excess(0, 1e12), -1e9);
}

// A look after every single discordant pair, as a gate in a pipeline might.
TEST(EProcess, CallsFalseAlarmRarelyHoweverOftenOneLooks) {
  constexpr int runs = 4000;
  constexpr int looks = 2000;
  std::mt19937_64 random(20261121);
  int alarms_at_5_percent = 0;
  int alarms_at_1_percent = 0;
  for (int run = 0; run < runs; ++run) {
    // b is all that matters at a given number of pairs, so it is enough to evaluate E where b is high; a walk this low
    // cannot reach 20.
    int b = 0;
    double highest = 0;
    for (int pairs = 1; pairs <= looks; ++pairs) {
      b += static_cast<int>(random() & 1);
      if (2 * b - pairs > std::sqrt(pairs)) {
        highest = std::max(highest, log_evidence_of_excess(b, pairs - b));
      }
    }
    alarms_at_5_percent += highest >= std::log(20.0) ? 1 : 0;
    alarms_at_1_percent += highest >= std::log(100.0) ? 1 : 0;
  }
  ::testing::Test::RecordProperty("false alarms at 5 %", alarms_at_5_percent);
  std::printf("false alarms of %d runs: %d at 5 %%, %d at 1 %%\n", runs, alarms_at_5_percent, alarms_at_1_percent);
  EXPECT_LE(alarms_at_5_percent, runs * 5 / 100);
  EXPECT_LE(alarms_at_1_percent, runs * 1 / 100);
  EXPECT_GT(alarms_at_5_percent, 0) << "a test that never alarms proves nothing";
}

// What the shortcut of the test above leans on.
TEST(EProcess, IsFarFromAnAlarmWhileTheExcessIsBelowOneStandardDeviation) {
  for (int pairs = 1; pairs <= 2000; ++pairs) {
    const int b = static_cast<int>(std::floor((pairs + std::sqrt(pairs)) / 2));
    EXPECT_LT(log_evidence_of_excess(b, pairs - b), std::log(20.0)) << pairs;
  }
}

TEST(EProcess, FindsAFailureRateOfOnePercentWithinAThousandExchanges) {
  std::mt19937_64 random(7);
  std::bernoulli_distribution fails(0.01);
  int found = 0;
  for (int run = 0; run < 200; ++run) {
    int b = 0;
    for (int exchange = 0; exchange < 2000; ++exchange) {
      b += fails(random) ? 1 : 0;
    }
    found += log_evidence_of_excess(b, 0) >= std::log(100.0) ? 1 : 0;
  }
  EXPECT_GE(found, 195);
}

}  // namespace
}  // namespace understudy::diff
