// From the differences of a report to the fields that production varies. See selftest_result.h.
#include "proxy/commands/selftest_result.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <tuple>
#include <utility>

#include "diff/evidence/exclusion.h"
#include "proxy/commands/exit_status.h"

namespace understudy {
namespace {

// A share of the exchanges from which on a value is as good as never the same.
constexpr double blind_share = 0.95;
// Of the exchanges: endpoints that a verdict judges each for itself.
constexpr double endpoint_share = 0.01;
constexpr double longest_growth = 100'000;
// What is not a value: where these differ at every exchange, the two copies of production do not answer alike.
constexpr std::array<std::string_view, 8> structural{"transport",    "status_class",  "status_code", "content_type",
                                                     "parse_failed", "field_removed", "field_added", "type_changed"};

bool is_structural(const SelftestRow& row) {
  return row.gates && std::find(structural.begin(), structural.end(), row.difference_class) != structural.end();
}

// By what one of its differences says. A regression that does not gate is a difference like any other.
SelftestKind kind_of(const SelftestRow& row, const SelftestCourse& course) {
  const bool is_always = row.rate() >= blind_share;
  if (row.gates && row.verdict == "regression") return SelftestKind::environment;
  if (is_always && is_structural(row)) return SelftestKind::environment;
  if (row.gates && (row.verdict == "undecided" || row.verdict == "unverified")) return SelftestKind::open;
  if (row.difference_class == "order_changed") return SelftestKind::reordered;
  if (is_always) return SelftestKind::blind;
  return row.verdict == "state" || course.comes_in_bursts(row) ? SelftestKind::state : SelftestKind::varying;
}

// Blind is told before state, which a counter is as well.
int precedence(SelftestKind kind) {
  return kind == SelftestKind::blind ? static_cast<int>(SelftestKind::state) * 2 - 1 : static_cast<int>(kind) * 2;
}

void add(SelftestField& field, const SelftestRow& row, const SelftestCourse& course) {
  const SelftestKind kind = kind_of(row, course);
  if (field.classes.empty() || precedence(kind) < precedence(field.kind)) {
    field.kind = kind;
    field.reason = row.reason;
    field.one_value = row.one_value;
    field.other_value = row.other_value;
    field.classes.insert(field.classes.begin(), row.difference_class);
  } else {
    field.classes.push_back(row.difference_class);
  }
  field.rate = std::max(field.rate, row.rate());
}

// What a pass excludes there, in the evidence's own terms.
double excluded_at(const SelftestRow& row, const diff::Settings& settings) {
  if (row.severity == "critical") return settings.exclude;
  const double least = row.severity == "high" ? settings.exclude_noisy : settings.exclude / 2;
  return row.rate() >= least ? settings.exclude_noisy : settings.exclude;
}

// Exchanges of its endpoint until a change of more than `delta` is excluded, where both sides differ in a share of
// `rate` of them, each by itself.
double exchanges_to_exclude(double rate, double delta, double alpha) {
  constexpr double some = 100;
  const double one_sided = some * rate * (1 - rate);
  return some * diff::growth_to_exclusion(some, one_sided, one_sided, delta, alpha, longest_growth);
}

}  // namespace

std::vector<SelftestField> selftest_fields(const SelftestReport& report, const SelftestCourse& course) {
  std::map<std::pair<std::string, std::string>, SelftestField> by_place;
  for (const SelftestRow& row : report.rows) {
    if (row.verdict == "ignored") continue;
    SelftestField& field = by_place[{row.endpoint, row.path}];
    field.endpoint = row.endpoint;
    field.path = row.path;
    add(field, row, course);
  }
  std::vector<SelftestField> fields;
  for (auto& [place, field] : by_place) fields.push_back(std::move(field));
  std::sort(fields.begin(), fields.end(), [](const SelftestField& left, const SelftestField& right) {
    return std::tie(left.kind, left.endpoint, left.path) < std::tie(right.kind, right.endpoint, right.path);
  });
  return fields;
}

std::uint64_t exchanges_to_pass(const SelftestReport& report, const diff::Settings& settings) {
  const double alpha = 1 - settings.confidence;
  std::map<std::string, double> of_endpoints;
  for (const auto& [name, compared] : report.endpoints) {
    of_endpoints[name] = exchanges_to_exclude(0, settings.exclude, alpha);
  }
  for (const SelftestRow& row : report.rows) {
    const auto endpoint = of_endpoints.find(row.endpoint);
    if (!row.gates || row.verdict == "state" || row.verdict == "ignored" || endpoint == of_endpoints.end()) continue;
    const double needed = exchanges_to_exclude(row.rate(), excluded_at(row, settings), alpha);
    endpoint->second = std::max(endpoint->second, needed);
  }
  double most = 0;
  for (const auto& [name, needed] : of_endpoints) {
    const double share =
        static_cast<double>(report.endpoints.at(name)) / std::max(static_cast<double>(report.compared), 1.0);
    if (share >= endpoint_share) most = std::max(most, needed / share);
  }
  return static_cast<std::uint64_t>(std::ceil(most));
}

int exit_status_of(const SelftestResult& result) {
  if (result.report.compared == 0) return exit_unreachable;
  const bool matters = std::any_of(result.fields.begin(), result.fields.end(),
                                   [](const SelftestField& field) { return field.kind == SelftestKind::environment; });
  if (matters || result.report.verdict == "regression") return exit_different;
  return result.report.verdict == "pass" ? exit_good : exit_inconclusive;
}

}  // namespace understudy
