// When `understudy gate` has seen enough. Pure: time comes in as an argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy/commands/state.h"

namespace understudy {

struct GateTerms {
  bool until_conclusive = true;                // else the verdict is taken at `end`
  std::chrono::milliseconds end{};             // since the start: the timeout, or the duration to judge after
  std::uint64_t min_compared = 0;              // a pass needs so many
  bool allow_undecided = false;                // at `end`, what is only undecided passes
  std::chrono::milliseconds patience{60'000};  // with a candidate, or an instance, that does not answer
};

struct GateDecision {
  bool is_final = false;
  int exit_status = 0;   // if final
  std::string headline;  // if final: the verdict and, where the gate itself is why, the reason
};

// An instance that never answered has just been started, or is not there: nobody waits long for it.
inline constexpr std::chrono::milliseconds first_contact_limit{5'000};
// A candidate that stops answering is known to be silent after some seconds; as long as nothing but failures is proved,
// they are waited for, since a dead candidate is no regression.
inline constexpr std::chrono::milliseconds silence_settles{5'000};

// What comes back over time, and for how long it has been so.
class GateWatch {
 public:
  explicit GateWatch(const GateTerms& terms) : terms_(terms) {}

  GateDecision answered(const GateState& state, std::chrono::milliseconds elapsed);
  // The instance gave no answer. True: it has not for too long.
  bool gives_up(std::chrono::milliseconds elapsed) const;
  bool has_answered() const { return last_answer_.has_value(); }

 private:
  GateTerms terms_;
  std::optional<std::chrono::milliseconds> last_answer_;
  std::optional<std::chrono::milliseconds> silent_from_;     // the candidate, as far as this gate has seen
  std::optional<std::chrono::milliseconds> transport_from_;  // a regression that is made of failures alone
};

// "the candidate http://… does not answer: connection refused since 2026-11-30T23:04:11Z; 812 copies failed"
std::string describe_silence(const GateState& state);

// `elapsed` since the start. A regression is final at once: more traffic cannot undo it.
GateDecision decide(const GateTerms& terms, const GateState& state, std::chrono::milliseconds elapsed);

}  // namespace understudy
