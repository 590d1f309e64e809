// The report as text and as JSON.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <sstream>

#include "diff/report/render.h"
#include "diff/report/words.h"
#include "tests/diff/evidence_support.h"

namespace understudy::diff {
namespace {

using enum DifferenceClass;
using testing::finding;
using testing::Recorder;

// 500 exchanges: a field dropped, a clock, a new field, an ignored one; and a value that no secondary could check.
Evidence sample() {
  Evidence evidence;
  Recorder recorder(evidence);
  const Finding clock = finding("/updated_at", value_changed, "\"10:00:00\"", "\"10:00:01\"");
  const std::vector<Finding> candidate{finding("/customer/email", field_removed, "\"a@example.org\"", ""), clock,
                                       finding("/discount", field_added, "", "0"), finding("/legacy", field_removed)};
  for (int i = 0; i < 500; ++i) {
    recorder.record("GET /orders/{id}", candidate, std::vector{clock});
    recorder.record("GET /search", {finding("/took", value_changed)});
  }
  return evidence;
}

ReportModel sample_report() {
  Settings settings;
  settings.ignore.push_back({"", "/legacy", "gone for good", "", bit_of(field_removed)});
  LedgerSummary ledger;
  ledger.eligible = 1010;
  ledger.heldout = 9;
  ledger.in_flight = 1;
  ledger.compared = 1000;
  ledger.matched = 0;
  ledger.differed = 1000;
  ledger.dropped = {{"tap_full", 2}, {"lagging", 0}};
  ledger.failed = {{"candidate", {{"timeout", 7}}}};
  return make_report(sample(), settings, ledger, 3, "2026-11-21");
}

ShadowTax sample_tax() {
  ShadowTax tax;
  tax.mirrored = 12'345;
  tax.all = {1030, {{0.5, 3e-6, -1e-6, 8e-6}, {0.99, 40e-6, -200e-6, 310e-6}}};
  tax.random = {600, {}};
  tax.windows = {430, {{0.5, -0.2e-6, -0.0123, 0.0456}, {0.99, 1.5, -3, 21}}};
  return tax;
}

std::size_t position(const std::string& text, std::string_view part) {
  const std::size_t found = text.find(part);
  EXPECT_NE(found, std::string::npos) << part << " is missing in\n" << text;
  return found;
}

TEST(RenderText, SaysTheVerdictFirstThenWhatToActOnThenTheRest) {
  const std::string text = render_text(sample_report(), {});
  const std::vector<std::size_t> order{
      position(text, "REGRESSION after 1,000 comparisons: 1 difference that noise does not explain"),
      position(text, "Regressions\n  GET /orders/{id}\n    /customer/email  field_removed  high"),
      position(text, "candidate 500 of 500, production against itself 0 of 500"),
      position(text, "production \"a@example.org\" → candidate (nothing)"),
      position(text, "Changes of low severity"),
      position(text, "/discount  field_added  low"),
      position(text, "Unverified"),
      position(text, "/took  value_changed  medium"),
      position(text, "Noise"),
      position(text, "GET /orders/{id}  /updated_at  value_changed"),
      position(text, "Ignored"),
      position(text, "gone for good"),
      position(text, "eligible 1,010 = compared 1,000 + dropped 2 + failed 7 + in flight 1; held out 9"),
      position(text, "dropped tap_full 2, candidate timeout 7, findings lost in a crash: 3")};
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << text;
  EXPECT_EQ(text.find("lagging"), std::string::npos) << "what did not happen is not listed";
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << "no colours unless asked for";
}

TEST(RenderText, EndsWithTheShadowTaxWhereItIsKnown) {
  ReportModel model = sample_report();
  EXPECT_EQ(render_text(model, {}).find("Shadow tax"), std::string::npos) << "a store does not know it";
  model.shadow_tax = sample_tax();
  const std::string text = render_text(model, {.width = 200});
  EXPECT_LT(position(text, "Ledger"),
            position(text,
                     "Shadow tax (what users wait longer where their request is mirrored)\n"
                     "  p50 +3 µs (between -1 and +8), p99 +40 µs (between -200 and +310); 12,345 mirrored, "
                     "1,030 held out\n"
                     "  against windows without any mirroring: p50 +0 ms (between -12 and +46), p99 +2 s "
                     "(between -3 and +21); 430 held out\n"));
  model.shadow_tax = ShadowTax{12, {3, {}}, {3, {}}, {}};
  position(render_text(model, {}), "  not known yet, too few exchanges: 12 mirrored, 3 held out\n");
}

TEST(RenderText, UsesColoursWhenAskedTo) {
  EXPECT_NE(render_text(sample_report(), {.color = true}).find("\x1b[1;31mREGRESSION"), std::string::npos);
}

TEST(RenderText, SaysWhenADifferenceWasSeenFirstAndLast) {
  ReportModel model = sample_report();
  position(render_text(model, {}), "\n      seen 2026-09-21 14:13:20 UTC\n");
  Difference& difference = model.judgement.differences.front();
  difference.last_us = difference.first_us + 3'600'000'000;
  position(render_text(model, {}), "\n      first seen 2026-09-21 14:13:20 UTC, last seen 2026-09-21 15:13:20 UTC\n");
  difference.first_us = difference.last_us = 0;
  EXPECT_EQ(describe_sightings(difference), "") << "not known";
}

TEST(RenderText, ExplainsAPassAndAnInconclusiveRun) {
  Evidence evidence;
  const std::string nothing = render_text(make_report(evidence, {}, {}, 0, "2026-11-21"), {});
  EXPECT_TRUE(nothing.starts_with("INCONCLUSIVE after 0 comparisons: about 5")) << nothing;
  position(nothing, "nothing has been compared yet");
  Recorder recorder(evidence);
  for (int i = 0; i < 1000; ++i) {
    recorder.record("GET /a", {});
  }
  const std::string pass = render_text(make_report(evidence, {}, {}, 0, "2026-11-21"), {});
  EXPECT_TRUE(pass.starts_with("PASS after 1,000 comparisons\n")) << pass;
  position(pass, "at least 1 % of the traffic");
}

TEST(RenderText, APassSaysWhereManyExchangesAreAnotherBuilds) {
  Evidence evidence;
  Recorder recorder(evidence);
  for (int i = 0; i < 1000; ++i) recorder.record("GET /a", {});
  LedgerSummary ledger;
  ledger.eligible = 1100;
  const auto told = [&](std::uint64_t skipped) {
    ReportModel model = make_report(evidence, {}, ledger, 0, "2026-11-21");
    tell_skipped(model, skipped);
    return render_text(model, {});
  };
  position(told(100), "100 exchanges that another build than this run's answered");
  EXPECT_EQ(told(11).find("another build"), std::string::npos);
}

TEST(RenderText, SaysFirstWhoDoesNotAnswerAndNamesNoNumberThen) {
  ReportModel model = make_report(Evidence(), {}, {}, 0, "2026-11-21");
  model.ledger.failed = {{"candidate", {{"refused", 812}}}};
  model.candidate = {"http://127.0.0.1:9002", 1'795'993'451'000'000, "connection refused"};
  model.judgement.caveats = {"only GET is mirrored"};
  const std::string text = render_text(model, {.width = 200});
  EXPECT_TRUE(
      text.starts_with("The candidate http://127.0.0.1:9002 does not answer since 2026-11-29 23:04:11 UTC: "
                       "connection refused; 812 copies failed\nINCONCLUSIVE after 0 comparisons\n"))
      << text;
  position(text, "  Not judged: only GET is mirrored\n");
}

TEST(Words, WhatIsNeededIsARangeOfTimeWhereThePaceIsKnown) {
  EXPECT_EQ(describe_needed(5134, 0, 0), "about 5,134 more needed");
  EXPECT_EQ(describe_needed(300, 40, 180), "between 40 s and 3 min more at this pace");
  EXPECT_EQ(describe_needed(300, 40, 40.2), "about 40 s more at this pace");
  EXPECT_EQ(describe_needed(300, 7200, 1e9), "at least 2 h more at this pace");
  EXPECT_EQ(describe_needed(300, 1e8, 1e9), "more than 30 days more at this pace");
}

TEST(RenderText, StaysWithinItsWidthForTextThatCanBeBroken) {
  for (const int width : {80, 120}) {
    std::istringstream lines(render_text(sample_report(), {.width = width}));
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), static_cast<std::size_t>(width) + 3) << line;  // an arrow or a dash counts three octets
    }
  }
}

TEST(RenderText, LetsNoOctetOfTheNetworkReachTheTerminal) {
  Evidence evidence;
  Recorder recorder(evidence);
  const std::string hostile = "\x1b]0;owned\a\x1b[2J\r\n\u202e\xff";
  for (int i = 0; i < 100; ++i) {
    recorder.record("GET /" + hostile, {finding("/" + hostile, field_removed, hostile, hostile)});
    recorder.record("GET /" + hostile, {finding("/v" + hostile, value_changed, hostile, hostile)});
  }
  Settings settings;
  settings.ignore.push_back({"", "/v" + hostile, hostile, ""});
  LedgerSummary ledger;
  ledger.dropped = {{hostile, 1}};
  const std::string text = render_text(make_report(evidence, settings, ledger, 0, "2026-11-21"), {});
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    ASSERT_TRUE((octet >= 0x20 && octet != 0x7f) || c == '\n') << text;
  }
  EXPECT_TRUE(simdjson::validate_utf8(text));
  EXPECT_EQ(text.find("\u202e"), std::string::npos);
}

TEST(RenderText, ShowsTheFirstOfVeryManyAndCountsTheRest) {
  Evidence evidence;
  Recorder recorder(evidence);
  std::vector<Finding> many;
  for (int i = 0; i < 80; ++i) {
    many.push_back(finding("/x" + std::to_string(i), field_removed));
  }
  for (int i = 0; i < 100; ++i) {
    recorder.record("GET /a", many);
  }
  const std::string text = render_text(make_report(evidence, {}, {}, 0, "2026-11-21"), {});
  position(text, "80 differences");
  position(text, "and 30 more");
}

class RenderJson : public ::testing::Test {
 protected:
  simdjson::dom::element parsed(const std::string& json) {
    simdjson::dom::element element;
    EXPECT_EQ(parser_.parse(json).get(element), simdjson::SUCCESS) << json;
    return element;
  }
  simdjson::dom::parser parser_;
};

TEST_F(RenderJson, HasVerdictLedgerEndpointsAndDifferences) {
  const auto report = parsed(render_json(sample_report()));
  EXPECT_EQ(std::string_view(report["verdict"]), "regression");
  EXPECT_EQ(std::uint64_t(report["compared"]), 1000u);
  EXPECT_EQ(std::uint64_t(report["needed"]), 0u);
  EXPECT_EQ(std::uint64_t(report["evidence_lost"]), 3u);
  EXPECT_EQ(report["reasons"].get_array().size(), 1u);
  EXPECT_EQ(std::uint64_t(report["ledger"]["failed"]["candidate"]["timeout"]), 7u);
  EXPECT_EQ(std::uint64_t(report["ledger"]["dropped"]["tap_full"]), 2u);
  EXPECT_EQ(report["endpoints"].get_array().size(), 2u);
  EXPECT_EQ(report["differences"].get_array().size(), 5u);
}

TEST_F(RenderJson, TheVerdictTellsProgressCaveatsServersAndWhatIsOpen) {
  ReportModel model = sample_report();
  model.snapshot = 17;
  model.candidate = {"http://c", 1'795'993'451'000'000, "connection refused"};
  model.secondary = {"http://s"};
  JsonWriter writer;
  write_verdict(writer, model, true);
  const std::string json = writer.take();
  const auto verdict = parsed(json);
  EXPECT_EQ(std::uint64_t(verdict["snapshot"]), 17u);
  EXPECT_EQ(std::string_view(verdict["candidate"]["silent_since"]), "2026-11-29T23:04:11Z");
  EXPECT_EQ(std::string_view(verdict["candidate"]["failure"]), "connection refused");
  EXPECT_EQ(std::uint64_t(verdict["candidate"]["failed"]), 7u);
  EXPECT_TRUE(verdict["secondary"]["silent_since"].is_null());
  EXPECT_EQ(std::uint64_t(verdict["proved"]["differences"]), 1u);
  EXPECT_EQ(std::uint64_t(verdict["proved"]["transport"]), 0u);
  EXPECT_TRUE(verdict["caveats"].is_array());
  EXPECT_EQ(std::uint64_t(verdict["progress"]["endpoints"]), 2u);
  EXPECT_TRUE(verdict["progress"]["open"].is_array());
  ASSERT_EQ(verdict["open"].get_array().size(), 1u) << json;
  EXPECT_TRUE(std::string_view(verdict["open"].at(0)).starts_with("unverified: GET /search, /took: value_changed ("));
}

TEST_F(RenderJson, OnlySmallMattersMayBeLetThrough) {
  Evidence evidence;
  EXPECT_FALSE(make_report(evidence, {}, {}, 0, "2026-11-21").judgement.only_undecided) << "nothing compared";
  Recorder recorder(evidence);
  for (int i = 0; i < 100; ++i) recorder.record("GET /search", {finding("/took", value_changed)});
  LedgerSummary ledger;
  ledger.eligible = 100;
  EXPECT_TRUE(make_report(evidence, {}, ledger, 0, "2026-11-21").judgement.only_undecided);
  ledger.dropped = {{"tap_full", 50}};
  EXPECT_FALSE(make_report(evidence, {}, ledger, 0, "2026-11-21").judgement.only_undecided);
  EXPECT_FALSE(sample_report().judgement.only_undecided) << "a regression";
}

TEST_F(RenderJson, DifferencesHaveTheMembersOfTheContract) {
  JsonWriter writer;
  write_differences(writer, sample_report().judgement.differences,
                    {.endpoint = {}, .difference_class = {}, .path = "/customer/email", .verdict = {}});
  const std::string json = writer.take();
  const auto list = parsed(json);
  ASSERT_EQ(list.get_array().size(), 1u);
  const auto difference = list.at(0);
  EXPECT_EQ(std::string_view(difference["id"]), difference_id("GET /orders/{id}", "/customer/email", field_removed));
  EXPECT_EQ(std::string_view(difference["endpoint"]), "GET /orders/{id}");
  EXPECT_EQ(std::string_view(difference["path"]), "/customer/email");
  EXPECT_EQ(std::string_view(difference["class"]), "field_removed");
  EXPECT_EQ(std::string_view(difference["severity"]), "high");
  EXPECT_EQ(std::string_view(difference["verdict"]), "regression");
  EXPECT_EQ(std::uint64_t(difference["count"]), 500u);
  EXPECT_EQ(std::uint64_t(difference["noise"]), 0u);
  EXPECT_EQ(std::uint64_t(difference["compared"]), 500u);
  EXPECT_GT(double(difference["evidence"]), 1e50);
  EXPECT_EQ(std::uint64_t(difference["endpoints"]), 1u);
  EXPECT_EQ(double(difference["excluded"]), 0.01);
  EXPECT_FALSE(bool(difference["looks_fixed"]));
  EXPECT_FALSE(bool(difference["open"]));
  EXPECT_TRUE(difference["proved_since"].is_null());
  EXPECT_EQ(std::string_view(difference["exemplars"].at(0)), "1");
  EXPECT_EQ(std::string_view(difference["example"]["primary"]), "\"a@example.org\"");
  EXPECT_TRUE(std::string_view(difference["first_seen"]).starts_with("2026-09-2")) << json;
}

TEST_F(RenderJson, TheFilterSelectsByEachOfItsMembers) {
  const Judgement judgement = sample_report().judgement;
  const auto count = [&](const DifferenceFilter& filter) {
    JsonWriter writer;
    write_differences(writer, judgement.differences, filter);
    const std::string json = writer.take();
    return parsed(json).get_array().size();
  };
  EXPECT_EQ(count({}), 5u);
  EXPECT_EQ(count({"GET /search", "", "", ""}), 1u);
  EXPECT_EQ(count({"", "field_removed", "", ""}), 2u);
  EXPECT_EQ(count({"", "", "/legacy", ""}), 1u);
  EXPECT_EQ(count({"", "", "", "noise"}), 1u);
  EXPECT_EQ(count({"GET /search", "field_removed", "", ""}), 0u);
}

TEST_F(RenderJson, EndpointsHaveLatencyByRoleWhereThereIsAny) {
  Evidence evidence;
  Observation observation;
  observation.endpoint = "GET /a";
  observation.exchange_id = 1;
  observation.latency_s = {0.010, 0.020, -1};
  evidence.record(observation);
  JsonWriter writer;
  write_endpoints(writer, make_report(evidence, {}, {}, 0, "2026-11-21").judgement.endpoints);
  const std::string json = writer.take();
  const auto endpoint = parsed(json).at(0);
  EXPECT_EQ(std::string_view(endpoint["endpoint"]), "GET /a");
  EXPECT_EQ(std::uint64_t(endpoint["requests"]), 1u);
  EXPECT_EQ(std::string_view(endpoint["verdict"]), "inconclusive");
  EXPECT_NEAR(double(endpoint["latency"]["primary"]["p50"]), 0.010, 0.0002);
  EXPECT_NEAR(double(endpoint["latency"]["candidate"]["p99"]), 0.020, 0.0004);
  EXPECT_EQ(endpoint["latency"]["secondary"].error(), simdjson::NO_SUCH_FIELD);
}

TEST_F(RenderJson, VerdictAndReportCarryTheShadowTaxWhereItIsKnown) {
  ReportModel model = sample_report();
  JsonWriter without;
  write_verdict(without, model);
  const std::string empty = without.take();
  EXPECT_EQ(parsed(empty)["shadow_tax"].get_object().size(), 0u);
  EXPECT_EQ(render_json(model).find("shadow_tax"), std::string::npos);
  model.shadow_tax = sample_tax();
  JsonWriter writer;
  write_verdict(writer, model);
  const std::string json = writer.take();
  const auto verdict = parsed(json);
  EXPECT_EQ(std::string_view(verdict["verdict"]), "regression");
  const auto tax = verdict["shadow_tax"];
  EXPECT_EQ(std::uint64_t(tax["mirrored"]), 12'345u);
  EXPECT_EQ(std::uint64_t(tax["heldout"]), 1030u);
  EXPECT_EQ(double(tax["quantiles"].at(0)["quantile"]), 0.5);
  EXPECT_EQ(double(tax["quantiles"].at(1)["seconds"]), 40e-6);
  EXPECT_EQ(double(tax["quantiles"].at(1)["low"]), -200e-6);
  EXPECT_EQ(double(tax["quantiles"].at(1)["high"]), 310e-6);
  EXPECT_EQ(std::uint64_t(tax["windows"]["heldout"]), 430u);
  const std::string report = render_json(model);
  EXPECT_EQ(std::uint64_t(parsed(report)["shadow_tax"]["random"]["heldout"]), 600u);
}

}  // namespace
}  // namespace understudy::diff
