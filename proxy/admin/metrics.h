// GET /metrics: names, labels and units as in the contract; every label from a closed list. Pure, but for
// usage_of_planes, which reads /proc.
//
// Counters begin at zero with each run of the supervisor, as Prometheus expects of a restart; the ledger of the API
// goes on over restarts.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "diff/report/model.h"
#include "proxy/admin/observed.h"
#include "proxy/admin/process_usage.h"

namespace understudy::admin {

inline constexpr std::array<std::string_view, 4> process_labels{"user", "shadow", "admin",
                                                                "supervisor"};  // the first three by control::Plane
using ProcessUsages = std::array<std::optional<ProcessUsage>, process_labels.size()>;

// Of the planes' newest processes and of their parent, the supervisor.
ProcessUsages usage_of_planes(const Observed& observed);

// What the metrics say of a judgement: the API's, so that both say the same.
struct JudgementCounts {
  static constexpr auto verdicts = static_cast<std::size_t>(diff::DifferenceVerdict::ignored) + 1;
  static constexpr auto severities = static_cast<std::size_t>(diff::Severity::low) + 1;

  diff::Verdict verdict = diff::Verdict::inconclusive;
  std::uint64_t snapshot = 0;  // as in the report's model
  std::array<std::array<std::uint64_t, severities>, verdicts> differences{};
  std::array<std::uint64_t, diff::rule_state_count> rules{};  // of diff.ignore, by diff::RuleState
};
JudgementCounts counts_of(const diff::Judgement& judgement);

std::string render_metrics(const Observed& observed, const ProcessUsages& processes,
                           const JudgementCounts& judgement = {});

}  // namespace understudy::admin
