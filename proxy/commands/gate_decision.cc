// When `understudy gate` has seen enough. See gate_decision.h.
#include "proxy/commands/gate_decision.h"

#include "proxy/commands/exit_status.h"

namespace understudy {

GateDecision decide(const GateTerms& terms, const GateState& state, std::chrono::milliseconds elapsed) {
  if (state.verdict == "regression") return {true, exit_regression, "regression"};
  const bool is_over = elapsed >= terms.end;
  const bool is_enough = state.compared >= terms.min_compared;
  if (state.verdict == "pass" && is_enough && (terms.until_conclusive || is_over)) return {true, exit_good, "pass"};
  if (!is_over) return {};
  if (!is_enough) {
    return {true, exit_inconclusive,
            "inconclusive: " + std::to_string(state.compared) + " exchanges compared, " +
                std::to_string(terms.min_compared) + " asked for"};
  }
  std::string headline = "inconclusive after " + std::to_string(state.compared) + " compared exchanges";
  if (state.needed > 0) headline += ", about " + std::to_string(state.needed) + " more needed";
  return {true, exit_inconclusive, headline};
}

}  // namespace understudy
