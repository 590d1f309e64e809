// See rule_use.h.
#include "diff/evidence/rule_use.h"

#include <array>

#include "diff/evidence/latency.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

std::string listed(ClassSet classes) {
  std::string text;
  for (const std::string_view name : names_of(classes)) text += (text.empty() ? "" : ", ") + std::string(name);
  return text;
}

// As findings write it.
std::string path_in_cells(const IgnoreRule& rule) {
  const bool names_field = rule.path.starts_with("header:") || rule.path.starts_with("trailer:");
  return names_field ? ascii_lower(rule.path) : rule.path;
}

// What differed there, be it by the candidate or by production itself.
void look_at(const Evidence::Endpoint& endpoint, const std::string& path, const IgnoreRule& rule, RuleUse& use) {
  const auto at_path = endpoint.cells.find(path);
  if (at_path == endpoint.cells.end()) return;
  for (const auto& [difference_class, cell] : at_path->second) {
    if (cell.counters.raw == 0 && cell.counters.noise == 0) continue;
    if (rule.covers(difference_class)) {
      ++use.differences;
    } else {
      use.not_covered |= bit_of(difference_class);
    }
  }
}

RuleState state_of(const IgnoreRule& rule, const RuleUse& use, std::uint64_t patience, bool knows_all,
                   std::string_view today) {
  if (!rule.expires.empty() && today > rule.expires) return RuleState::expired;
  if (use.differences != 0) return RuleState::used;
  return use.exchanges >= patience && knows_all ? RuleState::unmatched : RuleState::waiting;
}

std::string note_of(const IgnoreRule& rule, const RuleUse& use, bool is_seen) {
  if (use.state != RuleState::unmatched && use.state != RuleState::expired) return {};
  std::string text = "rule " + std::to_string(use.number) + " of [[diff.ignore]] (" +
                     (rule.endpoint.empty() ? "every endpoint" : rule.endpoint) + ", " + rule.path;
  if (rule.classes != 0) text += ", " + listed(rule.classes);
  text += ") ";
  if (use.state == RuleState::expired) return text + "expired on " + rule.expires + " and covers nothing any more";
  text += "has matched nothing in " + std::to_string(use.exchanges) + " exchanges";
  if (!is_seen) return text + ": its endpoint never appeared";
  if (use.not_covered == 0) return text;
  return text + "; what differs there is " + listed(use.not_covered) +
         (rule.classes != 0 ? ", which it does not name" : ", which takes a rule with a class");
}

}  // namespace

std::vector<RuleUse> uses_of_rules(const Evidence& evidence, const Settings& settings,
                                   std::span<const Difference> differences, std::string_view today) {
  std::vector<RuleUse> uses;
  for (const IgnoreRule& rule : settings.ignore) {
    RuleUse& use = uses.emplace_back();
    use.number = uses.size();
    use.endpoint = rule.endpoint;
    use.path = rule.path;
    use.classes = rule.classes;
    const std::string path = path_in_cells(rule);
    const auto named = evidence.endpoints().find(rule.endpoint);
    const bool is_seen = rule.endpoint.empty() || named != evidence.endpoints().end();
    const bool has_one = !rule.endpoint.empty() && is_seen;
    const EndpointCounters& counters = has_one ? named->second.counters : evidence.totals();
    use.exchanges = counters.compared;
    if (has_one) look_at(named->second, path, rule, use);
    for (const auto& [name, endpoint] : evidence.endpoints()) {
      if (rule.endpoint.empty()) look_at(endpoint, path, rule, use);
    }
    for (const Difference& difference : differences) {
      const bool is_slow = difference.difference_class == DifferenceClass::latency && rule.path == difference.path &&
                           rule.covers(DifferenceClass::latency);
      if (is_slow && (rule.endpoint.empty() || rule.endpoint == difference.endpoint)) ++use.differences;
    }
    // What was counted at "(other)" may have been at its path; and without a second instance nobody knows who is slow.
    const bool is_timed = rule.path != latency_path || evidence.slowness().exchanges != 0;
    const bool knows_all = counters.overflowed == 0 && is_timed;
    use.state = state_of(rule, use, has_one ? rule_patience : rule_patience_everywhere, knows_all, today);
    use.note = note_of(rule, use, is_seen);
  }
  return uses;
}

std::string_view name_of(RuleState state) {
  constexpr std::array<std::string_view, rule_state_count> names{"used", "waiting", "unmatched", "expired"};
  return names[static_cast<std::size_t>(state)];
}

}  // namespace understudy::diff
