// Production as its own secondary: a state of its one process is told from a change of the build by asking both sides
// again. Simulated over seeds, with services that keep a rate for a second.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/diff/evidence_support.h"

namespace understudy::diff {
namespace {

using testing::find;
using testing::finding;

Observation observed(std::uint64_t exchange_id, const std::vector<Finding>& candidate,
                     const std::vector<Finding>& secondary, bool awaits_confirmation = true) {
  Observation observation;
  observation.endpoint = "GET /rates/{}";
  observation.fingerprint = observation.exchange_id = exchange_id;
  observation.time_us = 1'790'000'000'000'000 + static_cast<std::int64_t>(exchange_id) * 200'000;
  observation.candidate = candidate;
  observation.secondary = secondary;
  observation.awaits_confirmation = awaits_confirmation;
  return observation;
}

const Cell& cell_of(const Evidence& evidence, std::string_view path, DifferenceClass difference_class) {
  return evidence.endpoints().begin()->second.cells.find(path)->second.at(difference_class);
}

TEST(Confirmation, OnlyWhatIsStillThereIsProof) {
  Evidence evidence;
  const std::vector<Finding> rate{finding("/rate", DifferenceClass::value_changed)};
  evidence.record(observed(1, rate, {}));
  evidence.record(observed(2, rate, {}));
  evidence.record(observed(3, rate, {}));
  EXPECT_EQ(cell_of(evidence, "/rate", DifferenceClass::value_changed).proof, Signs());
  EXPECT_TRUE(evidence.awaits(1));

  EXPECT_EQ(evidence.confirm(1, rate), (Signs{1, 0}));
  EXPECT_EQ(evidence.confirm(2, {}), (Signs{0, 1}));
  evidence.give_up(3);
  EXPECT_FALSE(evidence.awaits(3));
  EXPECT_EQ(evidence.confirm(3, rate), std::nullopt);
  const Cell& cell = cell_of(evidence, "/rate", DifferenceClass::value_changed);
  EXPECT_EQ(cell.proof, (Signs{1, 1}));
  EXPECT_EQ(cell.asked_again, (Signs{1, 1}));
  EXPECT_EQ(cell.counters.b, 3u);  // what is excluded goes by all of them
}

TEST(Confirmation, ShapesAndWhatBothShowWaitForNothing) {
  Evidence evidence;
  const std::vector<Finding> both{finding("/rate", DifferenceClass::value_changed)};
  evidence.record(observed(1, both, both));
  EXPECT_FALSE(evidence.awaits(1));
  evidence.record(observed(2, {finding("/id", DifferenceClass::field_removed)}, {}));
  EXPECT_FALSE(evidence.awaits(2));
  EXPECT_EQ(cell_of(evidence, "/id", DifferenceClass::field_removed).proof, (Signs{1, 0}));
}

TEST(Confirmation, AnotherValueAtTheSamePathIsStillADifference) {
  Evidence evidence;
  evidence.record(observed(1, {finding("/state", DifferenceClass::value_novel)}, {}));
  EXPECT_EQ(evidence.confirm(1, std::vector{finding("/state", DifferenceClass::value_changed)}), (Signs{1, 1}));
  EXPECT_EQ(cell_of(evidence, "/state", DifferenceClass::value_changed).asked_again, (Signs{1, 0}));
  EXPECT_EQ(cell_of(evidence, "/state", DifferenceClass::value_novel).asked_again, (Signs{0, 1}));
}

TEST(Confirmation, WhatIsHiddenIsNotGone) {
  using Class = DifferenceClass;
  const auto confirmed = [](const Finding& first, const std::vector<Finding>& again) {
    Evidence evidence;
    evidence.record(observed(1, {first}, {}));
    return evidence.confirm(1, again);
  };
  const Finding price = finding("/item/price", Class::value_changed);
  EXPECT_EQ(confirmed(price, {finding("/item/name", Class::value_changed)}), (Signs{0, 1}));
  for (const Finding& hides : {finding("/item/price", Class::became_null), finding("/item/price", Class::type_changed),
                               finding("/item", Class::field_removed), finding("/item", Class::became_null),
                               finding("body", Class::type_changed), finding("body", Class::body_changed),
                               finding("/item/price", Class::format_changed)}) {
    EXPECT_EQ(confirmed(price, {finding("header:x", Class::header_changed), hides}), std::nullopt) << hides.path;
  }
  EXPECT_EQ(confirmed(price, {finding("/ite", Class::field_removed)}), (Signs{0, 1}));
  EXPECT_EQ(confirmed(finding("body", Class::body_changed), {price}), std::nullopt);
  EXPECT_EQ(confirmed(finding("body", Class::body_changed), {}), (Signs{0, 1}));
  EXPECT_EQ(confirmed(finding("header:x", Class::header_changed), {finding("header:x", Class::header_removed)}),
            std::nullopt);
  EXPECT_EQ(confirmed(finding("header:x", Class::header_changed), {finding("body", Class::body_changed)}),
            (Signs{0, 1}));
}

TEST(Confirmation, AConstantOfProductionsOneProcessProvesNothingBefore) {
  const std::vector<Finding> changed{finding("header:x", DifferenceClass::header_changed)};
  Evidence evidence;
  for (std::uint64_t i = 1; i <= 50; ++i) {
    Observation observation = observed(i, changed, {});
    observation.secondary = std::nullopt;
    evidence.record(observation);
  }
  const Cell& cell = cell_of(evidence, "header:x", DifferenceClass::header_changed);
  EXPECT_EQ(cell.proof_directional, Signs());
  EXPECT_EQ(cell.counters.raw, 50u);
}

TEST(Confirmation, IsStoredAndOlderRowsHaveNone) {
  Cell cell;
  cell.proof = {3, 4};
  cell.asked_again = {5, 6};
  const std::string state = serialized_state(cell);
  Cell back;
  merge_state(back, state);
  merge_state(back, state);
  EXPECT_EQ(back.asked_again, (Signs{10, 12}));
  EXPECT_EQ(back.proof, (Signs{6, 8}));
  const std::size_t end = state.find(';');
  Cell older;
  merge_state(older, state.substr(0, end - std::string_view(" 5 6").size()) + state.substr(end));
  EXPECT_EQ(older.proof, (Signs{3, 4}));
  EXPECT_EQ(older.asked_again, Signs());
}

// The rate that a process gives which looks it up every second; it changes every three.
struct Process {
  double phase;

  long rate_at(double time_s) const { return std::lround(std::floor((std::floor(time_s - phase) + phase) / 3)); }
};

struct Played {
  bool was_regression = false;  // at any look
  Judgement last;
};

// Five repeats a second, each of another request. `price_differs`: of the candidate's answer to a request.
Played play(unsigned seed, int exchanges, const std::function<bool(std::uint64_t)>& price_differs,
            bool confirms = true) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  const Process production{uniform(random)}, candidate{uniform(random)};
  const double start_s = 100 * uniform(random);
  const auto findings_at = [&](double time_s, std::uint64_t request) {
    std::vector<Finding> findings;
    if (production.rate_at(time_s) != candidate.rate_at(time_s)) {
      findings.push_back(finding("/rate", DifferenceClass::value_changed));
    }
    if (price_differs(request)) findings.push_back(finding("/price", DifferenceClass::value_changed));
    return findings;
  };
  Evidence evidence;
  std::multimap<double, std::uint64_t> waiting;
  std::uint64_t owed = 0;
  Played played;
  for (std::uint64_t request = 1; request <= static_cast<std::uint64_t>(exchanges); ++request) {
    const double now_s = start_s + static_cast<double>(request) * 0.2;
    while (!waiting.empty() && waiting.begin()->first <= now_s) {
      const auto [due_s, asked] = *waiting.begin();
      waiting.erase(waiting.begin());
      evidence.confirm(asked, findings_at(due_s, asked));
      ++owed;
    }
    if (owed != 0) {  // it takes the place of a repeat
      --owed;
      continue;
    }
    evidence.record(observed(request, findings_at(now_s, request), {}, confirms));
    if (evidence.awaits(request)) waiting.emplace(now_s + 3 * (1 + uniform(random)), request);
    if (request % 50 != 0) continue;
    played.last = judge(evidence, {}, {evidence.compared(), 0, "2026-11-21", true});
    played.was_regression = played.was_regression || played.last.verdict == Verdict::regression;
  }
  return played;
}

constexpr int seeds = 100;

TEST(Confirmation, ARateThatEachProcessKeepsIsNoRegression) {
  int regressions = 0, without = 0, shown = 0, told = 0;
  for (unsigned seed = 0; seed < seeds; ++seed) {
    const auto never = [](std::uint64_t) { return false; };
    const Played played = play(seed, 3000, never);
    regressions += played.was_regression ? 1 : 0;
    without += play(seed, 3000, never, false).was_regression ? 1 : 0;
    // Phases that lie close together show nothing.
    const Difference* rate = find(played.last, "/rate", DifferenceClass::value_changed);
    shown += rate != nullptr ? 1 : 0;
    told += rate != nullptr && rate->reason.find("it was gone") != std::string::npos ? 1 : 0;
  }
  RecordProperty("regressions", regressions);
  RecordProperty("regressions_without_asking_again", without);
  std::printf("a regression in %d of %d runs, in %d without asking again\n", regressions, seeds, without);
  EXPECT_LE(regressions, 3);
  EXPECT_GE(shown, seeds / 2);
  EXPECT_EQ(told, shown);
}

TEST(Confirmation, AChangeOfTheBuildIsProvedBesideIt) {
  for (unsigned seed = 0; seed < seeds / 4; ++seed) {
    const Played all = play(seed, 400, [](std::uint64_t) { return true; });
    const Difference* of_all = find(all.last, "/price", DifferenceClass::value_changed);
    ASSERT_NE(of_all, nullptr);
    EXPECT_EQ(of_all->verdict, DifferenceVerdict::regression) << seed << ": " << of_all->reason;
    const Played some = play(seed, 3000, [](std::uint64_t request) { return request % 10 == 3; });
    const Difference* of_some = find(some.last, "/price", DifferenceClass::value_changed);
    ASSERT_NE(of_some, nullptr);
    EXPECT_EQ(of_some->verdict, DifferenceVerdict::regression) << seed << ": " << of_some->reason;
  }
}

// What comes and goes by itself cannot be told from a state: it is no proof, and it is no pass either.
TEST(Confirmation, NothingPassesBecauseItWasGone) {
  std::mt19937_64 random(5);
  Evidence evidence;
  for (std::uint64_t request = 1; request <= 3000; ++request) {
    const auto by_chance = [&] {
      return random() % 10 == 0 ? std::vector{finding("/price", DifferenceClass::value_changed)}
                                : std::vector<Finding>{};
    };
    evidence.record(observed(request, by_chance(), {}));
    if (evidence.awaits(request)) evidence.confirm(request, by_chance());
  }
  const Judgement judgement = judge(evidence, {}, {evidence.compared(), 0, "2026-11-21", true});
  EXPECT_EQ(judgement.verdict, Verdict::inconclusive);
  const Difference* price = find(judgement, "/price", DifferenceClass::value_changed);
  ASSERT_NE(price, nullptr);
  EXPECT_TRUE(price->is_open());
  EXPECT_NE(price->reason.find("only a second instance could tell"), std::string::npos) << price->reason;
}

}  // namespace
}  // namespace understudy::diff
