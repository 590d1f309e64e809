#include "proxy/config.h"

#include <gtest/gtest.h>

#include "proxy/config_address.h"

namespace understudy {
namespace {

using namespace std::chrono_literals;

LoadedConfig good(const char* text, const Overrides& overrides = {}) {
  LoadedConfig loaded = parse_config(text, "u.toml", overrides);
  for (const ConfigError& error : loaded.errors) ADD_FAILURE() << error.to_string();
  return loaded;
}

TEST(Config, WithoutAFileTheContractsDefaultsHold) {
  const LoadedConfig loaded = load_config("", {});
  ASSERT_TRUE(loaded.errors.empty());
  EXPECT_TRUE(loaded.warnings.empty());
  const Settings& s = loaded.settings;
  ASSERT_EQ(s.server.listen.size(), 1u);
  EXPECT_EQ(s.server.listen[0].text, "127.0.0.1:8880");
  EXPECT_EQ(s.server.threads, 0u);
  EXPECT_EQ(s.server.drain, 30s);
  EXPECT_EQ(s.server.user, "");
  EXPECT_EQ(s.server.max_connections, 65536u);
  EXPECT_EQ(s.server.max_memory, 256ull << 20);
  EXPECT_EQ(s.server.max_header, 64u << 10);
  EXPECT_EQ(s.server.max_fields, 128u);
  EXPECT_EQ(s.server.max_request_body, 0u);
  EXPECT_EQ(s.server.header_timeout, 10s);
  EXPECT_EQ(s.server.body_timeout, 30s);
  EXPECT_EQ(s.server.idle_timeout, 75s);
  EXPECT_EQ(s.primary.url.authority, "127.0.0.1:9001");
  EXPECT_EQ(s.primary.connect_timeout, 1s);
  EXPECT_EQ(s.primary.response_timeout, 60s);
  EXPECT_EQ(s.primary.idle_timeout, 55s);
  EXPECT_EQ(s.primary.body_timeout, 30s);
  EXPECT_EQ(s.primary.connections, 1024u);
  EXPECT_TRUE(s.candidate.configured);
  EXPECT_EQ(s.candidate.url.authority, "127.0.0.1:9002");
  EXPECT_EQ(s.candidate.connect_timeout, 1s);
  EXPECT_EQ(s.candidate.response_timeout, 60s);
  EXPECT_EQ(s.candidate.idle_timeout, 55s);
  EXPECT_EQ(s.candidate.body_timeout, 30s);
  EXPECT_EQ(s.candidate.connections, 1024u);
  EXPECT_EQ(s.candidate.deadline, 30s);
  EXPECT_EQ(s.candidate.response_size, 64ull << 20);
  EXPECT_FALSE(s.secondary.configured);
  EXPECT_TRUE(s.mirror.enabled);
  EXPECT_EQ(s.mirror.percent, 100.0);
  EXPECT_EQ(s.mirror.rate, 0.0);
  EXPECT_EQ(s.mirror.paths, std::vector<std::string>{"/**"});
  EXPECT_EQ(s.mirror.methods, (std::vector<std::string>{"GET", "HEAD", "OPTIONS"}));
  EXPECT_EQ(s.mirror.order, CopyOrder::automatic);
  EXPECT_EQ(s.mirror.holdout, 1.0);
  EXPECT_EQ(s.mirror.host, "keep");
  EXPECT_EQ(s.mirror.marker, "Understudy-Role");
  EXPECT_TRUE(s.mirror.set_headers.empty());
  EXPECT_TRUE(s.mirror.remove_headers.empty());
  EXPECT_EQ(s.mirror.memory, 64ull << 20);
  EXPECT_EQ(s.mirror.in_flight, 1024u);
  EXPECT_EQ(s.mirror.body, 1ull << 20);
  EXPECT_EQ(s.mirror.niceness, 19);
  EXPECT_FALSE(s.mirror.idle_scheduling);
  EXPECT_EQ(s.mirror.memory_limit, 1ull << 30);
  EXPECT_EQ(s.diff, diff::Settings());
  EXPECT_EQ(s.diff.confidence, 0.99);
  EXPECT_TRUE(s.admin.configured);
  EXPECT_EQ(s.admin.listen.text, "127.0.0.1:8881");
  EXPECT_EQ(s.admin.token, "");
  EXPECT_EQ(s.store.path, "understudy.db");
  EXPECT_EQ(s.store.exemplars, 256ull << 20);
  EXPECT_EQ(s.store.retention, 14 * 24h);
  EXPECT_EQ(s.store.redact.size(), 4u);
  EXPECT_EQ(s.log, LogSettings());
}

TEST(Config, EveryKindOfValueReachesItsPlace) {
  const LoadedConfig loaded = good(R"(
    [server]
    listen = ["[::1]:0", "unix:/run/u.sock"]
    threads = 4
    [server.limits]
    request_body = "1GiB"
    [candidate]
    url = "http://new"
    tls = { verify = false, ca = "" }
    [mirror]
    enabled = false
    percent = 250
    order = "none"
    sticky = "cookie:session"
    niceness = "idle"
    headers = { set = { X-Tenant = "shadow", Authorization = "Basic eA==" }, remove = ["Cookie"] }
    [diff]
    arrays = "set"
    ignore = [ { endpoint = "GET /orders/{id}", path = "/updated_at", reason = "clock", expires = 2027-06-30 }, { path = "header:etag" },
               { path = "/b", class = "field_removed" }, { path = "/c", class = ["type_changed", "became_null"] } ]
    endpoints = ["/orders/{id}", "GET /files/v{n}.json"]
    [store]
    path = ""
    redact = []
    [log]
    access = "-"
    format = "json"
  )");
  const Settings& s = loaded.settings;
  ASSERT_EQ(s.server.listen.size(), 2u);
  EXPECT_EQ(s.server.listen[0].host, "::1");
  EXPECT_EQ(s.server.listen[1].unix_path, "/run/u.sock");
  EXPECT_EQ(s.server.threads, 4u);
  EXPECT_EQ(s.server.max_request_body, 1ull << 30);
  EXPECT_EQ(s.candidate.url.authority, "new");
  EXPECT_FALSE(s.mirror.enabled);
  EXPECT_EQ(s.mirror.percent, 250.0);
  EXPECT_EQ(s.mirror.order, CopyOrder::none);
  EXPECT_EQ(s.mirror.sticky, (StickyKey{StickyKey::Kind::cookie, "session"}));
  EXPECT_TRUE(s.mirror.idle_scheduling);
  const std::vector<std::pair<std::string, std::string>> fields = {{"Authorization", "Basic eA=="},
                                                                   {"X-Tenant", "shadow"}};
  EXPECT_EQ(s.mirror.set_headers, fields);
  EXPECT_EQ(s.mirror.remove_headers, std::vector<std::string>{"Cookie"});
  EXPECT_EQ(s.diff.arrays, diff::ArrayMode::set);
  using enum diff::DifferenceClass;
  const std::vector<diff::IgnoreRule> rules = {
      {"GET /orders/{id}", "/updated_at", "clock", "2027-06-30"},
      {"", "header:etag", "", ""},
      {"", "/b", "", "", diff::bit_of(field_removed)},
      {"", "/c", "", "", diff::bit_of(type_changed) | diff::bit_of(became_null)}};
  EXPECT_EQ(s.diff.ignore, rules);
  EXPECT_EQ(s.diff.endpoints.size(), 2u);
  EXPECT_EQ(s.store.path, "");
  EXPECT_TRUE(s.store.redact.empty());
  EXPECT_EQ(s.log.access, "-");
  EXPECT_TRUE(s.log.json);
}

TEST(Config, AFlagOverridesTheFile) {
  Overrides overrides;
  overrides.listen = {"127.0.0.1:1", "127.0.0.1:2"};
  overrides.primary = "http://p";
  overrides.candidate = "http://c";
  overrides.secondary = "http://s";
  overrides.admin = "127.0.0.1:3";
  overrides.store = "";
  overrides.methods = "GET, POST";
  overrides.percent = 12.5;
  overrides.threads = 3;
  const LoadedConfig loaded =
      good("[server]\nlisten = [\"127.0.0.1:9\"]\nthreads = 9\n[mirror]\npercent = 9\n[primary]\nurl = \"http://x\"",
           overrides);
  const Settings& s = loaded.settings;
  ASSERT_EQ(s.server.listen.size(), 2u);
  EXPECT_EQ(s.server.listen[1].port, 2);
  EXPECT_EQ(s.primary.url.host, "p");
  EXPECT_EQ(s.candidate.url.host, "c");
  EXPECT_EQ(s.secondary.url.host, "s");
  EXPECT_TRUE(s.secondary.configured);
  EXPECT_EQ(s.admin.listen.port, 3);
  EXPECT_EQ(s.store.path, "");
  EXPECT_EQ(s.mirror.methods, (std::vector<std::string>{"GET", "POST"}));
  EXPECT_EQ(s.mirror.percent, 12.5);
  EXPECT_EQ(s.server.threads, 3u);
}

TEST(Config, ASecondaryOnThePrimaryItselfIsAskedSparingly) {
  const Settings same = good("[secondary]\nurl = \"http://localhost:9001\"").settings;
  EXPECT_TRUE(same.secondary.repeats_production);
  EXPECT_EQ(same.secondary.share, 0.02);
  EXPECT_EQ(same.secondary.budget, 10.0);
  EXPECT_EQ(same.secondary.confirm_after, Milliseconds{3'000});
  const Settings chosen = good("[secondary]\nurl = \"http://127.0.0.1:9001\"\nshare = 1\nbudget = 0").settings;
  EXPECT_EQ(chosen.secondary.share, 1.0);
  EXPECT_EQ(chosen.secondary.budget, 0.0);
  const Settings other = good("[secondary]\nurl = \"http://127.0.0.1:9003\"").settings;
  EXPECT_FALSE(other.secondary.repeats_production);
  EXPECT_EQ(other.secondary.share, 1.0);
  EXPECT_EQ(other.secondary.budget, 0.0);
}

const char* const a_patient_primary = R"(
[primary]
connect_timeout = "2s"
response_timeout = "90s"
idle_timeout = "50s"
body_timeout = "40s"
connections = 77
)";

TEST(Config, CopiesMayTakeAsLongAsProductionMay) {
  Overrides overrides;
  overrides.candidate = "http://127.0.0.1:9202";
  overrides.secondary = "http://127.0.0.1:9203";
  const Settings s = good(a_patient_primary, overrides).settings;
  for (const ShadowTargetSettings& target : {s.candidate, s.secondary}) {
    EXPECT_EQ(target.connect_timeout, 2s) << target.url.text;
    EXPECT_EQ(target.response_timeout, 90s) << target.url.text;
    EXPECT_EQ(target.idle_timeout, 50s) << target.url.text;
    EXPECT_EQ(target.body_timeout, 40s) << target.url.text;
    EXPECT_EQ(target.connections, 77u) << target.url.text;
    EXPECT_EQ(target.deadline, 30s) << target.url.text;
  }
}

TEST(Config, WhatIsGivenForACopyHoldsAlsoWhereItIsTheDefault) {
  const Settings s = good((std::string(a_patient_primary) + R"(
[candidate]
connect_timeout = "1s"
response_timeout = "60s"
[secondary]
url = "http://127.0.0.1:9203"
idle_timeout = "55s"
body_timeout = "30s"
connections = 1024
)")
                              .c_str())
                         .settings;
  EXPECT_EQ(s.candidate.connect_timeout, 1s);
  EXPECT_EQ(s.candidate.response_timeout, 60s);
  EXPECT_EQ(s.candidate.idle_timeout, 50s);
  EXPECT_EQ(s.candidate.body_timeout, 40s);
  EXPECT_EQ(s.candidate.connections, 77u);
  EXPECT_EQ(s.secondary.connect_timeout, 2s);
  EXPECT_EQ(s.secondary.response_timeout, 90s);
  EXPECT_EQ(s.secondary.idle_timeout, 55s);
  EXPECT_EQ(s.secondary.body_timeout, 30s);
  EXPECT_EQ(s.secondary.connections, 1024u);
}

TEST(Config, AnEmptyUrlSwitchesTheSecondaryOff) {
  Overrides overrides;
  overrides.secondary = "";
  const Settings off = good("[secondary]\nurl = \"http://s\"\nshare = 0.5", overrides).settings;
  EXPECT_FALSE(off.secondary.configured);
  EXPECT_EQ(off.secondary, ShadowTargetSettings());
  EXPECT_FALSE(good("[secondary]\nurl = \"\"").settings.secondary.configured);
}

TEST(Config, TheUrlOfASecondaryMayComeFromAFlag) {
  Overrides overrides;
  overrides.secondary = "http://s";
  EXPECT_EQ(good("[secondary]\nshare = 0.5", overrides).settings.secondary.share, 0.5);
}

TEST(Config, WithoutAnAdminListenerItsPortIsFree) {
  const Settings s = good("[admin]\nlisten = \"\"\n[server]\nlisten = [\"127.0.0.1:8881\"]").settings;
  EXPECT_FALSE(s.admin.configured);
}

TEST(Config, ATokenOpensTheAdminListenerToOthers) {
  EXPECT_EQ(good("[admin]\nlisten = \"0.0.0.0:8881\"\ntoken = \"secret\"").settings.admin.token, "secret");
}

TEST(Config, WithAMarkerUnderstudyMayBeItsOwnCandidate) {
  EXPECT_EQ(good("[candidate]\nurl = \"http://127.0.0.1:8880\"").settings.candidate.url.port, 8880);
}

TEST(Config, WritesInFreeOrderAreWarnedOf) {
  EXPECT_EQ(good("[mirror]\nmethods = [\"*\"]\norder = \"none\"").warnings.size(), 1u);
  EXPECT_EQ(good("[mirror]\nmethods = [\"POST\"]\norder = \"none\"").warnings.size(), 1u);
  EXPECT_TRUE(good("[mirror]\nmethods = [\"POST\"]").warnings.empty());
  EXPECT_TRUE(good("[mirror]\norder = \"none\"").warnings.empty());
}

}  // namespace
}  // namespace understudy
