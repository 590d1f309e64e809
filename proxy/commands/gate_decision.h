// When `understudy gate` has seen enough. Pure: time comes in as an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "proxy/commands/state.h"

namespace understudy {

struct GateTerms {
  bool until_conclusive = true;     // else the verdict is taken at `end`
  std::chrono::milliseconds end{};  // since the start: the timeout, or the duration to judge after
  std::uint64_t min_compared = 0;   // a pass needs so many
};

struct GateDecision {
  bool is_final = false;
  int exit_status = 0;   // if final
  std::string headline;  // if final: the verdict and, where the gate itself is why, the reason
};

// `elapsed` since the start. A regression is final at once: more traffic cannot undo it.
GateDecision decide(const GateTerms& terms, const GateState& state, std::chrono::milliseconds elapsed);

}  // namespace understudy
