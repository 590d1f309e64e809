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

GateState silent(const char* verdict) {
  GateState result = state(verdict, 10);
  result.candidate = "http://127.0.0.1:9002";
  result.silent_since = "2026-11-30T23:04:11Z";
  result.failure = "connection refused";
  result.failed = 812;
  return result;
}

TEST(GateDecision, ACandidateThatAnswersNowhereIsFourAfterThePatience) {
  for (const char* verdict : {"inconclusive", "pass"}) {
    GateWatch watch(conclusive);
    EXPECT_FALSE(watch.answered(silent(verdict), 10s).is_final);
    EXPECT_FALSE(watch.answered(silent(verdict), 69s).is_final);
    const GateDecision decision = watch.answered(silent(verdict), 70s);
    EXPECT_TRUE(decision.is_final);
    EXPECT_EQ(decision.exit_status, 4);
    EXPECT_EQ(decision.headline,
              "the candidate http://127.0.0.1:9002 does not answer: connection refused since 2026-11-30T23:04:11Z; "
              "812 copies failed");
  }
}

TEST(GateDecision, ThePatienceBeginsAnewWhenTheCandidateHasAnswered) {
  GateWatch watch(conclusive);
  EXPECT_FALSE(watch.answered(silent("inconclusive"), 10s).is_final);
  EXPECT_FALSE(watch.answered(state("inconclusive", 11), 60s).is_final);
  EXPECT_FALSE(watch.answered(silent("inconclusive"), 80s).is_final);
  EXPECT_EQ(watch.answered(silent("inconclusive"), 140s).exit_status, 4);
}

TEST(GateDecision, ADeadCandidateIsNoRegressionButAChangeBeforeItDiedIs) {
  GateState failures = state("regression", 10);
  failures.proved = failures.transport = 3;
  GateWatch watch(conclusive);
  EXPECT_FALSE(watch.answered(failures, 1s).is_final) << "it may turn out to be dead";
  GateState dead = silent("regression");
  dead.proved = dead.transport = 3;
  EXPECT_FALSE(watch.answered(dead, 4s).is_final);
  EXPECT_EQ(watch.answered(dead, 64s).exit_status, 4);
  dead.proved = 4;
  EXPECT_EQ(GateWatch(conclusive).answered(dead, 1s).exit_status, 1);

  GateWatch alive(conclusive);
  EXPECT_FALSE(alive.answered(failures, 1s).is_final);
  EXPECT_EQ(alive.answered(failures, 6s).exit_status, 1) << "it answers elsewhere";
}

TEST(GateDecision, AnInstanceThatAnsweredOnceHasThePatienceAndOneThatNeverDidFiveSeconds) {
  GateWatch watch(conclusive);
  EXPECT_FALSE(watch.gives_up(4s));
  EXPECT_TRUE(watch.gives_up(5s));
  watch.answered(state("inconclusive", 1), 4s);
  EXPECT_FALSE(watch.gives_up(63s));
  EXPECT_TRUE(watch.gives_up(64s));
  EXPECT_TRUE(GateWatch({true, 1s, 0}).gives_up(1s));
}

TEST(GateDecision, WhatIsOnlyUndecidedPassesAtTheEndWhereThatIsAllowed) {
  const GateTerms terms{true, 30min, 0, true};
  GateState undecided = state("inconclusive", 500, 40);
  EXPECT_EQ(decide(terms, undecided, 30min).exit_status, 3) << "something worse stands against it";
  undecided.only_undecided = true;
  EXPECT_FALSE(decide(terms, undecided, 29min).is_final);
  EXPECT_EQ(decide(terms, undecided, 30min).exit_status, 0);
  EXPECT_EQ(decide(terms, undecided, 30min).headline,
            "pass after 500 compared exchanges, with what is undecided let through (--allow-undecided)");
  EXPECT_EQ(decide(conclusive, undecided, 30min).exit_status, 3);
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
