// What a pass excludes: that a net change is as large as delta.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "diff/evidence/exclusion.h"

namespace understudy::diff {
namespace {

const double enough = std::log(100.0);  // alpha = 1 %

int clean_exchanges_until_excluded(double delta) {
  int exchanges = 0;
  while (log_evidence_of_no_excess(exchanges, 0, 0, delta) < enough) ++exchanges;
  return exchanges;
}

TEST(Exclusion, TakesAFewHundredCleanExchanges) {
  EXPECT_GE(clean_exchanges_until_excluded(0.01), 459) << "fewer would be more certain than one look allows";
  EXPECT_LE(clean_exchanges_until_excluded(0.01), 780);
  EXPECT_GE(clean_exchanges_until_excluded(0.05), 90);
  EXPECT_LE(clean_exchanges_until_excluded(0.05), 160);
}

TEST(Exclusion, AdmitsAFewEventsAndRefusesMany) {
  EXPECT_GE(log_evidence_of_no_excess(3000, 3, 0, 0.01), enough);
  EXPECT_LT(log_evidence_of_no_excess(3000, 25, 0, 0.01), enough);
  EXPECT_LT(log_evidence_of_no_excess(3000, 60, 0, 0.01), 0);
}

TEST(Exclusion, LetsProductionsOwnDifferencesOutweighTheCandidates) {
  EXPECT_GE(log_evidence_of_no_excess(4000, 900, 900, 0.05), enough);
  EXPECT_LT(log_evidence_of_no_excess(4000, 900, 500, 0.05), 0);
}

TEST(Exclusion, ForecastsByWhatWasSeenSoFar) {
  const double growth = growth_to_exclusion(100, 0, 0, 0.01, 0.01, 1000);
  EXPECT_GT(growth, 5);
  EXPECT_LT(growth, 7);
  EXPECT_EQ(growth_to_exclusion(1000, 0, 0, 0.01, 0.01, 1000), 1);
  EXPECT_EQ(growth_to_exclusion(1000, 300, 0, 0.01, 0.01, 1000), 1000) << "never";
}

struct Law {
  double only_candidate;
  double only_secondary;
  double delta;
};

class ExclusionOf : public ::testing::TestWithParam<Law> {};

// With a look after every exchange.
TEST_P(ExclusionOf, AChangeAsLargeAsDeltaIsRare) {
  constexpr int runs = 1000;
  const Law law = GetParam();
  std::mt19937_64 random(11);
  std::uniform_real_distribution<double> uniform;
  int wrong = 0;
  for (int run = 0; run < runs; ++run) {
    int b = 0;
    int c = 0;
    bool excluded = false;
    for (int exchanges = 1; exchanges <= 1500 && !excluded; ++exchanges) {
      const double draw = uniform(random);
      b += draw < law.only_candidate ? 1 : 0;
      c += draw >= law.only_candidate && draw < law.only_candidate + law.only_secondary ? 1 : 0;
      excluded = log_evidence_of_no_excess(exchanges, b, c, law.delta) >= enough;
    }
    wrong += excluded ? 1 : 0;
  }
  EXPECT_LE(wrong, runs * 1 / 100 + 5);
}

INSTANTIATE_TEST_SUITE_P(Laws, ExclusionOf,
                         ::testing::Values(Law{0.01, 0, 0.01}, Law{0.02, 0.01, 0.01}, Law{0.05, 0, 0.05},
                                           Law{0.28, 0.21, 0.05}, Law{0.3, 0.25, 0.05}));

}  // namespace
}  // namespace understudy::diff
