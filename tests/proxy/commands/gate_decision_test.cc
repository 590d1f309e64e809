#include "proxy/commands/gate_decision.h"

#include <gtest/gtest.h>

namespace understudy {
namespace {

using namespace std::chrono_literals;

GateState state(const char* verdict, std::uint64_t compared, std::uint64_t needed = 0) {
  GateState result;
  result.verdict = verdict;
  result.compared = compared;
  result.needed = needed;
  return result;
}

const GateTerms conclusive{true, 30min, 0};

TEST(GateDecision, AVerdictEndsTheWait) {
  EXPECT_EQ(decide(conclusive, state("pass", 10), 0s).exit_status, 0);
  EXPECT_TRUE(decide(conclusive, state("pass", 10), 0s).is_final);
  EXPECT_EQ(decide(conclusive, state("regression", 10), 0s).exit_status, 1);
  EXPECT_FALSE(decide(conclusive, state("inconclusive", 10), 29min).is_final);
}

TEST(GateDecision, TheTimeoutIsInconclusiveAndSaysWhatIsMissing) {
  const GateDecision decision = decide(conclusive, state("inconclusive", 10, 300), 30min);
  EXPECT_EQ(decision.exit_status, 3);
  EXPECT_EQ(decision.headline, "inconclusive after 10 compared exchanges, about 300 more needed");
}

TEST(GateDecision, APassWaitsForTheComparisonsAskedFor) {
  const GateTerms terms{true, 30min, 100};
  EXPECT_FALSE(decide(terms, state("pass", 99), 1s).is_final);
  EXPECT_EQ(decide(terms, state("pass", 100), 1s).exit_status, 0);
  const GateDecision late = decide(terms, state("pass", 99), 30min);
  EXPECT_EQ(late.exit_status, 3);
  EXPECT_EQ(late.headline, "inconclusive: 99 exchanges compared, 100 asked for");
}

TEST(GateDecision, ARegressionNeedsNoMinimum) {
  EXPECT_EQ(decide({true, 30min, 100}, state("regression", 5), 0s).exit_status, 1);
}

TEST(GateDecision, AfterADurationTheVerdictOfThatMomentHolds) {
  const GateTerms terms{false, 10min, 0};
  EXPECT_FALSE(decide(terms, state("pass", 10), 9min).is_final);
  EXPECT_EQ(decide(terms, state("pass", 10), 10min).exit_status, 0);
  EXPECT_EQ(decide(terms, state("regression", 10), 1s).exit_status, 1);
  EXPECT_EQ(decide(terms, state("inconclusive", 10), 10min).exit_status, 3);
}

}  // namespace
}  // namespace understudy
