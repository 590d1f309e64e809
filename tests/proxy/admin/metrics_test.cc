#include "proxy/admin/metrics.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdio>
#include <limits>

#include "proxy/admin/exposition.h"

namespace understudy::admin {
namespace {

Observed busy() {
  Observed observed;
  observed.ledger_of_run.eligible = 10;
  observed.ledger_of_run.outcomes[control::outcome_matched] = 7;
  observed.ledger_of_run.outcomes[control::dropped(control::DropReason::tap_full)] = 2;
  observed.ledger_of_run.outcomes[control::failed(control::Role::candidate, control::FailReason::reset)] = 1;
  observed.ledger = observed.ledger_of_run;
  observed.ledger.eligible = 1000;
  observed.requests = {1, 0, 200, 30, 4, 5};
  observed.duration.buckets[0] = 3;
  observed.duration.buckets[2] = 2;
  observed.duration.buckets.back() = 1;
  observed.duration.sum_ns = 1'500'000'000;
  observed.differences[5] = 9;
  return observed;
}

bool has_line(const std::string& text, const std::string& line) {
  return text.find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, EveryNameOfTheContractIsThere) {
  const std::string text = render_metrics(busy(), {usage_of(getpid())});
  for (const char* name : {"understudy_requests_total",
                           "understudy_request_duration_seconds",
                           "understudy_connections",
                           "understudy_upstream_duration_seconds",
                           "understudy_upstream_errors_total",
                           "understudy_upstream_repeated_total",
                           "understudy_upstream_silent_seconds",
                           "understudy_breaker_open",
                           "understudy_candidate_returns_total",
                           "understudy_mirror_eligible_total",
                           "understudy_mirror_heldout_total",
                           "understudy_mirror_in_flight",
                           "understudy_mirror_compared_total",
                           "understudy_mirror_dropped_total",
                           "understudy_log_dropped_total",
                           "understudy_mirror_failed_total",
                           "understudy_tap_bytes",
                           "understudy_plane_restarts_total",
                           "understudy_shadow_longest_turn_seconds",
                           "understudy_differences_total",
                           "understudy_confirmations_total",
                           "understudy_store_errors_total",
                           "understudy_store_exemplars_lost_total",
                           "understudy_verdict",
                           "understudy_snapshot",
                           "understudy_shadow_tax_seconds",
                           "understudy_ignore_rules",
                           "understudy_shadow_tax_low_seconds",
                           "understudy_shadow_tax_high_seconds",
                           "understudy_config_last_reload_successful",
                           "understudy_build_info",
                           "process_cpu_seconds_total",
                           "process_resident_memory_bytes"}) {
    EXPECT_NE(text.find("\n# TYPE " + std::string(name) + " "), std::string::npos) << name;
    EXPECT_TRUE(text.find("\n" + std::string(name) + "{") != std::string::npos ||
                text.find("\n" + std::string(name) + " ") != std::string::npos ||
                text.find("\n" + std::string(name) + "_bucket{") != std::string::npos)
        << name;
  }
}

TEST(Metrics, SayWhoDoesNotAnswerAndForHowLong) {
  Observed observed;
  observed.now_us = 100'000'000;
  observed.health[1].silent_since_us = 86'500'000;
  observed.health[1].breaker_open = true;
  observed.candidate_returns = 2;
  observed.longest_turn_us = 2500;
  const std::string text = render_metrics(observed, {});
  EXPECT_TRUE(has_line(text, "understudy_upstream_silent_seconds{role=\"candidate\"} 13.5"));
  EXPECT_TRUE(has_line(text, "understudy_upstream_silent_seconds{role=\"secondary\"} 0"));
  EXPECT_TRUE(has_line(text, "understudy_breaker_open{role=\"candidate\"} 1"));
  EXPECT_TRUE(has_line(text, "understudy_breaker_open{role=\"secondary\"} 0"));
  EXPECT_TRUE(has_line(text, "understudy_candidate_returns_total 2"));
  EXPECT_TRUE(has_line(text, "understudy_shadow_longest_turn_seconds 0.0025"));
}

TEST(Metrics, SamplesSayWhatWasObserved) {
  diff::Judgement judgement;
  judgement.verdict = diff::Verdict::regression;
  judgement.differences.resize(2);
  judgement.rules = {{.number = 1, .state = diff::RuleState::unmatched},
                     {.number = 2, .state = diff::RuleState::unmatched}};
  judgement.differences[0].severity = diff::Severity::high;
  judgement.differences[1].verdict = diff::DifferenceVerdict::noise;
  judgement.differences[1].severity = diff::Severity::low;
  JudgementCounts counts = counts_of(judgement);
  counts.snapshot = 1790000000000001;
  const std::string text = render_metrics(busy(), {}, counts);
  EXPECT_TRUE(has_line(text, "understudy_differences{verdict=\"regression\",severity=\"high\"} 1"));
  EXPECT_TRUE(has_line(text, "understudy_differences{verdict=\"noise\",severity=\"low\"} 1"));
  EXPECT_TRUE(has_line(text, "understudy_differences{verdict=\"blind\",severity=\"low\"} 0"));
  EXPECT_TRUE(has_line(text, "understudy_ignore_rules{state=\"unmatched\"} 2"));
  EXPECT_TRUE(has_line(text, "understudy_ignore_rules{state=\"expired\"} 0"));
  EXPECT_TRUE(has_line(text, "understudy_requests_total{code_class=\"2xx\"} 200"));
  EXPECT_TRUE(has_line(text, "understudy_requests_total{code_class=\"none\"} 1"));
  EXPECT_TRUE(has_line(text, "understudy_mirror_eligible_total 10"));
  EXPECT_TRUE(has_line(text, "understudy_mirror_compared_total{result=\"matched\"} 7"));
  EXPECT_TRUE(has_line(text, "understudy_mirror_dropped_total{reason=\"tap_full\"} 2"));
  EXPECT_TRUE(has_line(text, "understudy_mirror_failed_total{role=\"candidate\",reason=\"reset\"} 1"));
  EXPECT_TRUE(has_line(text, "understudy_differences_total{class=\"field_removed\",severity=\"high\"} 9"));
  EXPECT_TRUE(has_line(text, "understudy_verdict{verdict=\"regression\"} 1"));
  EXPECT_TRUE(has_line(text, "understudy_verdict{verdict=\"pass\"} 0"));
  EXPECT_TRUE(has_line(text, "understudy_snapshot 1790000000000001"));
  EXPECT_TRUE(has_line(text, "understudy_request_duration_seconds_bucket{le=\"0.0005\"} 3"));
  EXPECT_TRUE(has_line(text, "understudy_request_duration_seconds_bucket{le=\"0.0025\"} 5"));
  EXPECT_TRUE(has_line(text, "understudy_request_duration_seconds_bucket{le=\"60\"} 5"));
  EXPECT_TRUE(has_line(text, "understudy_request_duration_seconds_bucket{le=\"+Inf\"} 6"));
  EXPECT_TRUE(has_line(text, "understudy_request_duration_seconds_count 6"));
  EXPECT_TRUE(has_line(text, "understudy_request_duration_seconds_sum 1.5"));
  EXPECT_TRUE(has_line(text, "understudy_shadow_tax_seconds{quantile=\"0.5\"} NaN"));
}

TEST(Metrics, TheShadowTaxComesWithItsInterval) {
  Observed observed = busy();
  // [2^20, 2^20 + 2^14) ns and [2^21, 2^21 + 2^15) ns. 200 on a side are too few for p99.
  observed.random_heldout_duration.buckets[640] = 150;
  observed.window_heldout_duration.buckets[640] = 50;
  observed.mirrored_duration.buckets[704] = 200;
  const std::string text = render_metrics(observed, {});
  for (const std::string quantile : {"0.5", "0.9"}) {
    EXPECT_TRUE(has_line(text, "understudy_shadow_tax_seconds{quantile=\"" + quantile + "\"} 0.001056768")) << text;
    EXPECT_TRUE(has_line(text, "understudy_shadow_tax_low_seconds{quantile=\"" + quantile + "\"} 0.001032192")) << text;
    EXPECT_TRUE(has_line(text, "understudy_shadow_tax_high_seconds{quantile=\"" + quantile + "\"} 0.001081344"))
        << text;
  }
  EXPECT_TRUE(has_line(text, "understudy_shadow_tax_seconds_count 200"));
  for (const std::string name : {"seconds", "low_seconds", "high_seconds"})
    EXPECT_TRUE(has_line(text, "understudy_shadow_tax_" + name + "{quantile=\"0.99\"} NaN"));
}

TEST(Metrics, PromtoolFindsNothingToSay) {
  if (std::system("promtool --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "promtool is not installed";
  Observed observed = busy();
  observed.mirrored_duration.buckets[900] = 1000;
  observed.random_heldout_duration.buckets[800] = 1000;
  const ProcessUsages processes{usage_of(getpid()), usage_of(getppid()), usage_of(getpid()), std::nullopt};
  for (const std::string& text : {render_metrics(observed, processes), render_metrics({}, {})}) {
    FILE* promtool = popen("promtool check metrics 2>&1", "w");
    ASSERT_NE(promtool, nullptr);
    std::fwrite(text.data(), 1, text.size(), promtool);
    EXPECT_EQ(pclose(promtool), 0);
  }
}

TEST(Exposition, LabelValuesCannotBreakOut) {
  Exposition out;
  out.gauge("x", "Y.");
  out.sample({{"l", "a\"b\\c\nd"}}, 1u);
  EXPECT_EQ(out.take(), "# HELP x Y.\n# TYPE x gauge\nx{l=\"a\\\"b\\\\c\\nd\"} 1\n");
}

TEST(Exposition, NumbersGoBothWays) {
  Exposition out;
  out.gauge("x", "Y.");
  out.sample({}, 0.1);
  out.sample({}, std::numeric_limits<double>::infinity());
  out.sample({}, std::numeric_limits<std::uint64_t>::max());
  EXPECT_NE(out.take().find("x 0.1\nx +Inf\nx 18446744073709551615\n"), std::string::npos);
}

TEST(ProcessUsage, IsThatOfThisProcess) {
  const auto usage = usage_of(getpid());
  ASSERT_TRUE(usage);
  EXPECT_GT(usage->resident_octets, 100'000u);
  EXPECT_GT(usage->virtual_octets, usage->resident_octets);
  EXPECT_GT(usage->start_time_s, 1.6e9);
  ASSERT_TRUE(usage->open_fds);
  EXPECT_GE(*usage->open_fds, 3u);
  ASSERT_TRUE(usage->max_fds);
  EXPECT_GT(*usage->max_fds, 3u);
  EXPECT_FALSE(usage_of(0));
  EXPECT_FALSE(usage_of(-1));
}

}  // namespace
}  // namespace understudy::admin
