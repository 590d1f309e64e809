// When `understudy gate` has seen enough. See gate_decision.h.
#include "proxy/commands/gate_decision.h"

#include <algorithm>

#include "diff/report/words.h"
#include "proxy/commands/exit_status.h"

namespace understudy {
namespace {

using std::chrono::milliseconds;

void keep(std::optional<milliseconds>& from, bool holds, milliseconds elapsed) {
  if (!holds) from.reset();
  if (holds && !from) from = elapsed;
}

}  // namespace

GateDecision GateWatch::answered(const GateState& state, milliseconds elapsed) {
  last_answer_ = elapsed;
  const bool is_silent = !state.silent_since.empty();
  const bool is_transport = state.verdict == "regression" && state.proved != 0 && state.proved == state.transport;
  keep(silent_from_, is_silent, elapsed);
  keep(transport_from_, is_transport, elapsed);
  const bool is_over = elapsed >= terms_.end;
  const bool is_change = state.verdict == "regression" && !is_transport;
  if (is_silent && !is_change) {
    if (!is_over && elapsed - *silent_from_ < terms_.patience) return {};
    return {true, exit_unreachable, describe_silence(state)};
  }
  if (is_transport && !is_over && elapsed - *transport_from_ < silence_settles) return {};
  return decide(terms_, state, elapsed);
}

bool GateWatch::gives_up(milliseconds elapsed) const {
  if (elapsed >= terms_.end) return true;
  if (!last_answer_) return elapsed >= std::min(first_contact_limit, terms_.patience);
  return elapsed - *last_answer_ >= terms_.patience;
}

std::string describe_silence(const GateState& state) {
  std::string text = "the candidate " + state.candidate + " does not answer: ";
  text += (state.failure.empty() ? "nothing heard" : state.failure) + " since " + state.silent_since;
  if (state.failed != 0) text += "; " + diff::counted(state.failed, "copy", "copies") + " failed";
  return text;
}

GateDecision decide(const GateTerms& terms, const GateState& state, milliseconds elapsed) {
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
  const std::string after = " after " + std::to_string(state.compared) + " compared exchanges";
  if (terms.allow_undecided && state.only_undecided) {
    return {true, exit_good, "pass" + after + ", with what is undecided let through (--allow-undecided)"};
  }
  std::string headline = "inconclusive" + after;
  if (state.needed > 0) headline += ", " + diff::describe_needed(state.needed, state.least_seconds, state.most_seconds);
  return {true, exit_inconclusive, headline};
}

}  // namespace understudy
