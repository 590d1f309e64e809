// Slower, typically or in the tail: what is named and how soon, what is not, and that neither noise nor bad stretches
// of one side make a slow candidate. Times are simulated. UNDERSTUDY_SIMULATION_RUNS=1000 asks for the full number of
// runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "diff/evidence/latency.h"

namespace understudy::diff {
namespace {

constexpr double alpha_share = 0.01 / 3;

int runs_of_an_hour() {
  const char* const given = std::getenv("UNDERSTUDY_SIMULATION_RUNS");
  return given ? std::atoi(given) : 30;
}

// One side's own noise, and how it comes.
struct Side {
  double median_s = 0.005;
  double sd = 0.25;              // of the logarithm, independent
  double slow_sd = 0;            // of the logarithm of an AR(1) process in time
  double correlation_s = 1;      // of that process
  double seconds_per_pause = 0;  // on average; 0 = none. A pause takes 0.2 to 2 s, and requests wait for its end
  double bad_minute_at_s = -1;   // in which everything takes eight times as long
  double tail_share = 0;         // of the requests, five times as long
};

class Simulated {
 public:
  Simulated(const Side& side, double step_s, std::mt19937_64& random)
      : side_(side), random_(random), memory_(std::exp(-step_s / side.correlation_s)) {
    slow_ = side.slow_sd > 0 ? side.slow_sd * normal_(random_) : 0;
    next_pause_s_ = side.seconds_per_pause > 0 ? pause_gap() : 1e18;
  }

  double latency_at(double time_s) {
    if (side_.slow_sd > 0) {
      slow_ = memory_ * slow_ + side_.slow_sd * std::sqrt(1 - memory_ * memory_) * normal_(random_);
    }
    double latency = side_.median_s * std::exp(side_.sd * normal_(random_) + slow_);
    if (side_.tail_share > 0 && uniform_(random_) < side_.tail_share) latency *= 5;
    if (time_s >= side_.bad_minute_at_s && time_s < side_.bad_minute_at_s + 60 && side_.bad_minute_at_s >= 0)
      latency *= 8;
    if (time_s >= next_pause_s_) {
      pause_ends_s_ = next_pause_s_ + 0.2 + 1.8 * uniform_(random_);
      next_pause_s_ = pause_ends_s_ + pause_gap();
    }
    return latency + std::max(0.0, pause_ends_s_ - time_s);
  }

 private:
  double pause_gap() { return -side_.seconds_per_pause * std::log(1 - uniform_(random_)); }

  Side side_;
  std::mt19937_64& random_;
  double memory_;
  double slow_ = 0;
  double next_pause_s_ = 0;
  double pause_ends_s_ = 0;
  std::normal_distribution<double> normal_;
  std::uniform_real_distribution<double> uniform_;
};

struct Outcome {
  bool ever_slower = false;
  std::uint64_t slower_after = 0;    // exchanges
  std::uint64_t excluded_after = 0;  // exchanges; 0 = never
  LatencyVerdict last;
};

// Looks about every second, in the first two minutes, then about every ten.
Outcome play(const Side& candidate_side, const Side& secondary_side, double rate, double seconds, std::uint64_t seed,
             double slower = 0.10, bool stops_when_decided = false) {
  std::mt19937_64 random(seed);
  Simulated candidate(candidate_side, 1 / rate, random);
  Simulated secondary(secondary_side, 1 / rate, random);
  LatencyCounters counters(slower);
  Outcome run;
  double next_look_s = 1;
  const auto exchanges = static_cast<std::uint64_t>(rate * seconds);
  for (std::uint64_t i = 1; i <= exchanges; ++i) {
    const double time_s = static_cast<double>(i) / rate;
    const double candidate_s = candidate.latency_at(time_s);
    counters.add(candidate_s, secondary.latency_at(time_s), 1'700'000'000'000'000 + std::llround(time_s * 1e6));
    if (time_s < next_look_s && i != exchanges) continue;
    next_look_s = std::max(next_look_s + (time_s < 120 ? 1 : 10), time_s);
    run.last = judge_latency(counters, alpha_share, 1);
    if (run.last.outcome == LatencyOutcome::slower && !run.ever_slower) {
      run.ever_slower = true;
      run.slower_after = i;
    }
    if (run.last.outcome == LatencyOutcome::not_slower && run.excluded_after == 0) run.excluded_after = i;
    if (run.ever_slower && stops_when_decided) break;
  }
  return run;
}

struct Tally {
  int slower = 0;
  int excluded_at_the_end = 0;
  int excluded_before_proof = 0;
  std::uint64_t median_to_proof = 0;  // UINT64_MAX: most never
  std::uint64_t median_to_exclusion = 0;
};

std::uint64_t median_of(std::vector<std::uint64_t>& values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

Tally tally(const char* name, int runs, const Side& candidate, const Side& secondary, double rate, double seconds,
            double slower = 0.10, bool stops_when_decided = false) {
  Tally result;
  std::vector<std::uint64_t> to_proof, to_exclusion;
  for (int i = 0; i < runs; ++i) {
    const Outcome run =
        play(candidate, secondary, rate, seconds, 77 + static_cast<std::uint64_t>(i), slower, stops_when_decided);
    result.slower += run.ever_slower ? 1 : 0;
    result.excluded_at_the_end += run.last.outcome == LatencyOutcome::not_slower ? 1 : 0;
    result.excluded_before_proof +=
        run.excluded_after != 0 && (!run.ever_slower || run.excluded_after < run.slower_after);
    to_proof.push_back(run.ever_slower ? run.slower_after : UINT64_MAX);
    to_exclusion.push_back(run.excluded_after != 0 ? run.excluded_after : UINT64_MAX);
  }
  result.median_to_proof = median_of(to_proof);
  result.median_to_exclusion = median_of(to_exclusion);
  std::printf("%-58s %4d runs: slower %4d (median %lld), excluded %4d (median %lld), excluded before proof %d\n", name,
              runs, result.slower, static_cast<long long>(result.median_to_proof), result.excluded_at_the_end,
              static_cast<long long>(result.median_to_exclusion), result.excluded_before_proof);
  return result;
}

Side with_median(double seconds) {
  Side side;
  side.median_s = seconds;
  return side;
}

void expect_at_most_3_percent(const char* name, const Side& candidate, const Side& secondary, double rate = 5) {
  const int runs = runs_of_an_hour();
  const Tally result = tally(name, runs, candidate, secondary, rate, 3600);
  EXPECT_LE(result.slower, std::max(1, runs * 3 / 100)) << name;
}

TEST(Latency, IsNotSlowerForIndependentNoise) {
  const int runs = 4 * runs_of_an_hour();
  for (const double sd : {0.25, 0.5, 1.0}) {
    Side side;
    side.sd = sd;
    const std::string name = "same law, own noise of sd " + std::to_string(sd);
    EXPECT_LE(tally(name.c_str(), runs, side, side, 10, 300).slower, std::max(1, runs / 100)) << sd;
  }
}

TEST(Latency, IsNotSlowerForASideThatWanders) {
  for (const double correlation_s : {1.0, 10.0, 60.0}) {
    Side side;
    side.slow_sd = 0.25;
    side.correlation_s = correlation_s;
    expect_at_most_3_percent(("wanders for " + std::to_string(correlation_s) + " s").c_str(), side, side);
  }
}

TEST(Latency, IsNotSlowerForPausesOfEitherSide) {
  Side side;
  side.seconds_per_pause = 20;
  expect_at_most_3_percent("pauses", side, side);
}

TEST(Latency, IsNotSlowerForABadMinuteOfOneSide) {
  Side candidate;
  candidate.bad_minute_at_s = 600;
  expect_at_most_3_percent("a bad minute of the candidate", candidate, {});
  expect_at_most_3_percent("a bad minute of the secondary", {}, candidate);
}

TEST(Latency, IsExcludedWhereBothAreAlike) {
  const Tally result = tally("alike", 40, {}, {}, 50, 200);
  EXPECT_EQ(result.slower, 0);
  EXPECT_GE(result.excluded_at_the_end, 38);
  EXPECT_LE(result.median_to_exclusion, 4'000u);
}

TEST(Latency, IsSlowerFromThreeToFifteenMillisecondsWithinAHundredExchangesOrFiveSeconds) {
  const Side production = with_median(0.003);
  const Side candidate = with_median(0.015);
  for (const double rate : {1.0, 10.0, 20.0}) {
    const Tally result = tally("3 -> 15 ms", 40, candidate, production, rate, 120, 0.10, true);
    EXPECT_EQ(result.slower, 40) << rate;
    EXPECT_LE(result.median_to_proof, 120u) << rate;
    EXPECT_EQ(result.excluded_before_proof, 0) << rate;
  }
  const Tally result = tally("3 -> 15 ms at 900/s", 20, candidate, production, 900, 13, 0.10, true);
  EXPECT_EQ(result.slower, 20);
  EXPECT_LE(result.median_to_proof, 900u * 7);
}

TEST(Latency, IsSlowerByThirtyPercentWithinAThousandExchangesAndTwentyMinutes) {
  const Tally rare = tally("30 % slower at 1/s", 40, with_median(0.0065), with_median(0.005), 1, 3600, 0.10, true);
  EXPECT_EQ(rare.slower, 40);
  EXPECT_LE(rare.median_to_proof, 1'000u);
  const Tally dense = tally("30 % slower at 20/s", 20, with_median(0.0065), with_median(0.005), 20, 1200, 0.10, true);
  EXPECT_EQ(dense.slower, 20);
  EXPECT_EQ(rare.excluded_before_proof + dense.excluded_before_proof, 0);
}

TEST(Latency, IsSlowerByTenPercentWhereFiveAreTolerated) {
  const Tally result =
      tally("10 % slower, 5 tolerated", 20, with_median(0.0055), with_median(0.005), 10, 1800, 0.05, true);
  EXPECT_GE(result.slower, 19);
  EXPECT_LE(result.median_to_proof, 10u * 1200);
}

TEST(Latency, IsNotSlowerByWhatIsTolerated) {
  const Tally result = tally("5 % slower, 10 tolerated", 20, with_median(0.00525), with_median(0.005), 10, 3600);
  EXPECT_EQ(result.slower, 0);
}

TEST(Latency, FindsThreePercentThatTakeFiveTimesAsLong) {
  Side candidate;
  candidate.tail_share = 0.03;
  for (const double rate : {10.0, 50.0}) {
    const Tally result = tally("tail, 3 % x 5", 40, candidate, {}, rate, 1200, 0.10, true);
    EXPECT_EQ(result.slower, 40) << rate;
    EXPECT_LE(result.median_to_proof, 3'000u) << rate;
    EXPECT_LE(result.excluded_before_proof, 1) << rate;
  }
  const Tally result = tally("tail, 3 % x 5, at 900/s", 20, candidate, {}, 900, 20, 0.10, true);
  EXPECT_GE(result.slower, 19);
  EXPECT_EQ(result.excluded_before_proof, 0);
  const Outcome run = play(candidate, {}, 50, 600, 5);
  EXPECT_TRUE(run.last.in_tail);
  EXPECT_NEAR(run.last.tail_share, 0.03, 0.01);
  EXPECT_NEAR(run.last.typical_ratio, 1, 0.05);
  EXPECT_GT(run.last.tail_ratio, 3);
}

TEST(Latency, SuspectsATailThatComesAgainAndAgainAndNoProcessorThatWasAwayForAMoment) {
  const auto suspicion = [](auto is_late) {
    LatencyCounters counters;
    for (int i = 0; i < 3000; ++i) {  // at 1,000 a second
      counters.add(is_late(i) ? 0.03 : 0.003, 0.003, 1000 * i);
    }
    return judge_latency(counters, alpha_share, 1).log_evidence_of_tail;
  };
  EXPECT_LT(suspicion([](int i) { return i >= 1400 && i < 1450; }), std::log(20));
  EXPECT_GT(suspicion([](int i) { return i % 40 == 0; }), std::log(1000));
}

TEST(Latency, TakesNoLateStartOfTheSecondaryForATail) {
  LatencyCounters counters;
  for (int i = 0; i < 5000; ++i) {  // at 900 a second; the secondary has been started just now
    const double jitter = 1 + 0.2 * ((i * 7) % 10 - 5) / 5.0;
    counters.add(0.003 * jitter, i < 300 ? 0.012 : 0.003, 1'000'000 * std::int64_t{i} / 900);
  }
  const LatencyVerdict verdict = judge_latency(counters, alpha_share, 1);
  EXPECT_LT(verdict.log_evidence_of_tail, std::log(20));
  EXPECT_LT(verdict.tail_share, 0.1);
}

TEST(Latency, IsFasterAndNoneOfAnybodysBusiness) {
  const Outcome run = play(with_median(0.003), with_median(0.015), 10, 1200, 3);
  EXPECT_EQ(run.last.outcome, LatencyOutcome::not_slower);
  EXPECT_NEAR(run.last.typical_ratio, 0.2, 0.02);
}

LatencyCounters counted(double candidate_s, double secondary_s, int exchanges, double slower = 0.10) {
  LatencyCounters counters(slower);
  for (int i = 0; i < exchanges; ++i) {
    counters.add(candidate_s, secondary_s, std::int64_t{1'000'000} * i);
  }
  return counters;
}

TEST(Latency, IsShownOnlyWhereNothingIsTolerated) {
  const LatencyVerdict verdict = judge_latency(counted(0.015, 0.003, 1000, 0), alpha_share, 1);
  EXPECT_EQ(verdict.outcome, LatencyOutcome::shown_only);
  EXPECT_NEAR(verdict.typical_ratio, 5, 0.1);
  EXPECT_EQ(judge_latency(LatencyCounters(0), alpha_share, 1).outcome, LatencyOutcome::shown_only);
}

TEST(Latency, LeavesOutWhatHasNoLatency) {
  LatencyCounters counters;
  counters.add(-1, 0.003, 1);
  counters.add(0.003, -1, 2);
  counters.add(std::nan(""), 0.003, 3);
  counters.add(0.003, INFINITY, 4);
  EXPECT_EQ(counters.exchanges, 0);
  const LatencyVerdict verdict = judge_latency(counters, alpha_share, 1);
  EXPECT_EQ(verdict.outcome, LatencyOutcome::undecided);
  EXPECT_EQ(verdict.exchanges_to_go, 0u);
  EXPECT_NE(words_of(verdict, {}, {}).find("no exchange"), std::string::npos);
}

TEST(Latency, TakesADifferenceBelowTheClocksNoiseForNone) {
  const LatencyVerdict verdict = judge_latency(counted(0.00025, 0.0001, 2000), alpha_share, 1);
  EXPECT_EQ(verdict.outcome, LatencyOutcome::not_slower);
  EXPECT_NEAR(verdict.typical_ratio, 1, 0.011);
}

TEST(Latency, AsksForMoreWhereItIsOneOfMany) {
  const LatencyCounters counters = counted(0.015, 0.003, 15);
  EXPECT_EQ(judge_latency(counters, alpha_share, 1).outcome, LatencyOutcome::slower);
  const LatencyVerdict one_of_many = judge_latency(counters, alpha_share, 100);
  EXPECT_EQ(one_of_many.outcome, LatencyOutcome::undecided);
  EXPECT_GT(one_of_many.exchanges_to_go, 0u);
  EXPECT_LT(one_of_many.exchanges_to_go, 100u);
}

TEST(Latency, SaysHowMuchIsExcludedSoFar) {
  EXPECT_EQ(judge_latency(counted(0.003, 0.003, 5), alpha_share, 1).excluded_ratio, 0);
  LatencyCounters dense;
  for (int i = 0; i < 600; ++i) {
    dense.add(0.003, 0.003, 10'000 * i);
  }
  EXPECT_EQ(judge_latency(dense, alpha_share, 1).excluded_ratio, 3) << "of the first six seconds";
  EXPECT_EQ(judge_latency(counted(0.003, 0.003, 500), alpha_share, 1).excluded_ratio, 1.1);
}

TEST(Latency, AStretchIsOneSignHoweverManyExchangesItHas) {
  LatencyCounters counters;
  for (int i = 0; i < 2000; ++i) {
    counters.add(0.5, 0.003, 1000 * i);  // two seconds
  }
  EXPECT_EQ(judge_latency(counters, alpha_share, 1).outcome, LatencyOutcome::undecided);
}

TEST(Latency, TakesWhatComesOutOfOrderAndAClockThatIsSetBack) {
  LatencyCounters counters;
  for (int i = 0; i < 1000; ++i) {
    counters.add(0.015, 0.003, 400'000 * (2 + (i & 1)));
  }
  EXPECT_EQ(counters.thrice.in_favour, 1) << "two blocks, in turns";
  counters.add(0.015, 0.003, -1'000'000'000);
  counters.add(0.015, 0.003, 0);
  EXPECT_EQ(counters.thrice.in_favour, 3);
}

TEST(Latency, SaysItInWords) {
  QuantileSketch candidate, secondary;
  candidate.add(0.0151);
  secondary.add(0.003);
  const std::string words = words_of(judge_latency(counted(0.0151, 0.003, 100), alpha_share, 1), candidate, secondary);
  EXPECT_NE(words.find("typically 5.0 times as slow as production's second instance: 15."), std::string::npos) << words;
  EXPECT_NE(words.find(" ms against 3.0 ms"), std::string::npos) << words;
  const auto words_for = [&](double candidate_s) {
    return words_of(judge_latency(counted(candidate_s, 0.010, 100), alpha_share, 1), {}, {});
  };
  // Within the sketch's one percent.
  EXPECT_TRUE(words_for(0.013).starts_with("typically 3")) << words_for(0.013);
  EXPECT_NE(words_for(0.013).find(" % slower than production's"), std::string::npos) << words_for(0.013);
  EXPECT_NE(words_for(0.008).find(" % faster than production's"), std::string::npos) << words_for(0.008);
  EXPECT_TRUE(words_for(0.0101).starts_with("typically as fast as ")) << words_for(0.0101);
  LatencyVerdict in_tail;
  in_tail.exchanges = 1000;
  in_tail.in_tail = true;
  in_tail.tail_share = 0.03;
  in_tail.tail_ratio = 4.8;
  EXPECT_EQ(words_of(in_tail, {}, {}), "the slowest 3 % take 4.8 times as long as at production's second instance");
}

LatencyCounters varied(double slower = 0.10) {
  LatencyCounters counters(slower);
  std::mt19937_64 random(4);
  std::lognormal_distribution<double> latency(-5, 1);
  for (int i = 0; i < 5000; ++i) {
    counters.add(latency(random), latency(random), 1'700'000'000'000'000 + std::int64_t{37'000} * i);
  }
  return counters;
}

TEST(Latency, ComesBackFromItsTextAndGoesOn) {
  LatencyCounters counters = varied();
  LatencyCounters read;
  ASSERT_TRUE(read.merge_serialized(counters.serialize()));
  EXPECT_EQ(read.serialize(), counters.serialize());
  counters.add(0.1, 0.01, 1'700'000'900'000'000);
  read.add(0.1, 0.01, 1'700'000'900'000'000);
  EXPECT_EQ(read.serialize(), counters.serialize());
  EXPECT_LT(counters.serialize().size(), 4096u);
}

TEST(Latency, AddsUp) {
  const LatencyCounters counters = varied();
  LatencyCounters twice = counters;
  twice.merge(counters);
  EXPECT_EQ(twice.exchanges, 2 * counters.exchanges);
  EXPECT_EQ(twice.tail.b, 2 * counters.tail.b);
  EXPECT_EQ(twice.thrice.against, 2 * counters.thrice.against);
  EXPECT_EQ(twice.typical.over[0].nn, 2 * counters.typical.over[0].nn);
  EXPECT_EQ(twice.thrice.exchanges, counters.thrice.exchanges) << "the block at hand stays one";
  EXPECT_EQ(twice.ratio.count(), 2 * counters.ratio.count());
}

TEST(Latency, LeavesOutWhatWasCountedAroundAnotherLimit) {
  LatencyCounters counters(0.10);
  EXPECT_TRUE(counters.merge_serialized(varied(0.20).serialize()));
  EXPECT_EQ(counters.exchanges, 0);
}

TEST(Latency, TakesNothingFromATextThatIsNotOne) {
  const std::string good = varied().serialize();
  std::vector<std::string> bad{"",
                               "x",
                               "100000",
                               "100000,",
                               good.substr(0, good.size() / 3),
                               good + "x",
                               "100000,99999999999999999999" + good.substr(good.find(',', 7)),
                               "100000,5000,1,9000000000000000000" + good.substr(good.find(',', 12))};
  for (const std::string& text : bad) {
    LatencyCounters counters;
    EXPECT_FALSE(counters.merge_serialized(text)) << text.substr(0, 60);
    EXPECT_EQ(counters.exchanges, 0);
  }
}

}  // namespace
}  // namespace understudy::diff
