#include "proxy/admin/answers.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>

#include "diff/report/words.h"
#include "proxy/store/writer.h"
#include "tests/proxy/store/store_values.h"
#include "tests/proxy/store/temporary_directory.h"

namespace understudy::admin {
namespace {

constexpr std::int64_t now_us = 1'700'000'100'000'000;
constexpr const char* hostile_endpoint = "GET /<script>alert(1)</script>&\"'\x1b[2J";

// A store with differences, read by the answers.
class Answers : public testing::Test {
 protected:
  void write_store() {
    store::Writer writer(store::options_for(path()));
    ASSERT_EQ(writer.open(), std::nullopt);
    diff::Evidence evidence;
    // The candidate's answer lacks a field in each of them, production's copy agrees with production.
    const diff::Finding finding = store::finding_at("/price", diff::DifferenceClass::field_removed);
    for (std::uint64_t i = 1; i <= 400; ++i) {
      diff::Observation observation;
      observation.endpoint = i % 2 ? "GET /orders/{id}" : hostile_endpoint;
      observation.fingerprint = observation.exchange_id = i;
      observation.time_us = now_us + static_cast<std::int64_t>(i) * 1'000'000;
      observation.candidate = {&finding, 1};
      observation.secondary.emplace();
      observation.latency_s = {0.001, 0.002, 0.001};
      evidence.record(observation);
    }
    writer.keep(store::exemplar_with(1, now_us));
    ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us}), std::nullopt);
    observed_.run = "1";
    observed_.ledger.eligible = 410;
    observed_.ledger.outcomes[control::outcome_differed] = 400;
    observed_.ledger.outcomes[control::dropped(control::DropReason::tap_full)] = 10;
  }

  std::string path() const { return directory_.file("s.db"); }

  Response get(const std::string& target) {
    World world{settings_, observed_, unready_because_, reports_};
    return answer(route({"GET", target, "", ""}, ""), world);
  }

  simdjson::dom::element json(const Response& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    EXPECT_EQ(response.content_type, "application/json");
    simdjson::dom::element document;
    EXPECT_EQ(parser_.parse(response.body).get(document), simdjson::SUCCESS) << response.body;
    return document;
  }

  store::TemporaryDirectory directory_;
  Settings settings_ = [this] {
    Settings settings;
    settings.store.path = path();
    return settings;
  }();
  Observed observed_;
  std::string unready_because_;
  Reports reports_{settings_};
  simdjson::dom::parser parser_;
};

TEST_F(Answers, TheVerdictComesFromTheStoreAndTheLiveLedger) {
  write_store();
  observed_.evidence_lost = 5;
  const auto verdict = json(get("/api/v1/verdict"));
  EXPECT_EQ(std::string_view(verdict["verdict"]), "regression");
  EXPECT_EQ(uint64_t(verdict["compared"]), 400u);
  EXPECT_EQ(uint64_t(verdict["evidence_lost"]), 5u);
  EXPECT_TRUE(verdict["reasons"].is_array());
  EXPECT_EQ(uint64_t(verdict["shadow_tax"]["heldout"]), 0u);
  EXPECT_EQ(verdict["needed"].error(), simdjson::SUCCESS);
}

TEST_F(Answers, EveryAnswerIsAboutOneRunAndAnUnknownOneIsNotFound) {
  write_store();
  EXPECT_EQ(std::string_view(json(get("/api/v1/verdict"))["run"]), "1");
  EXPECT_EQ(uint64_t(json(get("/api/v1/verdict?run=1"))["compared"]), 400u);
  observed_.run = "2";  // just opened: no snapshot of it is there yet
  EXPECT_EQ(uint64_t(json(get("/api/v1/verdict"))["compared"]), 0u);
  EXPECT_EQ(std::string_view(json(get("/api/v1/verdict"))["verdict"]), "inconclusive");
  EXPECT_EQ(uint64_t(json(get("/api/v1/verdict?run=1"))["compared"]), 400u);
  EXPECT_EQ(json(get("/api/v1/differences?run=1")).get_array().size(), 2u);
  EXPECT_EQ(json(get("/api/v1/endpoints")).get_array().size(), 0u);
  for (const char* target : {"verdict", "endpoints", "differences", "report"}) {
    const Response unknown = get("/api/v1/" + std::string(target) + "?run=v9");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_NE(unknown.body.find("there are: 1, 2 (current)"), std::string::npos) << unknown.body;
  }
  EXPECT_EQ(json(get("/api/v1/runs")).get_array().size(), 2u);
  EXPECT_EQ(std::string_view(json(get("/api/v1/run"))["name"]), "2");
}

TEST_F(Answers, WhatAnotherInstanceWroteIsNotOurs) {
  write_store();
  observed_.instance = 17;
  EXPECT_EQ(uint64_t(json(get("/api/v1/verdict"))["compared"]), 0u);
  EXPECT_EQ(json(get("/api/v1/differences")).get_array().size(), 0u);
  EXPECT_EQ(json(get("/api/v1/runs")).get_array().size(), 1u);  // ours, that has nothing yet
  EXPECT_EQ(get("/api/v1/verdict?run=2").status, 404);
}

TEST_F(Answers, AVerdictIsJudgedAnewWhenTheLedgerMoves) {
  write_store();
  EXPECT_EQ(uint64_t(json(get("/api/v1/verdict"))["evidence_lost"]), 0u);
  observed_.evidence_lost = 9;
  EXPECT_EQ(uint64_t(json(get("/api/v1/verdict"))["evidence_lost"]), 9u);
  observed_.ledger.eligible += 1'000'000;
  observed_.ledger.outcomes[control::dropped(control::DropReason::tap_full)] += 1'000'000;
  EXPECT_NE(get("/api/v1/report").body.find("1,000,010"), std::string::npos) << get("/api/v1/report").body;
}

TEST_F(Answers, BeforeThereIsAStoreEverythingIsEmptyAndNothingIsKnown) {
  EXPECT_EQ(std::string_view(json(get("/api/v1/verdict"))["verdict"]), "inconclusive");
  EXPECT_EQ(get("/api/v1/endpoints").body, "[]");
  EXPECT_EQ(get("/api/v1/differences").body, "[]");
  EXPECT_EQ(get("/api/v1/exchanges/1").status, 404);
  EXPECT_EQ(get("/").status, 200);
}

TEST_F(Answers, ThePageSaysWhichRuleMatchesNothing) {
  settings_.diff.ignore = {{"GET /orders/{id}", "/x", "", ""}};
  write_store();
  const std::string page = get("/").body;
  EXPECT_NE(page.find("<li>rule 1 of [[diff.ignore]] (GET /orders/{id}, /x) has matched nothing in 200 exchanges</li>"),
            std::string::npos)
      << page;
}

TEST_F(Answers, ThePageSaysWhenADifferenceWasSeenFirstAndLast) {
  write_store();
  const std::string page = get("/").body;
  EXPECT_NE(page.find("<th>First seen</th><th>Last seen</th>"), std::string::npos);
  const std::string row = "<td class=n>" + diff::moment_in_words(now_us + 1'000'000) + "</td><td class=n>" +
                          diff::moment_in_words(now_us + 399'000'000) + "</td>";
  EXPECT_NE(page.find(row), std::string::npos) << row;
}

TEST_F(Answers, AStoreThatCannotBeReadIsAFaultAndNoPass) {
  std::ofstream(path()) << "this is not a database at all";
  for (const char* target : {"/", "/api/v1/verdict", "/api/v1/endpoints", "/api/v1/differences", "/api/v1/report"}) {
    const Response response = get(target);
    EXPECT_EQ(response.status, 503) << target;
    EXPECT_EQ(response.content_type, "application/problem+json");
  }
  EXPECT_EQ(get("/api/v1/ledger").status, 200);
  EXPECT_EQ(get("/metrics").status, 200);
}

TEST_F(Answers, DifferencesAreFiltered) {
  write_store();
  EXPECT_EQ(json(get("/api/v1/differences")).get_array().size(), 2u);
  const auto one = json(get("/api/v1/differences?endpoint=GET%20%2Forders%2F%7Bid%7D&verdict=regression"));
  ASSERT_EQ(one.get_array().size(), 1u);
  EXPECT_EQ(std::string_view(one.at(0)["path"]), "/price");
  EXPECT_EQ(std::string_view(one.at(0)["class"]), "field_removed");
  EXPECT_EQ(uint64_t(one.at(0)["count"]), 200u);
  EXPECT_EQ(std::string_view(one.at(0)["exemplars"].at(0)), "1");
  EXPECT_EQ(get("/api/v1/differences?class=status_code").body, "[]");
  EXPECT_EQ(get("/api/v1/differences?verdict=noise").body, "[]");
}

TEST_F(Answers, ApiAndReportAreOfOneSnapshot) {
  write_store();
  const std::uint64_t snapshot = json(get("/api/v1/verdict"))["snapshot"];
  EXPECT_EQ(uint64_t(json(get("/api/v1/report?format=json"))["snapshot"]), snapshot);
  observed_.ledger.eligible += 100;
  observed_.now_ms = 999;
  EXPECT_EQ(uint64_t(json(get("/api/v1/verdict"))["snapshot"]), snapshot);
  observed_.now_ms = 1'000;
  EXPECT_GT(uint64_t(json(get("/api/v1/verdict"))["snapshot"]), snapshot);
}

TEST_F(Answers, ADeadCandidateIsSaidEverywhere) {
  write_store();
  settings_.candidate.url.text = "http://127.0.0.1:9002";
  observed_.health[1].silent_since_us = 1'795'993'451'000'000;
  observed_.health[1].failure = control::FailReason::refused;
  EXPECT_EQ(std::string_view(json(get("/api/v1/verdict"))["candidate"]["failure"]), "connection refused");
  const std::string sentence = "candidate " + settings_.candidate.url.text +
                               " does not answer since 2026-11-29 23:04:11 UTC: connection refused";
  EXPECT_TRUE(get("/api/v1/report").body.starts_with("The " + sentence)) << get("/api/v1/report").body;
  EXPECT_NE(get("/").body.find(sentence), std::string::npos);
}

TEST_F(Answers, ListsComeInPagesThatLeadOnToTheNext) {
  write_store();
  for (const std::string list : {"/api/v1/differences", "/api/v1/endpoints"}) {
    const std::string key = list.ends_with("endpoints") ? "endpoint" : "id";
    const Response first = get(list + "?run=1&limit=1");
    ASSERT_EQ(first.fields.size(), 1u) << first.body;
    EXPECT_EQ(first.fields[0].first, "Link");
    const std::string& link = first.fields[0].second;
    EXPECT_TRUE(link.starts_with("<" + list + "?run=1&limit=1&cursor=1%3A")) << link;
    EXPECT_TRUE(link.ends_with(">; rel=\"next\"")) << link;
    const std::string key_of_first(std::string_view(json(first).at(0)[key]));
    const Response second = get(link.substr(1, link.find('>') - 1));
    EXPECT_TRUE(second.fields.empty());
    ASSERT_EQ(json(second).get_array().size(), 1u);
    EXPECT_NE(std::string(std::string_view(json(second).at(0)[key])), key_of_first);
    EXPECT_EQ(json(get(list + "?limit=10000")).get_array().size(), 2u);
    EXPECT_EQ(json(get(list + "?limit=5&cursor=1:gone")).get_array().size(), 1u) << "its place is known";
    for (const char* bad : {"limit=0", "limit=10001", "limit=-1", "limit=x", "cursor=1:a", "limit=1&cursor=x"})
      EXPECT_EQ(get(list + "?" + bad).status, 400) << bad;
  }
}

TEST_F(Answers, AnUnknownFilterValueIsRefusedWithTheKnownOnes) {
  write_store();
  const Response of_class = get("/api/v1/differences?class=field_gone");
  EXPECT_EQ(of_class.status, 400);
  EXPECT_NE(of_class.body.find("unknown class; there are: transport, status_class"), std::string::npos)
      << of_class.body;
  const Response of_verdict = get("/api/v1/differences?verdict=bad");
  EXPECT_EQ(of_verdict.status, 400);
  EXPECT_NE(of_verdict.body.find("regression, undecided, unverified, state, noise, blind, ignored"), std::string::npos);
}

TEST_F(Answers, EndpointsHaveTheirLatencies) {
  write_store();
  const auto endpoints = json(get("/api/v1/endpoints"));
  ASSERT_EQ(endpoints.get_array().size(), 2u);
  EXPECT_NEAR(double(endpoints.at(0)["latency"]["candidate"]["p50"]), 0.002, 0.0001);
}

TEST_F(Answers, AnExchangeComesInThreeForms) {
  write_store();
  EXPECT_EQ(std::string_view(json(get("/api/v1/exchanges/1"))["request"]["target"]), "/orders/7?x=1");
  EXPECT_EQ(std::string_view(json(get("/api/v1/exchanges/1.har"))["log"]["version"]), "1.2");
  const Response curl = get("/api/v1/exchanges/1.curl");
  EXPECT_EQ(curl.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(curl.body.find("curl "), curl.body.find("\n") + 1);  // after the note on what was redacted
  EXPECT_EQ(get("/api/v1/exchanges/2").status, 404);
}

TEST_F(Answers, TheReportComesAsTextOrJson) {
  write_store();
  EXPECT_NE(get("/api/v1/report").body.find("/price"), std::string::npos);
  EXPECT_EQ(get("/api/v1/report").body, get("/api/v1/report?format=text").body);
  EXPECT_EQ(std::string_view(json(get("/api/v1/report?format=json"))["verdict"]), "regression");
  EXPECT_EQ(get("/api/v1/report?format=pdf").status, 400);
}

TEST_F(Answers, VerdictAndReportTellTheShadowTaxOfNow) {
  write_store();
  EXPECT_EQ(json(get("/api/v1/verdict"))["shadow_tax"]["quantiles"].get_array().size(), 0u);
  EXPECT_NE(get("/api/v1/report").body.find("too few exchanges: 0 mirrored, 0 held out"), std::string::npos);
  observed_.mirrored_duration.buckets[704] = 2000;
  observed_.random_heldout_duration.buckets[640] = 1000;
  const std::string report = get("/api/v1/report").body;
  EXPECT_NE(report.find("p50 +1057 µs (between +1032 and +1081)"), std::string::npos) << report;
  for (const char* target : {"/api/v1/verdict", "/api/v1/report?format=json"}) {
    const auto tax = json(get(target))["shadow_tax"];
    EXPECT_EQ(uint64_t(tax["mirrored"]), 2000u);
    EXPECT_EQ(uint64_t(tax["heldout"]), 1000u);
    ASSERT_EQ(tax["quantiles"].get_array().size(), 3u);
    EXPECT_EQ(double(tax["quantiles"].at(2)["quantile"]), 0.99);
    EXPECT_NEAR(double(tax["quantiles"].at(2)["seconds"]), 0.001057, 0.000001);
    EXPECT_LT(double(tax["quantiles"].at(2)["low"]), 0.001057);
    EXPECT_GT(double(tax["quantiles"].at(2)["high"]), 0.001056);
    EXPECT_EQ(uint64_t(tax["random"]["heldout"]), 1000u);
    EXPECT_EQ(uint64_t(tax["windows"]["heldout"]), 0u);
  }
}

TEST_F(Answers, HealthSaysWhyNot) {
  EXPECT_EQ(get("/livez").status, 200);
  EXPECT_EQ(get("/readyz").status, 200);
  unready_because_ = "the user plane is not running";
  const Response response = get("/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body,
            "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\"detail\":\"the user plane is "
            "not running\"}");
  EXPECT_EQ(get("/livez").status, 200);
}

TEST_F(Answers, LedgerAndMirrorAreThoseOfNow) {
  observed_.ledger.eligible = 3;
  EXPECT_EQ(get("/api/v1/ledger").body, control::to_json(observed_.ledger));
  EXPECT_EQ(get("/api/v1/mirror").body, "{\"enabled\":true,\"percent\":100}");
}

TEST_F(Answers, ThePageShowsTheStateAndEscapesEverything) {
  write_store();
  settings_.candidate.url.text = "http://<b>:1";
  const Response page = get("/");
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("<div class=\"verdict regression\">"), std::string::npos);
  EXPECT_NE(page.body.find("/price"), std::string::npos);
  EXPECT_NE(page.body.find("<a href=\"/api/v1/exchanges/1\">"), std::string::npos);
  EXPECT_NE(page.body.find("dropped: tap_full"), std::string::npos);
  EXPECT_NE(page.body.find("GET /&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;"), std::string::npos);
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
  EXPECT_EQ(page.body.find("<b>:1"), std::string::npos);
  EXPECT_EQ(page.body.find('\x1b'), std::string::npos);
  EXPECT_EQ(page.fields.at(0).first, "Content-Security-Policy");
}

}  // namespace
}  // namespace understudy::admin
