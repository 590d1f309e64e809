// The rule of Diffy (opendiffy, its default thresholds), for comparison: per endpoint and difference two counts, the
// requests where the candidate shows it and those where the secondary does; it is shown when the first is larger, by
// more than 20 % of their sum and more than 0.03 % of the endpoint's requests. Caller: evidence_simulation.cc.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "tests/simulation/world.h"

namespace understudy::simulation {

class DiffyRule {
 public:
  explicit DiffyRule(const std::vector<std::string>& paths) : paths_(paths) {}

  // True if a difference of this exchange is shown after it: of `paths`, where there are any.
  bool record(const Exchange& exchange);
  // Whether any is shown now.
  bool shows() const;

 private:
  struct Counts {
    std::size_t endpoint = 0;
    double raw = 0;
    double noise = 0;
  };
  bool is_shown(const Counts& counts) const;
  bool is_counted(const diff::Finding& finding) const;
  Counts& counts_for(const Exchange& exchange, const diff::Finding& finding);

  const std::vector<std::string>& paths_;
  std::unordered_map<std::uint64_t, Counts> counts_;
  std::vector<double> requests_;  // by endpoint
};

}  // namespace understudy::simulation
