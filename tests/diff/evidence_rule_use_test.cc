// What there is to say of rules of diff.ignore, in every output.
#include <gtest/gtest.h>

#include "diff/evidence/rule_use.h"
#include "diff/report/render.h"
#include "tests/diff/evidence_support.h"

namespace understudy::diff {
namespace {

using enum DifferenceClass;
using testing::finding;
using testing::Recorder;

constexpr std::string_view today = "2026-11-21";

// A clock at GET /a that the candidate lacks now and then, and an endpoint without differences.
Evidence sample(int exchanges) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < exchanges; ++i) {
    recorder.record("GET /a", {finding("/clock", i % 2 == 0 ? value_changed : field_removed)}, std::vector<Finding>{});
    recorder.record("GET /b", {}, std::vector<Finding>{});
  }
  return evidence;
}

RuleUse use_of(const IgnoreRule& rule, int exchanges, std::string_view day = today) {
  Settings settings;
  settings.ignore = {rule};
  const std::vector<RuleUse> uses = uses_of_rules(sample(exchanges), settings, {}, day);
  EXPECT_EQ(uses.size(), 1u);
  return uses.at(0);
}

TEST(RuleUse, OneThatMatchesIsUsedAndThereIsNothingToSay) {
  const RuleUse use = use_of({"GET /a", "/clock", "", ""}, 100);
  EXPECT_EQ(use.state, RuleState::used);
  EXPECT_EQ(use.differences, 1u);
  EXPECT_EQ(use.not_covered, bit_of(field_removed));
  EXPECT_EQ(use.note, "");
  EXPECT_EQ(use_of({"", "/clock", "", "", bit_of(field_removed)}, 100).state, RuleState::used);
}

TEST(RuleUse, WhatOnlyProductionVariesIsMatchedToo) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 100; ++i) recorder.record("GET /a", {}, std::vector{finding("header:date", header_changed)});
  Settings settings;
  settings.ignore = {{"GET /a", "header:Date", "", ""}};
  EXPECT_EQ(uses_of_rules(evidence, settings, {}, today).at(0).state, RuleState::used);
}

TEST(RuleUse, OneThatMatchesNothingIsSaidOnceEnoughOfItsEndpointWasCompared) {
  EXPECT_EQ(use_of({"GET /b", "/x", "", ""}, 99).state, RuleState::waiting);
  EXPECT_EQ(use_of({"GET /b", "/x", "", ""}, 99).note, "");
  const RuleUse use = use_of({"GET /b", "/x", "", ""}, 100);
  EXPECT_EQ(use.state, RuleState::unmatched);
  EXPECT_EQ(use.note, "rule 1 of [[diff.ignore]] (GET /b, /x) has matched nothing in 100 exchanges");
}

TEST(RuleUse, OneForEveryEndpointWaitsForAThousandExchanges) {
  EXPECT_EQ(use_of({"", "/x", "", ""}, 499).state, RuleState::waiting);
  EXPECT_EQ(use_of({"", "/x", "", "", bit_of(type_changed)}, 500).note,
            "rule 1 of [[diff.ignore]] (every endpoint, /x, type_changed) has matched nothing in 1000 exchanges");
}

TEST(RuleUse, OneWhoseEndpointNeverAppearedSaysSo) {
  EXPECT_EQ(use_of({"GET /c", "/clock", "", ""}, 499).note, "");
  EXPECT_EQ(use_of({"GET /c", "/clock", "", ""}, 500).note,
            "rule 1 of [[diff.ignore]] (GET /c, /clock) has matched nothing in 1000 exchanges: its endpoint never "
            "appeared");
}

TEST(RuleUse, OneOfAnotherClassNamesWhatDiffersThere) {
  EXPECT_NE(use_of({"GET /a", "/clock", "", "", bit_of(type_changed)}, 100)
                .note.find("; what differs there is field_removed, value_changed, which it does not name"),
            std::string::npos);
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 100; ++i) recorder.record("GET /a", {finding("/x", became_null)}, std::vector<Finding>{});
  Settings settings;
  settings.ignore = {{"GET /a", "/x", "", ""}};
  EXPECT_NE(uses_of_rules(evidence, settings, {}, today)
                .at(0)
                .note.find("; what differs there is became_null, which takes a rule with a class"),
            std::string::npos);
}

TEST(RuleUse, OneThatHasExpiredIsSaidAtOnceWhetherItMatchesOrNot) {
  EXPECT_EQ(use_of({"GET /a", "/clock", "", "2026-11-21"}, 1).state, RuleState::used) << "its last day";
  EXPECT_EQ(use_of({"GET /a", "/clock", "", "2026-11-20"}, 1).note,
            "rule 1 of [[diff.ignore]] (GET /a, /clock) expired on 2026-11-20 and covers nothing any more");
  EXPECT_EQ(use_of({"GET /b", "/x", "", "2026-11-20"}, 0).state, RuleState::expired);
}

TEST(RuleUse, NothingIsSaidWhereDifferencesWereCountedWithoutTheirPath) {
  Evidence evidence;
  Rows rows;
  EndpointCounters counters{.requests = 200, .compared = 200, .overflowed = 1};
  rows.endpoints.push_back({"GET /a", counters});
  evidence.restore(rows);
  Settings settings;
  settings.ignore = {{"GET /a", "/x", "", ""}};
  EXPECT_EQ(uses_of_rules(evidence, settings, {}, today).at(0).state, RuleState::waiting);
}

TEST(RuleUse, ARuleForLatencyMatchesWhatTheJudgementFoundSlow) {
  Settings settings;
  settings.ignore = {{"GET /b", "latency", "", ""}};
  Difference slow;
  slow.endpoint = "GET /b";
  slow.path = "latency";
  slow.difference_class = latency;
  const Evidence evidence = sample(100);
  EXPECT_EQ(uses_of_rules(evidence, settings, std::vector{slow}, today).at(0).state, RuleState::used);
  // Without a second instance nobody knows who is slow.
  EXPECT_EQ(uses_of_rules(evidence, settings, {}, today).at(0).state, RuleState::waiting);
}

// The evidence comes back from rows, and the counts with it.
TEST(RuleUse, IsTheSameAfterARestart) {
  Evidence evidence;
  evidence.restore(sample(100).rows());
  Settings settings;
  settings.ignore = {{"GET /a", "/clock", "", ""}, {"GET /b", "/x", "", ""}};
  const std::vector<RuleUse> uses = uses_of_rules(evidence, settings, {}, today);
  EXPECT_EQ(uses[0].state, RuleState::used);
  EXPECT_EQ(uses[1].state, RuleState::unmatched);
  EXPECT_EQ(uses[1].number, 2u);
}

TEST(RuleUse, IsToldByEveryReportAlsoBesideARegression) {
  Settings settings;
  settings.ignore = {{"GET /b", "/x", "", ""}};
  const std::string note = "rule 1 of [[diff.ignore]] (GET /b, /x) has matched nothing in 500 exchanges";
  for (const bool is_regression : {true, false}) {
    Settings chosen = settings;
    if (!is_regression) chosen.ignore.push_back({"", "/clock", "", "", bit_of(value_changed) | bit_of(field_removed)});
    const ReportModel model = make_report(sample(500), chosen, {}, 0, std::string(today));
    ASSERT_EQ(model.judgement.verdict == Verdict::regression, is_regression);
    EXPECT_NE(render_text(model, {}).find("  Note: " + note + '\n'), std::string::npos) << render_text(model, {});
    JsonWriter writer;
    write_verdict(writer, model);
    const std::string json = writer.take();
    EXPECT_NE(json.find('"' + note +
                        "\"],\"rules\":[{\"rule\":1,\"endpoint\":\"GET /b\",\"path\":\"/x\",\"classes\":[],"
                        "\"state\":\"unmatched\",\"differences\":0,\"exchanges\":500,\"note\":\"" +
                        note + "\"}"),
              std::string::npos)
        << json;
  }
}

}  // namespace
}  // namespace understudy::diff
