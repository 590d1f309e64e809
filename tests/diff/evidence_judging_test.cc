// A judgement in steps is the judgement at once, whatever has been recorded.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/diff/evidence_support.h"

namespace understudy::diff {
namespace {

using testing::finding;

constexpr std::array classes{DifferenceClass::value_changed, DifferenceClass::value_novel,
                             DifferenceClass::field_removed, DifferenceClass::field_added,
                             DifferenceClass::status_class,  DifferenceClass::type_changed};

std::vector<Finding> random_findings(std::mt19937& random, double rate) {
  std::vector<Finding> findings;
  for (int field = 0; field < 6; ++field) {
    if (std::uniform_real_distribution<>(0, 1)(random) >= rate * field / 6) continue;
    findings.push_back(
        finding("/f" + std::to_string(field), classes[random() % classes.size()], "1", std::to_string(random() % 9)));
  }
  return findings;
}

void record_some(Evidence& evidence, testing::Recorder& recorder, std::mt19937& random, int exchanges,
                 double candidate_rate, double secondary_rate) {
  for (int i = 0; i < exchanges; ++i) {
    const std::string endpoint = "GET /" + std::to_string(std::min(random() % 40, random() % 40));
    if (random() % 50 == 0) {
      evidence.record_not_compared(endpoint);
      continue;
    }
    const std::vector<Finding> candidate = random_findings(random, candidate_rate);
    if (random() % 4 == 0) {
      recorder.record(endpoint, candidate);
    } else {
      recorder.record(endpoint, candidate, random_findings(random, secondary_rate));
    }
  }
}

void keep(Evidence& evidence, Judging& judging) {
  for (const Judging::Proof& proof : judging.take_proofs()) {
    evidence.note_proof(proof.endpoint, proof.path, proof.difference_class, proof.is_proved ? 7 : 0);
  }
}

void expect_the_same_proofs(const Evidence& left, const Evidence& right) {
  const Rows a = left.rows();
  const Rows b = right.rows();
  ASSERT_EQ(a.cells.size(), b.cells.size());
  for (std::size_t i = 0; i < a.cells.size(); ++i) {
    EXPECT_EQ(a.cells[i].cell.proved_us, b.cells[i].cell.proved_us) << a.cells[i].endpoint << a.cells[i].path;
  }
}

TEST(EvidenceJudging, StepsOfAnySizeSayAndProveWhatTheJudgementAtOnceDoes) {
  std::size_t verdicts[3] = {};
  for (unsigned seed = 1; seed <= 24; ++seed) {
    std::mt19937 random(seed);
    Evidence stepped, whole;
    testing::Recorder into_stepped(stepped), into_whole(whole);
    Settings settings;
    settings.exclude = seed % 2 == 0 ? 0.5 : 0.01;
    const double candidate_rate = seed % 3 == 0 ? 0.5 : seed % 3 == 1 ? 0.02 : 0;
    for (int round = 0; round < 4; ++round) {
      const std::mt19937 same = random;
      record_some(stepped, into_stepped, random, 400, candidate_rate, 0.02);
      std::mt19937 again = same;
      record_some(whole, into_whole, again, 400, candidate_rate, 0.02);

      const Circumstances circumstances{stepped.totals().eligible(), stepped.totals().dropped, "2026-11-21"};
      Judging judging(stepped, settings, circumstances, Judging::Detail::verdict);
      while (!judging.step(1 + seed % 7)) keep(stepped, judging);
      keep(stepped, judging);
      const Judgement at_once = judge(whole, settings, circumstances);
      keep_proofs(whole, at_once, 7);

      const Judgement in_steps = judging.take();
      EXPECT_EQ(in_steps.verdict, at_once.verdict) << "seed " << seed << ", round " << round;
      EXPECT_EQ(in_steps.progress.endpoints, at_once.progress.endpoints);
      EXPECT_EQ(in_steps.progress.judged, at_once.progress.judged);
      expect_the_same_proofs(stepped, whole);
      ++verdicts[static_cast<std::size_t>(at_once.verdict)];
    }
  }
  for (const std::size_t count : verdicts) EXPECT_GT(count, 0u) << "the seeds show each verdict";
}

TEST(EvidenceJudging, WhatIsRecordedBetweenTwoStepsDoesNotDisturbIt) {
  std::mt19937 random(3);
  Evidence evidence;
  testing::Recorder recorder(evidence);
  record_some(evidence, recorder, random, 500, 0, 0);
  const Settings settings;
  Judging judging(evidence, settings, {500, 0, "2026-11-21"}, Judging::Detail::verdict);
  for (int i = 0; !judging.step(1); ++i) {
    ASSERT_LT(i, 100'000);
    if (i < 300) record_some(evidence, recorder, random, 3, 1, 0.1);
    keep(evidence, judging);
  }
  (void)judging.take();
  EXPECT_EQ(testing::judge_now(evidence).verdict, Verdict::regression);
}

}  // namespace
}  // namespace understudy::diff
