// What the evidence promises, on simulated services whose truth is known: over many seeded runs, with bounds that such
// a number of runs keeps when the promise holds. tests/acceptance/24-simulation has the long form.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include "tests/simulation/catalogue.h"

namespace understudy::simulation {
namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr bool sanitized = true;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool sanitized = true;
#else
constexpr bool sanitized = false;
#endif
#else
constexpr bool sanitized = false;
#endif

// Of so many runs in a release build; sanitized ones have less time.
Summary simulate(const std::string& name, std::size_t runs, double seconds = 0) {
  const Scenario* found = find_scenario(name);
  if (found == nullptr) {
    ADD_FAILURE() << "no scenario " << name;
    return {};
  }
  Scenario scenario = *found;
  scenario.seconds = seconds != 0 ? seconds : scenario.seconds;
  return summarize(run_many(scenario, sanitized ? std::max<std::size_t>(runs / 10, 4) : runs, 1, {}));
}

// More events than this among `runs` happen in one of ten thousand cases or so, where each has probability `rate`.
double bound(double rate, std::size_t runs) {
  const double mean = rate * static_cast<double>(runs);
  return mean + 4 * std::sqrt(mean) + 1;
}

TEST(EvidenceSimulation, IndependentNoiseIsARegressionInLessThanOneOfAHundredRuns) {
  for (const char* name : {"independent-value-1-0.1", "independent-value-1-30", "independent-presence-1-10-alone",
                           "independent-status-1-1", "independent-status-1-1-alone"}) {
    const Summary summary = simulate(name, 30);
    EXPECT_LE(summary.regressions, bound(0.01, summary.runs)) << name;
  }
  const Summary many = simulate("independent-value-20-10", 5);
  EXPECT_LE(many.regressions, bound(0.01, many.runs));
}

TEST(EvidenceSimulation, CleanChangesAreProvedWithinAFewHits) {
  for (const auto& [name, exchanges] : {std::pair{"dropped-100", 12},
                                        {"dropped-100-alone", 12},
                                        {"dropped-10", 140},
                                        {"dropped-1", 1385},
                                        {"dropped-1-alone", 1385},
                                        {"status-1", 1385},
                                        {"value-100", 100},
                                        {"value-10", 140},
                                        {"value-1", 1385}}) {
    const Summary summary = simulate(name, 40);
    EXPECT_EQ(summary.regressions, summary.runs) << name;
    EXPECT_LE(static_cast<double>(summary.regression.median.exchange), exchanges * (sanitized ? 1.6 : 1.2)) << name;
    EXPECT_LE(summary.pass_first, bound(0.02, summary.runs)) << name;
  }
}

TEST(EvidenceSimulation, ChangesOverNoiseAreProved) {
  for (const auto& [name, exchanges] :
       {std::pair{"value-30+10", 1711}, {"value-10+8", 800}, {"status-0.5+1", 3334}, {"objects-1%", 1385}}) {
    const Summary summary = simulate(name, 40);
    EXPECT_GE(static_cast<double>(summary.regressions), 0.9 * static_cast<double>(summary.runs)) << name;
    EXPECT_LE(static_cast<double>(summary.regression.median.exchange), exchanges * (sanitized ? 1.8 : 1.3)) << name;
  }
}

TEST(EvidenceSimulation, OneUrlThatIsAlwaysWrongIsProvedWithinAQuarterOfAnHour) {
  const Summary summary = simulate("single-url", 20);
  EXPECT_EQ(summary.regressions, summary.runs);
  EXPECT_LE(summary.regression.p90.time_s, 900);
}

TEST(EvidenceSimulation, NoiseThatExchangesShareIsNoRegression) {
  std::size_t runs = 0;
  std::size_t regressions = 0;
  for (const char* name :
       {"cached-second", "cached-minute", "objects-100", "objects-1000", "counter-apart", "counter-together",
        "bad-minute", "bad-minute-500", "hot-400", "hot-1000", "lost-writes", "switch", "fixed-phase", "queue-alone"}) {
    const Summary summary = simulate(name, 4, 600);
    EXPECT_LE(summary.regressions, bound(0.03, summary.runs)) << name;
    runs += summary.runs;
    regressions += summary.regressions;
  }
  EXPECT_LE(regressions, bound(0.03, runs));
}

TEST(EvidenceSimulation, WhatANoisyValueTurnsIntoIsProved) {
  for (const auto& [name, exchanges] : {std::pair{"number-x100", 100},
                                        {"number-negated", 100},
                                        {"number-zero", 100},
                                        {"number-frozen", 100},
                                        {"number-+10%", 330},  // the second of its severity, and a toss
                                        {"text-emptied", 100},
                                        {"text-shorter", 100},
                                        {"text-frozen", 100},
                                        {"text-page", 100},
                                        {"text-lines", 100}}) {
    const Summary summary = simulate(name, 10);
    EXPECT_EQ(summary.regressions, summary.runs) << name;
    EXPECT_LE(static_cast<double>(summary.regression.median.exchange), exchanges) << name;
  }
}

TEST(EvidenceSimulation, WhatIsWrongOnManyEndpointsIsPooled) {
  for (const char* name : {"pooled-5", "pooled-100"}) {
    const Summary summary = simulate(name, 40);
    EXPECT_EQ(summary.regressions, summary.runs) << name;
    EXPECT_LE(static_cast<double>(summary.regression.median.exchange), 1375 * (sanitized ? 1.6 : 1.1)) << name;
  }
}

TEST(EvidenceSimulation, APassExcludesWhatItSaysNoSoonerAndNotMuchLater) {
  for (const auto& [name, least, most] : {std::tuple{"pass-0", 400, 1170},
                                          {"pass-5", 400, 750},
                                          {"pass-30", 1000, 3030},
                                          {"pass-90", 500, 1440},
                                          {"pass-100", 100, 1170},
                                          {"pass-latency", 400, 1170},
                                          {"pass-dropped-5", 400, 1230}}) {
    const Summary summary = simulate(name, 10);
    EXPECT_EQ(summary.passes, summary.runs) << name;
    EXPECT_GE(summary.pass.median.exchange, static_cast<std::uint64_t>(least)) << name;
    EXPECT_LE(summary.pass.median.exchange, static_cast<std::uint64_t>(most)) << name;
  }
}

TEST(EvidenceSimulation, ASlowerCandidateIsWaitedForAndNothingElseIsSaid) {
  for (const char* name : {"slower-x5", "slower-30%", "slower-tail", "slower-late"}) {
    const Summary summary = simulate(name, 10);
    EXPECT_EQ(summary.pass_first, 0u) << name;
    EXPECT_EQ(summary.elsewhere, 0u) << name;
    // A third slower is proved by the minutes.
    const std::size_t proved = std::string_view(name) == "slower-30%" ? 0 : summary.runs;
    EXPECT_EQ(summary.regressions, proved) << name;
  }
}

// With looks as a gate has them that polls: each takes long where so much is noise.
TEST(EvidenceSimulation, NothingPassesBehindTheShop) {
  RunOptions polled;
  polled.look_every = 100;
  polled.every_suspicion = false;
  std::size_t elsewhere = 0;
  for (Scenario scenario : shop_scenarios()) {
    if (!scenario.has_mistake()) continue;
    scenario.exchanges = std::min<std::uint64_t>(scenario.exchanges, 20'000);
    const Summary summary = summarize(run_many(scenario, sanitized ? 1 : 2, 1, polled));
    EXPECT_EQ(summary.pass_first, 0u) << scenario.name;
    elsewhere += summary.elsewhere;
  }
  EXPECT_LE(elsewhere, 1u);
}

// A run looks where something can have changed. These two hold that true.
TEST(EvidenceSimulation, LooksAtWhatMayHaveChangedFindWhatLooksAfterEveryExchangeFind) {
  RunOptions every;
  every.look_every = 1;
  for (const char* name :
       {"value-10+8", "status-0.5+1", "dropped-1-alone", "cached-second", "independent-value-1-10"}) {
    Scenario scenario = *find_scenario(name);
    scenario.exchanges = 3'000;
    for (std::uint64_t seed = 1; seed <= (sanitized ? 1u : 4u); ++seed) {
      const RunResult few = run_once(scenario, seed, {});
      const RunResult all = run_once(scenario, seed, every);
      ASSERT_EQ(few.regression.has_value(), all.regression.has_value()) << name << " " << seed;
      if (few.regression) {
        EXPECT_EQ(few.regression->exchange, all.regression->exchange) << name << " " << seed;
      }
      ASSERT_EQ(few.pass.has_value(), all.pass.has_value()) << name << " " << seed;
      if (few.pass) {
        EXPECT_GE(few.pass->exchange, all.pass->exchange) << name << " " << seed;
        EXPECT_LT(few.pass->exchange, all.pass->exchange + RunOptions{}.look_every) << name << " " << seed;
      }
    }
  }
}

TEST(EvidenceSimulation, TheSameSeedIsTheSameRun) {
  const Scenario& scenario = *find_scenario("value-30+10");
  const RunResult once = run_once(scenario, 7, {});
  const RunResult again = run_once(scenario, 7, {});
  EXPECT_EQ(once.exchanges, again.exchanges);
  EXPECT_EQ(once.seconds, again.seconds);
  EXPECT_EQ(once.verdicts, again.verdicts);
}

}  // namespace
}  // namespace understudy::simulation
