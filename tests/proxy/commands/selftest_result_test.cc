#include "proxy/commands/selftest_result.h"

#include <gtest/gtest.h>

namespace understudy {
namespace {

SelftestRow row(const char* path, const char* difference_class, std::uint64_t count, const char* verdict = "noise") {
  SelftestRow result;
  result.endpoint = "GET /items/{id}";
  result.path = path;
  result.difference_class = difference_class;
  result.severity = "medium";
  result.verdict = verdict;
  result.reason = "a reason";
  result.gates = true;
  result.count = result.noise = count;
  result.compared = result.triples = 1'000;
  result.one_value = "1";
  result.other_value = "2";
  return result;
}

SelftestReport report(std::vector<SelftestRow> rows, const char* verdict = "pass") {
  SelftestReport result;
  result.verdict = verdict;
  result.compared = 1'000;
  result.endpoints["GET /items/{id}"] = 1'000;
  result.rows = std::move(rows);
  return result;
}

SelftestKind kind(const SelftestRow& one) {
  return selftest_fields(report({one}), SelftestCourse()).at(0).kind;
}

SelftestResult result_of(SelftestReport given) {
  SelftestResult result;
  result.repeated_at = "http://b";
  result.seconds = 60;
  result.fields = selftest_fields(given, SelftestCourse());
  result.report = std::move(given);
  result.to_pass = 2'765;
  result.pace = 10;
  return result;
}

TEST(SelftestResult, AFieldIsNamedForWhatItsRateAndItsVerdictSay) {
  EXPECT_EQ(kind(row("/id", "value_changed", 950)), SelftestKind::blind);
  EXPECT_EQ(kind(row("/id", "value_changed", 949)), SelftestKind::varying);
  EXPECT_EQ(kind(row("/rate", "value_changed", 300, "state")), SelftestKind::state);
  EXPECT_EQ(kind(row("/rate", "value_changed", 300, "undecided")), SelftestKind::open);
  EXPECT_EQ(kind(row("/rate", "value_changed", 300, "unverified")), SelftestKind::open);
  EXPECT_EQ(kind(row("/tags", "order_changed", 1'000)), SelftestKind::reordered);
  EXPECT_EQ(kind(row("/rate", "value_changed", 300, "regression")), SelftestKind::environment);
  EXPECT_EQ(kind(row("latency", "latency", 1'000, "regression")), SelftestKind::environment);
}

TEST(SelftestResult, WhatDoesNotGateNeverMatters) {
  SelftestRow header = row("header:server", "header_changed", 1'000, "regression");
  header.gates = false;
  EXPECT_EQ(kind(header), SelftestKind::blind);
}

TEST(SelftestResult, CopiesOfProductionWhoseStructureAlwaysDiffersMatter) {
  EXPECT_EQ(kind(row("/name", "field_removed", 1'000)), SelftestKind::environment);
  EXPECT_EQ(kind(row("status", "status_class", 5)), SelftestKind::varying);
}

TEST(SelftestResult, AFieldIsNamedOnceForTheWorstOfItsDifferences) {
  const auto fields = selftest_fields(
      report({row("/id", "value_changed", 1'000), row("/id", "greater", 500, "regression"), row("/id", "less", 100)}),
      SelftestCourse());
  ASSERT_EQ(fields.size(), 1u);
  EXPECT_EQ(fields[0].kind, SelftestKind::environment);
  EXPECT_EQ(fields[0].classes.front(), "greater");
  EXPECT_EQ(fields[0].rate, 1);
}

TEST(SelftestResult, ABlindFieldWhoseAspectsComeInStretchesIsBlind) {
  const auto fields = selftest_fields(
      report({row("/served", "greater", 500, "state"), row("/served", "value_changed", 1'000)}), SelftestCourse());
  EXPECT_EQ(fields.at(0).kind, SelftestKind::blind);
}

TEST(SelftestResult, WhatARuleIgnoresIsNotNamed) {
  EXPECT_TRUE(selftest_fields(report({row("/id", "value_changed", 1'000, "ignored")}), SelftestCourse()).empty());
}

TEST(SelftestResult, TheExitStatusSaysWhetherAnythingMatters) {
  EXPECT_EQ(exit_status_of(result_of(report({row("/id", "value_changed", 1'000)}))), 0);
  EXPECT_EQ(exit_status_of(result_of(report({row("/name", "field_removed", 1'000)}))), 1);
  EXPECT_EQ(exit_status_of(result_of(report({row("/id", "greater", 900, "regression")}, "regression"))), 1);
  EXPECT_EQ(exit_status_of(result_of(report({}, "inconclusive"))), 3);
  SelftestReport nothing = report({}, "inconclusive");
  nothing.compared = 0;
  EXPECT_EQ(exit_status_of(result_of(nothing)), 4);
}

TEST(SelftestResult, APassTakesWhatItsRarestJudgedEndpointNeeds) {
  SelftestReport given = report({});
  given.endpoints = {{"GET /a", 790}, {"GET /b", 200}, {"GET /rare", 9}};
  const std::uint64_t quiet = exchanges_to_pass(given, diff::Settings());
  EXPECT_NEAR(static_cast<double>(quiet), 553 / 0.2, 30);
}

TEST(SelftestResult, APassTakesLongerWhereProductionVaries) {
  const std::uint64_t quiet = exchanges_to_pass(report({}), diff::Settings());
  const std::uint64_t blind = exchanges_to_pass(report({row("/id", "value_changed", 1'000)}), diff::Settings());
  const std::uint64_t half = exchanges_to_pass(report({row("/id", "value_changed", 500)}), diff::Settings());
  EXPECT_EQ(blind, quiet);
  EXPECT_GT(half, 2 * quiet);
  EXPECT_EQ(exchanges_to_pass(report({row("/id", "value_changed", 500, "state")}), diff::Settings()), quiet);
}

TEST(SelftestResult, ItIsReadFromTheTop) {
  EXPECT_EQ(
      render_selftest(result_of(report({row("/id", "value_changed", 1'000), row("/rate", "value_changed", 20)})),
                      Format::text),
      "Production against itself: 1,000 exchanges compared in 60 s, each asked twice more at http://b\n"
      "\n"
      "Blind: differs at every exchange, or nearly, so that a wrong value is not seen, only a wrong form\n"
      "  GET /items/{id}\n"
      "    /id                             100 % of the exchanges, such as 1 and 2\n"
      "\n"
      "Varies now and then: only what changes more often than that is seen\n"
      "  GET /items/{id}\n"
      "    /rate                           2.0 % of the exchanges, such as 1 and 2\n"
      "\n"
      "Nothing else differs.\n"
      "\n"
      "A pass of a build that changes nothing takes about 2,765 exchanges, 5 minutes at this pace (10 a second).\n");
}

TEST(SelftestResult, OctetsFromTheNetworkDoNotReachTheTerminal) {
  SelftestRow hostile = row("/\x1b[2J", "value_changed", 1'000);
  hostile.endpoint = "GET /\r\n";
  hostile.other_value = "\x1b]0;\x07";
  const std::string text = render_selftest(result_of(report({hostile})), Format::text);
  EXPECT_EQ(text.find_first_of("\x1b\r\x07"), std::string::npos);
}

TEST(SelftestResult, WhatMattersStandsFirstWithItsReason) {
  const std::string text = render_selftest(
      result_of(report({row("/id", "value_changed", 1'000), row("/name", "field_removed", 1'000, "regression")},
                       "regression")),
      Format::text);
  EXPECT_LT(text.find("The environment itself"), text.find("Blind"));
  EXPECT_NE(text.find("      field_removed: a reason\n"), std::string::npos) << text;
  EXPECT_NE(text.find("A pass is not to be had"), std::string::npos);
}

TEST(SelftestResult, TheJsonHasEveryField) {
  const std::string json = render_selftest(result_of(report({row("/id", "value_changed", 1'000)})), Format::json);
  EXPECT_NE(json.find(R"("to_pass":2765)"), std::string::npos) << json;
  EXPECT_NE(
      json.find(R"({"endpoint":"GET /items/{id}","path":"/id","kind":"blind","rate":1,"classes":["value_changed"])"),
      std::string::npos)
      << json;
}

TEST(SelftestReport, IsReadFromTheReportsJson) {
  SelftestReport parsed;
  ASSERT_TRUE(parse_selftest_report(
      R"({"verdict":"pass","compared":7,"needed":0,"reasons":["because"],"endpoints":[{"endpoint":"GET /a","compared":7}],
      "differences":[{"endpoint":"GET /a","path":"/x","class":"value_changed","severity":"high","verdict":"noise","gates":true,
      "reason":"r","count":3,"noise":2,"compared":7,"triples":6,"example":{"primary":"1","candidate":"2"}}]})",
      parsed));
  EXPECT_EQ(parsed.verdict, "pass");
  EXPECT_EQ(parsed.endpoints.at("GET /a"), 7u);
  EXPECT_EQ(parsed.rows.at(0).count, 3u);
  EXPECT_EQ(parsed.rows.at(0).other_value, "2");
  EXPECT_FALSE(parse_selftest_report("{}", parsed));
  EXPECT_FALSE(parse_selftest_report("no JSON", parsed));
}

}  // namespace
}  // namespace understudy
