#include "proxy/admin/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <limits>

#include "diff/finding.h"
#include "proxy/admin/exposition.h"
#include "proxy/admin/shadow_tax.h"

namespace understudy::admin {
namespace {

std::string_view name_of(control::Role role) {
  return control::role_names[static_cast<std::size_t>(role)];
}

void write_users(Exposition& out, const Observed& observed) {
  constexpr std::array<std::string_view, 6> code_classes{"none", "1xx", "2xx", "3xx", "4xx", "5xx"};
  out.counter("understudy_requests_total",
              "Requests of users by class of the status they got; none: the connection ended first.");
  for (std::size_t i = 0; i < code_classes.size(); ++i)
    out.sample({{"code_class", code_classes[i]}}, observed.requests[i]);
  out.histogram("understudy_request_duration_seconds",
                "From a request's first octet to its response's last, as users see it.");
  out.durations(observed.duration);
  out.gauge("understudy_connections", "Open connections of users.");
  out.sample({}, observed.connections);
  out.counter("understudy_connections_refused_total",
              "Connections beyond server.limits.connections_per_address, closed at once.");
  out.sample({}, observed.connections_refused);
  out.gauge("understudy_tunnels", "WebSockets that are open.");
  out.sample({}, observed.tunnels);
  out.counter("understudy_tunnels_total", "WebSockets that were opened.");
  out.sample({}, observed.tunnels_opened);
  out.counter("understudy_user_socket_calls_total",
              "Calls of recv and send in the user plane, those answered EAGAIN included.");
  out.sample({{"call", "recv"}}, observed.recv_calls);
  out.sample({{"call", "send"}}, observed.send_calls);
  out.counter("understudy_user_socket_calls_again_total", "Of those calls, the ones answered EAGAIN.");
  out.sample({}, observed.again_calls);
  out.counter("understudy_log_dropped_total", "Lines of the access log that found no room.");
  out.sample({}, observed.log_dropped);
}

void write_upstreams(Exposition& out, const Observed& observed) {
  out.histogram("understudy_upstream_duration_seconds", "Durations of whole answers by role.");
  for (std::size_t role = 0; role < control::role_names.size(); ++role) {
    out.durations(observed.upstream_duration[role], "role", control::role_names[role]);
  }
  out.counter("understudy_primary_set_aside_total",
              "Times that one of several addresses of the primary took no connection and was set aside.");
  out.sample({}, observed.primary_set_aside);
  out.counter("understudy_primary_reclaimed_total",
              "Exchanges ended because their clients kept connections to the primary waiting when all were in use.");
  out.sample({}, observed.primary_reclaimed);
  out.counter("understudy_upstream_repeated_total",
              "Requests sent once more because their kept connection ended without an answer, by role.");
  for (std::size_t role = 0; role < control::role_names.size(); ++role)
    out.sample({{"role", control::role_names[role]}}, observed.upstream_repeated[role]);
  out.counter("understudy_upstream_errors_total", "Answers that did not come whole, by role and reason.");
  for (std::size_t role = 0; role < control::role_names.size(); ++role) {
    for (std::size_t i = 0; i < control::fail_reason_names.size(); ++i) {
      out.sample({{"role", control::role_names[role]}, {"reason", control::fail_reason_names[i]}},
                 observed.upstream_errors[role][i]);
    }
  }
}

void write_health(Exposition& out, const Observed& observed) {
  constexpr std::array copied{control::Role::candidate, control::Role::secondary};
  out.gauge("understudy_upstream_silent_seconds",
            "Time without any answer while copies were tried and production answered; 0: it answers, or nobody asked.");
  for (const control::Role role : copied) {
    out.sample({{"role", name_of(role)}}, observed.health[static_cast<std::size_t>(role)].silent_s(observed.now_us));
  }
  out.gauge("understudy_breaker_open",
            "1 while copies are left out after failures in a row, but for a probe now and then.");
  for (const control::Role role : copied) {
    out.sample({{"role", name_of(role)}}, observed.health[static_cast<std::size_t>(role)].breaker_open ? 1u : 0u);
  }
  out.counter("understudy_candidate_returns_total", "Times that the candidate refused connections and then came back.");
  out.sample({}, observed.candidate_returns);
}

void write_mirror(Exposition& out, const Observed& observed) {
  using namespace control;
  const Ledger& ledger = observed.ledger_of_run;
  out.counter("understudy_mirror_eligible_total", "Exchanges to be mirrored, once for each copy.");
  out.sample({}, ledger.eligible);
  out.counter("understudy_mirror_heldout_total",
              "Selected exchanges deliberately not mirrored, to measure the shadow tax.");
  out.sample({}, ledger.heldout);
  out.gauge("understudy_mirror_in_flight", "Eligible exchanges whose outcome is open.");
  out.sample({}, ledger.in_flight);
  out.counter("understudy_mirror_compared_total", "Exchanges compared, by result.");
  out.sample({{"result", "matched"}}, ledger.outcomes[outcome_matched]);
  out.sample({{"result", "differed"}}, ledger.outcomes[outcome_differed]);
  out.counter("understudy_mirror_dropped_total", "Eligible exchanges given up, by reason.");
  for (std::size_t i = 0; i < drop_reason_names.size(); ++i) {
    out.sample({{"reason", drop_reason_names[i]}}, ledger.outcomes[dropped(static_cast<DropReason>(i))]);
  }
  out.counter("understudy_mirror_failed_total",
              "Eligible exchanges without a whole answer, by the role whose answer it was and reason.");
  for (const Role role : {Role::primary, Role::candidate}) {
    for (std::size_t i = 0; i < fail_reason_names.size(); ++i) {
      out.sample({{"role", name_of(role)}, {"reason", fail_reason_names[i]}},
                 ledger.outcomes[failed(role, static_cast<FailReason>(i))]);
    }
  }
  out.gauge("understudy_tap_bytes", "Octets in the tap that are published and not yet released.");
  out.sample({}, observed.tap_octets);
}

void write_judgement(Exposition& out, const JudgementCounts& judgement) {
  using diff::DifferenceVerdict, diff::Severity, diff::Verdict;
  out.gauge("understudy_verdict", "1 for the verdict as it stands, 0 for the others.");
  for (const Verdict other : {Verdict::inconclusive, Verdict::pass, Verdict::regression})
    out.sample({{"verdict", diff::name_of(other)}}, other == judgement.verdict ? 1u : 0u);
  out.gauge("understudy_snapshot", "Number of the snapshot that verdict and differences are of, as in API and report.");
  out.sample({}, judgement.snapshot);
  out.gauge("understudy_differences", "Different differences of the current run, by what is thought of them.");
  for (std::size_t i = 0; i < JudgementCounts::verdicts; ++i) {
    for (std::size_t j = 0; j < JudgementCounts::severities; ++j) {
      out.sample({{"verdict", diff::name_of(static_cast<DifferenceVerdict>(i))},
                  {"severity", diff::name_of(static_cast<Severity>(j))}},
                 judgement.differences[i][j]);
    }
  }
  out.gauge("understudy_ignore_rules", "Rules of diff.ignore by what became of them in the current run.");
  for (std::size_t i = 0; i < judgement.rules.size(); ++i)
    out.sample({{"state", diff::name_of(static_cast<diff::RuleState>(i))}}, judgement.rules[i]);
}

void write_evidence(Exposition& out, const Observed& observed) {
  out.counter("understudy_differences_total", "Differences of the candidate from the primary, noise included.");
  for (std::size_t i = 0; i < observed.differences.size(); ++i) {
    const auto difference_class = static_cast<diff::DifferenceClass>(i);
    out.sample(
        {{"class", diff::name_of(difference_class)}, {"severity", diff::name_of(diff::severity_of(difference_class))}},
        observed.differences[i]);
  }
  out.gauge("understudy_evidence_lost",
            "Compared exchanges of the current run whose findings a crash took before they were stored.");
  out.sample({}, observed.evidence_lost);
  out.counter("understudy_evidence_skipped_total",
              "Compared exchanges left out of the evidence: of another build, or sent before the run was opened.");
  out.sample({}, observed.evidence_skipped);
  out.counter(
      "understudy_confirmations_total",
      "Exchanges that differed, with production itself as the secondary, by what both sides said when asked again.");
  for (std::size_t i = 0; i < observed.confirmations.size(); ++i)
    out.sample({{"result", control::confirmation_names[i]}}, observed.confirmations[i]);
  if (!observed.run.empty()) {
    out.gauge("understudy_run_info", "Always 1; the run whose evidence is gathered.");
    out.sample({{"run", observed.run}}, 1u);
  }
  out.counter("understudy_store_errors_total", "Snapshots that the store could not take.");
  out.sample({}, observed.store_errors);
  out.counter("understudy_store_exemplars_lost_total",
              "Exemplars that went while they waited for a store that takes none.");
  out.sample({}, observed.exemplars_lost);
}

// A summary, for only that may have a label "quantile"; NaN where too few were held out to tell.
void write_tax_summary(Exposition& out, std::string_view name, std::string_view help, const diff::TaxComparison& tax,
                       double diff::TaxQuantile::* member) {
  constexpr std::array<std::string_view, tax_quantiles.size()> labels{"0.5", "0.9", "0.99"};
  out.summary(name, help);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto known = std::ranges::find(tax.quantiles, tax_quantiles[i], &diff::TaxQuantile::quantile);
    out.sample({{"quantile", labels[i]}},
               known != tax.quantiles.end() ? (*known).*member : std::numeric_limits<double>::quiet_NaN());
  }
  out.sample_count(tax.heldout);
}

void write_tax(Exposition& out, const Observed& observed) {
  const diff::TaxComparison tax = shadow_tax(observed).all;
  write_tax_summary(out, "understudy_shadow_tax_seconds",
                    "Latency of mirrored exchanges less that of exchanges held out; counted: those held out.", tax,
                    &diff::TaxQuantile::seconds);
  write_tax_summary(out, "understudy_shadow_tax_low_seconds",
                    "Lower end of the interval that encloses the shadow tax with 90 % confidence.", tax,
                    &diff::TaxQuantile::low);
  write_tax_summary(out, "understudy_shadow_tax_high_seconds",
                    "Upper end of the interval that encloses the shadow tax with 90 % confidence.", tax,
                    &diff::TaxQuantile::high);
}

void write_program(Exposition& out, const Observed& observed) {
  out.counter("understudy_plane_restarts_total", "Planes that died and were started again.");
  for (std::size_t i = 0; i < control::plane_names.size(); ++i)
    out.sample({{"plane", control::plane_names[i]}}, observed.restarts[i]);
  out.gauge("understudy_shadow_longest_turn_seconds",
            "Time of the processor that the longest turn of the shadow plane's loop took, since the start.");
  out.sample({}, static_cast<double>(observed.longest_turn_us) * 1e-6);
  out.gauge("understudy_config_last_reload_successful",
            "0 where the last reload was refused and the configuration before it holds.");
  out.sample({}, observed.last_reload_successful ? 1u : 0u);
  out.gauge("understudy_build_info", "Always 1.");
  out.sample({{"version", UNDERSTUDY_VERSION}}, 1u);
}

// One family: `value` of each process gives a number, or nothing where it is not known.
template <class Value>
void write_process_family(Exposition& out, const ProcessUsages& processes, Value value) {
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (!processes[i]) continue;
    if (const auto number = value(*processes[i])) out.sample({{"plane", process_labels[i]}}, *number);
  }
}

void write_processes(Exposition& out, const ProcessUsages& processes) {
  out.counter("process_cpu_seconds_total", "User and system CPU time spent.");
  write_process_family(out, processes, [](const ProcessUsage& usage) { return std::optional(usage.cpu_seconds); });
  out.gauge("process_start_time_seconds", "Start time of the process since the Unix epoch.");
  write_process_family(out, processes, [](const ProcessUsage& usage) { return std::optional(usage.start_time_s); });
  out.gauge("process_virtual_memory_bytes", "Virtual memory size.");
  write_process_family(out, processes, [](const ProcessUsage& usage) { return std::optional(usage.virtual_octets); });
  out.gauge("process_resident_memory_bytes", "Resident memory size.");
  write_process_family(out, processes, [](const ProcessUsage& usage) { return std::optional(usage.resident_octets); });
  out.gauge("process_open_fds", "Open file descriptors.");
  write_process_family(out, processes, [](const ProcessUsage& usage) { return usage.open_fds; });
  out.gauge("process_max_fds", "Maximum number of open file descriptors.");
  write_process_family(out, processes, [](const ProcessUsage& usage) { return usage.max_fds; });
}

}  // namespace

ProcessUsages usage_of_planes(const Observed& observed) {
  ProcessUsages usages;
  for (std::size_t i = 0; i < observed.pids.size(); ++i) usages[i] = usage_of(observed.pids[i]);
  usages.back() = usage_of(getppid());
  return usages;
}

JudgementCounts counts_of(const diff::Judgement& judgement) {
  JudgementCounts counts;
  counts.verdict = judgement.verdict;
  for (const diff::Difference& difference : judgement.differences)
    ++counts.differences[static_cast<std::size_t>(difference.verdict)][static_cast<std::size_t>(difference.severity)];
  for (const diff::RuleUse& rule : judgement.rules) ++counts.rules[static_cast<std::size_t>(rule.state)];
  return counts;
}

std::string render_metrics(const Observed& observed, const ProcessUsages& processes, const JudgementCounts& judgement) {
  Exposition out;
  write_users(out, observed);
  write_upstreams(out, observed);
  write_health(out, observed);
  write_mirror(out, observed);
  write_judgement(out, judgement);
  write_evidence(out, observed);
  write_tax(out, observed);
  write_program(out, observed);
  write_processes(out, processes);
  return out.take();
}

}  // namespace understudy::admin
