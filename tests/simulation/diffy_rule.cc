// See diffy_rule.h.
#include "tests/simulation/diffy_rule.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

namespace understudy::simulation {

bool DiffyRule::record(const Exchange& exchange) {
  if (exchange.endpoint >= requests_.size()) {
    requests_.resize(exchange.endpoint + 1);
  }
  ++requests_[exchange.endpoint];
  if (exchange.has_secondary) {
    for (const diff::Finding& finding : exchange.findings[secondary].all()) {
      if (is_counted(finding)) {
        ++counts_for(exchange, finding).noise;
      }
    }
  }
  bool shown = false;
  for (const diff::Finding& finding : exchange.findings[candidate].all()) {
    if (is_counted(finding)) {
      Counts& counts = counts_for(exchange, finding);
      ++counts.raw;
      shown = shown || is_shown(counts);
    }
  }
  return shown;
}

bool DiffyRule::shows() const {
  return std::any_of(counts_.begin(), counts_.end(), [&](const auto& entry) { return is_shown(entry.second); });
}

bool DiffyRule::is_shown(const Counts& counts) const {
  const double excess = counts.raw - counts.noise;
  return excess > 0 && 100 * excess / (counts.raw + counts.noise) > 20 &&
         100 * excess / requests_[counts.endpoint] > 0.03;
}

bool DiffyRule::is_counted(const diff::Finding& finding) const {
  return paths_.empty() || std::any_of(paths_.begin(), paths_.end(), [&](const std::string& path) {
           return path == finding.path || path.ends_with(" " + finding.path);
         });
}

DiffyRule::Counts& DiffyRule::counts_for(const Exchange& exchange, const diff::Finding& finding) {
  const std::uint64_t key =
      mix(std::hash<std::string_view>()(finding.path) + exchange.endpoint * 0x9e3779b97f4a7c15ULL +
          static_cast<std::uint64_t>(finding.difference_class));
  Counts& counts = counts_[key];
  counts.endpoint = exchange.endpoint;
  return counts;
}

}  // namespace understudy::simulation
