// The verdicts, on small worlds whose truth is known.
#include <gtest/gtest.h>

#include <cmath>

#include "diff/evidence/verdict.h"
#include "tests/diff/evidence_support.h"

namespace understudy::diff {
namespace {

using enum DifferenceClass;
using testing::find;
using testing::finding;
using testing::judge_now;
using testing::Recorder;

// A service as the demo has it. Production and secondary: a UUID in each answer, a clock of one second, a list without
// order, rarely a 500 of its own. The candidate may, besides, drop a field, change a type and fail now and then.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed) {}

  double failure_rate_of_production = 0;
  double failure_rate_of_candidate = 0;
  bool candidate_drops_field = false;
  bool candidate_changes_type = false;
  bool has_secondary = true;

  void run(Evidence& evidence, int exchanges) {
    Recorder recorder(evidence);
    for (int i = 0; i < exchanges; ++i) {
      const int target = static_cast<int>(random_() % 4);  // a handful of targets, again and again
      if (i % 2 == 0) {
        const Order production = order();
        const auto candidate = compare(production, order(), true);
        const auto secondary = compare(production, order(), false);
        recorder.record("GET /orders/{id}", candidate, has_secondary ? std::optional(secondary) : std::nullopt, target);
      } else {
        const bool production_fails = chance(failure_rate_of_production);
        const auto candidate =
            compare_status(production_fails, chance(failure_rate_of_production + failure_rate_of_candidate));
        const auto secondary = compare_status(production_fails, chance(failure_rate_of_production));
        recorder.record("GET /search", candidate, has_secondary ? std::optional(secondary) : std::nullopt,
                        100 + target);
      }
    }
  }

 private:
  struct Order {
    std::uint64_t uuid;
    std::uint64_t second;
    int permutation;
  };

  bool chance(double rate) { return std::bernoulli_distribution(rate)(random_); }

  // The three answers are given within 40 ms or so: now and then a second passes in between.
  Order order() { return {random_(), chance(0.03) ? 1u : 0u, static_cast<int>(random_() % 6)}; }

  std::vector<Finding> compare(const Order& production, const Order& other, bool is_candidate) const {
    std::vector<Finding> findings;
    if (production.uuid != other.uuid) {
      findings.push_back(finding("/request_id", value_changed, "\"a\"", "\"b\""));
    }
    if (production.second != other.second) {
      findings.push_back(finding("/generated_at", value_changed, "1", "2"));
    }
    if (production.permutation != other.permutation) {
      findings.push_back(finding("/tags", order_changed, "[..]", "[..]"));
    }
    if (is_candidate && candidate_drops_field) {
      findings.push_back(finding("/customer/email", field_removed, "\"a@b\"", ""));
    }
    if (is_candidate && candidate_changes_type) {
      findings.push_back(finding("/total", type_changed, "17.5", "\"17.5\""));
    }
    return findings;
  }

  static std::vector<Finding> compare_status(bool production_fails, bool other_fails) {
    if (production_fails != other_fails) {
      return {finding("status", status_class, production_fails ? "500" : "200", other_fails ? "500" : "200")};
    }
    return {finding("/took_ms", value_changed, "3", "4")};
  }

  std::mt19937_64 random_;
};

void expect_verdict(const Judgement& judgement, std::string_view path, DifferenceClass difference_class,
                    DifferenceVerdict expected) {
  const Difference* difference = find(judgement, path, difference_class);
  ASSERT_NE(difference, nullptr) << path;
  EXPECT_EQ(name_of(difference->verdict), name_of(expected))
      << path << ": " << difference->reason << ", E = " << difference->evidence;
}

TEST(Verdict, WithoutASecondaryAConstantOfAPolicyIsProvedAtOnceAndOneOfDataLater) {
  const auto verdict_of = [](const std::string& path, std::int64_t step_us) {
    Evidence evidence;
    Recorder recorder(evidence, step_us);
    for (int i = 0; i < 200; ++i) recorder.record("GET /quote", {finding(path, header_changed, "17", "18")});
    return std::string(name_of(find(judge_now(evidence), path, header_changed)->verdict));
  };
  EXPECT_EQ(verdict_of("header:cache-control", 1000), "regression");
  EXPECT_EQ(verdict_of("header:access-control-allow-origin", 1000), "regression");
  // A version of the prices, that each process asks for every few seconds.
  EXPECT_EQ(verdict_of("header:x-price-version", 1000), "unverified");
  EXPECT_EQ(verdict_of("header:x-price-version", 500'000), "regression");
}

TEST(Verdict, NamesThePlantedRegressionsAndTheNoiseOfTheDemo) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    world.candidate_drops_field = true;
    world.candidate_changes_type = true;
    world.failure_rate_of_candidate = 0.03;
    Evidence evidence;
    world.run(evidence, 4000);
    const Judgement judgement = judge_now(evidence);
    EXPECT_EQ(judgement.verdict, Verdict::regression);
    EXPECT_EQ(judgement.needed, 0u);
    EXPECT_EQ(judgement.reasons.size(), 3u);
    expect_verdict(judgement, "/customer/email", field_removed, DifferenceVerdict::regression);
    expect_verdict(judgement, "/total", type_changed, DifferenceVerdict::regression);
    expect_verdict(judgement, "status", status_class, DifferenceVerdict::regression);
    expect_verdict(judgement, "/request_id", value_changed, DifferenceVerdict::noise);
    expect_verdict(judgement, "/generated_at", value_changed, DifferenceVerdict::noise);
    expect_verdict(judgement, "/tags", order_changed, DifferenceVerdict::noise);
    expect_verdict(judgement, "/took_ms", value_changed, DifferenceVerdict::noise);
    EXPECT_EQ(judgement.differences.size(), 7u);
    EXPECT_EQ(judgement.differences[0].verdict, DifferenceVerdict::regression);
    EXPECT_EQ(judgement.differences[0].severity, Severity::critical);
    for (const EndpointSummary& endpoint : judgement.endpoints) {
      EXPECT_EQ(endpoint.verdict, Verdict::regression);
    }
  }
}

TEST(Verdict, PassesACandidateThatIsJustAnotherCopyOfANoisyProduction) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    World world(seed);
    Evidence evidence;
    world.run(evidence, 4000);
    const Judgement judgement = judge_now(evidence);
    EXPECT_EQ(judgement.verdict, Verdict::pass);
    EXPECT_EQ(judgement.needed, 0u);
    EXPECT_EQ(judgement.reasons.size(), 1u);
    for (const Difference& difference : judgement.differences) {
      EXPECT_EQ(difference.verdict, DifferenceVerdict::noise) << difference.path;
    }
  }
}

// A look after every few exchanges of many runs of the world with itself: at most 1 % of them may ever call a
// regression.
TEST(Verdict, ACopyOfAFlakyProductionIsRarelyCalledARegressionHoweverOftenOneLooks) {
  constexpr int runs = 200;
  int alarms = 0;
  for (int run = 0; run < runs; ++run) {
    World world(1000 + static_cast<std::uint64_t>(run));
    world.failure_rate_of_production = 0.05;
    world.has_secondary = run % 2 == 0;
    Evidence evidence;
    bool alarm = false;
    for (int look = 0; look < 20; ++look) {
      world.run(evidence, 100);
      alarm = alarm || judge_now(evidence).verdict == Verdict::regression;
    }
    alarms += alarm ? 1 : 0;
  }
  EXPECT_LE(alarms, runs * 2 / 100);
}

TEST(Verdict, FindsFailuresBesideTheFailuresOfProduction) {
  World world(5);
  world.failure_rate_of_production = 0.02;
  world.failure_rate_of_candidate = 0.04;
  Evidence evidence;
  world.run(evidence, 8000);
  expect_verdict(judge_now(evidence), "status", status_class, DifferenceVerdict::regression);

  World copy(6);
  copy.failure_rate_of_production = 0.02;
  Evidence of_copy;
  copy.run(of_copy, 40'000);
  expect_verdict(judge_now(of_copy), "status", status_class, DifferenceVerdict::noise);
}

TEST(Verdict, WithoutASecondaryWhatHasADirectionIsJudgedAndValuesAreUnverified) {
  World world(9);
  world.has_secondary = false;
  world.candidate_drops_field = true;
  world.candidate_changes_type = true;
  world.failure_rate_of_candidate = 0.03;
  Evidence evidence;
  world.run(evidence, 4000);
  const Judgement judgement = judge_now(evidence);
  EXPECT_EQ(judgement.verdict, Verdict::regression);
  expect_verdict(judgement, "/customer/email", field_removed, DifferenceVerdict::regression);
  expect_verdict(judgement, "/total", type_changed, DifferenceVerdict::regression);
  expect_verdict(judgement, "status", status_class, DifferenceVerdict::regression);
  expect_verdict(judgement, "/request_id", value_changed, DifferenceVerdict::unverified);
  expect_verdict(judgement, "/generated_at", value_changed, DifferenceVerdict::unverified);
  expect_verdict(judgement, "/tags", order_changed, DifferenceVerdict::unverified);
}

TEST(Verdict, WithoutASecondaryAnUnverifiedValueIsNoRegressionAndNoPass) {
  World world(10);
  world.has_secondary = false;
  Evidence evidence;
  world.run(evidence, 4000);
  const Judgement judgement = judge_now(evidence);
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_NE(judgement.reasons.at(0).find("unverified: GET /orders/{id}, /request_id"), std::string::npos)
      << judgement.reasons.at(0);
}

TEST(Verdict, AFieldThatComesAndGoesIsNoiseAlsoWithoutASecondary) {
  std::mt19937_64 random(4);
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 3000; ++i) {
    const bool in_production = random() % 2 == 0;
    const bool in_candidate = random() % 2 == 0;
    std::vector<Finding> findings;
    if (in_production != in_candidate) {
      findings.push_back(finding("/coupon", in_production ? field_removed : field_added));
    }
    recorder.record("GET /a", findings);
  }
  const Judgement judgement = judge_now(evidence);
  expect_verdict(judgement, "/coupon", field_removed, DifferenceVerdict::noise);
  expect_verdict(judgement, "/coupon", field_added, DifferenceVerdict::noise);
  EXPECT_EQ(judgement.verdict, Verdict::pass);
}

TEST(Verdict, AFieldThatIsNullNowAndThenIsNoiseAlsoWithoutASecondary) {
  std::mt19937_64 random(4);
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 8000; ++i) {
    const bool null_in_production = random() % 2 == 0;
    const bool null_in_candidate = random() % 2 == 0;
    std::vector<Finding> findings;
    if (null_in_production && !null_in_candidate) {
      findings.push_back(finding("/coupon", type_changed, "null", "\"x\""));
    } else if (!null_in_production && null_in_candidate) {
      findings.push_back(finding("/coupon", became_null, "\"x\"", "null"));
    }
    recorder.record("GET /a", findings);
  }
  const Judgement judgement = judge_now(evidence);
  expect_verdict(judgement, "/coupon", became_null, DifferenceVerdict::noise);
  expect_verdict(judgement, "/coupon", type_changed, DifferenceVerdict::noise);
}

// 401 → 200 is no improvement, and needs no secondary to be seen.
TEST(Verdict, AStatusThatGotBetterIsADifferenceToo) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 100; ++i) {
    recorder.record("GET /a", {finding("status", status_class, "401", "200")});
  }
  expect_verdict(judge_now(evidence), "status", status_class, DifferenceVerdict::regression);
}

TEST(Verdict, LowSeverityIsShownAndDoesNotGate) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 2000; ++i) {
    recorder.record("GET /a", {finding("/new", field_added)}, std::vector<Finding>{});
  }
  const Judgement judgement = judge_now(evidence);
  expect_verdict(judgement, "/new", field_added, DifferenceVerdict::regression);
  EXPECT_FALSE(judgement.differences.at(0).gates());
  EXPECT_EQ(judgement.verdict, Verdict::pass);
}

TEST(Verdict, ManyNoisyValuesDoNotDelayAFailingStatus) {
  Evidence evidence;
  Recorder recorder(evidence);
  std::vector<Finding> noise;
  for (int i = 0; i < 1000; ++i) {
    noise.push_back(finding("/x" + std::to_string(i), value_changed));
  }
  recorder.record("GET /a", noise, noise);
  int failures = 0;
  while (judge_now(evidence).verdict != Verdict::regression && failures < 100) {
    recorder.record("GET /a", {finding("status", status_class, "200", "500")}, std::vector<Finding>{});
    ++failures;
  }
  EXPECT_EQ(failures, 11);
}

TEST(Verdict, LaterDifferencesNeedMoreEvidence) {
  Evidence evidence;
  Recorder recorder(evidence);
  std::vector<Finding> findings;
  for (int i = 0; i < 50; ++i) {
    findings.push_back(finding("/x" + std::to_string(i), value_changed));
  }
  recorder.record("GET /a", findings, std::vector<Finding>{});
  const Judgement judgement = judge_now(evidence);
  const double pi = std::acos(-1.0);
  const Difference* first = find(judgement, "/x0", value_changed);
  const Difference* last = find(judgement, "/x49", value_changed);
  ASSERT_TRUE(first != nullptr && last != nullptr);
  EXPECT_NEAR(first->needed_evidence, 3 * pi * pi / 6 / (0.62 * 0.01), 1e-6);
  EXPECT_NEAR(last->needed_evidence, first->needed_evidence * 2500, 1e-3);
}

TEST(Verdict, EvidenceStaysFiniteBeyondTheRangeOfADouble) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 20'000; ++i) {
    recorder.record("GET /a", {finding("/x", field_removed)}, std::vector<Finding>{});
  }
  const Judgement judgement = judge_now(evidence);
  EXPECT_TRUE(std::isfinite(judgement.differences.at(0).evidence));
  EXPECT_GT(judgement.differences.at(0).evidence, 1e290);
}

class IgnoreRules : public ::testing::Test {
 protected:
  void SetUp() override {
    Recorder recorder(evidence_);
    for (int i = 0; i < 1000; ++i) {
      recorder.record("GET /a", {finding("/x", field_removed), finding("header:etag", header_removed)},
                      std::vector<Finding>{});
    }
  }
  Judgement judge_with(const IgnoreRule& rule) {
    Settings settings;
    settings.ignore.push_back(rule);
    return judge_now(evidence_, settings);
  }
  Evidence evidence_;
};

constexpr ClassSet removal = bit_of(field_removed);

TEST_F(IgnoreRules, SilenceWhatTheyNameAndNothingElse) {
  const Judgement judgement = judge_with({"GET /a", "/x", "we dropped it", "", removal});
  expect_verdict(judgement, "/x", field_removed, DifferenceVerdict::ignored);
  expect_verdict(judgement, "header:etag", header_removed, DifferenceVerdict::regression);
  EXPECT_EQ(find(judgement, "/x", field_removed)->reason, "we dropped it");
  expect_verdict(judge_with({"GET /b", "/x", "", "", removal}), "/x", field_removed, DifferenceVerdict::regression);
}

TEST_F(IgnoreRules, HoldForEveryEndpointWhereNoneIsNamed) {
  expect_verdict(judge_with({"", "/x", "", "", removal}), "/x", field_removed, DifferenceVerdict::ignored);
}

TEST_F(IgnoreRules, TakeHeaderNamesInAnyCase) {
  expect_verdict(judge_with({"", "header:ETag", "", "", bit_of(header_removed)}), "header:etag", header_removed,
                 DifferenceVerdict::ignored);
}

TEST_F(IgnoreRules, HoldThroughTheirLastDayAndSayWhenTheyExpired) {
  expect_verdict(judge_with({"", "/x", "", "2026-11-21", removal}), "/x", field_removed, DifferenceVerdict::ignored);
  const Judgement expired = judge_with({"", "/x", "", "2026-11-20", removal});
  expect_verdict(expired, "/x", field_removed, DifferenceVerdict::regression);
  EXPECT_NE(find(expired, "/x", field_removed)->reason.find("expired on 2026-11-20"), std::string::npos);
}

TEST_F(IgnoreRules, LetTheGatePass) {
  Settings settings;
  settings.ignore = {{"", "/x", "", "", removal}, {"", "header:etag", "", "", bit_of(header_removed)}};
  EXPECT_EQ(judge_now(evidence_, settings).verdict, Verdict::pass);
}

TEST_F(IgnoreRules, HideNoRemovalWhereTheyNameNoClass) {
  const Judgement judgement = judge_with({"GET /a", "/x", "a clock", ""});
  expect_verdict(judgement, "/x", field_removed, DifferenceVerdict::regression);
}

TEST_F(IgnoreRules, CoverExactlyTheClassesThatTheyName) {
  const Judgement judgement = judge_with({"GET /a", "/x", "", "", bit_of(type_changed) | bit_of(became_null)});
  expect_verdict(judgement, "/x", field_removed, DifferenceVerdict::regression);
  EXPECT_FALSE((IgnoreRule{"", "/x", "", "", removal}).covers(value_changed));
}

TEST(IgnoreRule, WithoutAClassCoversValuesAndNothingOfTheStructure) {
  const IgnoreRule rule{"", "/x", "", ""};
  for (const DifferenceClass of_value : {value_changed, value_novel, notation_changed, emptied, zeroed, frozen, greater,
                                         less, header_changed, body_changed, lines_replaced, order_changed, latency}) {
    EXPECT_TRUE(rule.covers(of_value)) << name_of(of_value);
  }
  for (const DifferenceClass other : {transport, status_class, status_code, content_type, parse_failed, field_removed,
                                      field_added, element_removed, element_added, type_changed, became_null,
                                      format_changed, duplicate_key, header_removed, header_added, cookie_attribute}) {
    EXPECT_FALSE(rule.covers(other)) << name_of(other);
  }
}

TEST(IgnoreRule, SilencesAValueWithAllThatHoldsForIt) {
  Evidence evidence;
  Recorder recorder(evidence);
  Finding emptied_value = finding("/x", value_changed, "\"a\"", "\"\"");
  emptied_value.aspects = bit_of(emptied);
  for (int i = 0; i < 1000; ++i) recorder.record("GET /a", {emptied_value}, std::vector<Finding>{});
  Settings settings;
  EXPECT_EQ(judge_now(evidence, settings).verdict, Verdict::regression);
  settings.ignore.push_back({"", "/x", "", ""});
  const Judgement judgement = judge_now(evidence, settings);
  EXPECT_EQ(judgement.verdict, Verdict::pass);
  expect_verdict(judgement, "/x", value_changed, DifferenceVerdict::ignored);
}

TEST(Gate, SaysHowManyExchangesItStillNeeds) {
  Evidence evidence;
  Recorder recorder(evidence);
  const Judgement nothing = judge_now(evidence);
  EXPECT_EQ(nothing.verdict, Verdict::inconclusive);
  EXPECT_NEAR(static_cast<double>(nothing.needed), 530, 60);
  EXPECT_FALSE(nothing.reasons.empty());
  for (int i = 0; i < 100; ++i) {
    recorder.record("GET /a", {});
  }
  const Judgement some = judge_now(evidence);
  EXPECT_EQ(some.verdict, Verdict::inconclusive);
  EXPECT_NEAR(static_cast<double>(some.needed), 430, 60);
  for (std::uint64_t i = 0; i < some.needed; ++i) {
    recorder.record("GET /a", {});
  }
  EXPECT_EQ(judge_now(evidence).verdict, Verdict::pass);
}

TEST(Gate, ForecastsWhatDecidesFirst) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 60; ++i) {
    recorder.record("GET /a",
                    i % 20 == 0 ? std::vector{finding("status", status_class, "200", "500")} : std::vector<Finding>{},
                    std::vector<Finding>{});
  }
  const Judgement judgement = judge_now(evidence);  // 3 failures of 60: eleven will be the proof
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_NEAR(static_cast<double>(judgement.needed), 160, 60);
  ASSERT_EQ(judgement.reasons.size(), 2u);
  EXPECT_NE(judgement.reasons[1].find("undecided: GET /a, status: status_class"), std::string::npos)
      << judgement.reasons[1];
}

TEST(Gate, EveryEndpointWithOnePercentOfTheTrafficMustBeSeenOftenEnough) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 10'000; ++i) {
    recorder.record(i % 50 == 0 ? "GET /rare" : "GET /often", {});
  }
  const Judgement judgement = judge_now(evidence);  // 200 of the rare one
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_NEAR(static_cast<double>(judgement.needed), 10'000 * 330 / 200, 3000);
  EXPECT_NE(judgement.reasons.at(0).find("GET /rare"), std::string::npos);
  EXPECT_EQ(judgement.endpoints.at(0).endpoint, "GET /often");
  EXPECT_EQ(judgement.endpoints.at(0).verdict, Verdict::pass);
  EXPECT_EQ(judgement.endpoints.at(1).verdict, Verdict::inconclusive);
}

TEST(Gate, EndpointsBelowOnePercentAreJudgedTogether) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 300; ++i) {
    recorder.record("GET /e" + std::to_string(i), {});
  }
  EXPECT_EQ(judge_now(evidence).verdict, Verdict::inconclusive)
      << "300 exchanges of 300 endpoints are no more than 300 of one";
  for (int i = 0; i < 600; ++i) {
    recorder.record("GET /e" + std::to_string(i % 300), {});
  }
  EXPECT_EQ(judge_now(evidence).verdict, Verdict::pass);
}

TEST(Gate, DropsBeyondTenPercentForbidAPass) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 1000; ++i) {
    recorder.record("GET /a", {});
  }
  EXPECT_EQ(judge(evidence, {}, {1100, 100, "2026-11-21"}).verdict, Verdict::pass);
  const Judgement judgement = judge(evidence, {}, {1200, 200, "2026-11-21"});
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  EXPECT_EQ(judgement.needed, 800u);
  EXPECT_NE(judgement.reasons.at(0).find("200 of 1200"), std::string::npos) << judgement.reasons.at(0);
}

TEST(Gate, DropsDoNotHideAProvedRegression) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 100; ++i) {
    recorder.record("GET /a", {finding("/x", field_removed)}, std::vector<Finding>{});
  }
  EXPECT_EQ(judge(evidence, {}, {1000, 900, "2026-11-21"}).verdict, Verdict::regression);
}

TEST(Gate, ACandidateThatNeverAnswersIsARegression) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 100; ++i) {
    recorder.record("GET /a", {finding("status", transport, "200", "refused")});
  }
  const Judgement judgement = judge_now(evidence);
  EXPECT_EQ(judgement.compared, 0u);
  EXPECT_EQ(judgement.verdict, Verdict::regression);
  expect_verdict(judgement, "status", transport, DifferenceVerdict::regression);
}

// With a secondary for a share of the exchanges only, values are judged where it answered.
TEST(Gate, ASampledSecondaryIsEnoughForTheVerdictOnValues) {
  Evidence evidence;
  Recorder recorder(evidence);
  const std::vector<Finding> both{finding("/id", value_changed), finding("/price", value_changed)};
  const std::vector<Finding> noise{finding("/id", value_changed)};
  for (int i = 0; i < 6000; ++i) {
    recorder.record("GET /a", both, i % 50 == 0 ? std::optional(noise) : std::nullopt);
  }
  const Judgement judgement = judge_now(evidence);
  expect_verdict(judgement, "/id", value_changed, DifferenceVerdict::noise);
  expect_verdict(judgement, "/price", value_changed, DifferenceVerdict::regression);
}

// An unordered list that came back in production's order once for the candidate and eight times for production itself:
// E stands above ten by chance, and nobody should have to wait for more.
TEST(Gate, WhatProductionDoesNearlyAlwaysItselfIsNoise) {
  Evidence evidence;
  Recorder recorder(evidence);
  const std::vector<Finding> shuffled{finding("/tags", order_changed)};
  for (int i = 0; i < 565; ++i) {
    recorder.record("GET /a", i == 0 ? std::vector<Finding>{} : shuffled,
                    i % 70 == 1 ? std::vector<Finding>{} : shuffled);
  }
  const Judgement judgement = judge_now(evidence);
  const Difference* difference = find(judgement, "/tags", order_changed);
  ASSERT_NE(difference, nullptr);
  EXPECT_GT(difference->evidence, 10);
  EXPECT_EQ(difference->verdict, DifferenceVerdict::noise);
}

TEST(Gate, ARegressionOnOneSingleTargetIsProvedWithinASecond) {
  Evidence evidence;
  Recorder recorder(evidence);  // a request a millisecond
  for (int i = 0; i < 1000; ++i) {
    recorder.record("GET /a", {finding("/x", field_removed)}, std::vector<Finding>{}, 1);
  }
  EXPECT_EQ(judge_now(evidence).verdict, Verdict::regression);
}

TEST(Verdict, IsTheSameAfterARestart) {
  World world(12);
  world.candidate_drops_field = true;
  world.failure_rate_of_candidate = 0.02;
  Evidence evidence;
  world.run(evidence, 3000);
  Evidence restored;
  restored.restore(evidence.rows());
  const Judgement before = judge_now(evidence);
  const Judgement after = judge_now(restored);
  EXPECT_EQ(after.verdict, before.verdict);
  EXPECT_EQ(after.reasons, before.reasons);
  ASSERT_EQ(after.differences.size(), before.differences.size());
  for (std::size_t i = 0; i < before.differences.size(); ++i) {
    EXPECT_EQ(after.differences[i].id, before.differences[i].id);
    EXPECT_EQ(after.differences[i].evidence, before.differences[i].evidence);
    EXPECT_EQ(after.differences[i].needed_evidence, before.differences[i].needed_evidence);
  }
}

}  // namespace
}  // namespace understudy::diff
