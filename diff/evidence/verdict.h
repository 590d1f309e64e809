// From counters to verdicts (DIFF.md 3.1, 3.2, 3.4 no. 4, 3.6). Pure: the day and the ledger's sums come in as
// arguments. Callers: proxy/shadow/ (the verdict of each snapshot), proxy/admin/ (API, metrics), `understudy report`
// and `gate`, through diff/report/model.h.
//
// A *regression* is a difference that is proved (hypothesis.h) and that no rule covers. Differences of low severity
// never gate. A *pass* says: at every endpoint with at least 1 % of the eligible traffic, and at the rarer ones taken
// together, a net change of each gating class by more than `exclude` of the exchanges would have shown (`exclude_noisy`
// where production varies a value itself), nothing that might be one is open or unverified, and no more than a tenth of
// the eligible exchanges was not compared. Everything else is *inconclusive*, and the reasons say what is waited for.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/evidence.h"
#include "diff/evidence/hypothesis.h"
#include "diff/finding.h"
#include "diff/settings.h"

namespace understudy::diff {

enum class Verdict : unsigned char { pass, regression, inconclusive };
std::string_view name_of(DifferenceVerdict verdict);
std::string_view name_of(Verdict verdict);

// What of the world outside the counters matters for the verdict.
struct Circumstances {
  std::uint64_t eligible = 0;  // of the ledger
  std::uint64_t dropped = 0;   // of the ledger, all reasons
  std::string today;           // YYYY-MM-DD, for the expiry of ignore rules
  // secondary.url is production itself: what differs between instances cannot be known.
  bool secondary_is_primary = false;
};

struct Difference {
  std::string id;
  std::string endpoint;
  std::string path;
  DifferenceClass difference_class{};
  Severity severity{};
  DifferenceVerdict verdict{};
  std::string reason;  // why, in words
  CellCounters counters;
  EndpointCounters at_endpoint;
  std::uint64_t endpoints = 1;  // of a difference at all endpoints together: how many show it
  std::int64_t proved_us = 0;   // since when it is proved; 0 = it is not, or for the first time now
  bool looks_fixed = false;     // a regression that has not been seen for as long as would have shown it
  bool is_waived = false;       // at endpoints so rare that all of them together are not judged
  double excluded = 0;          // the net share that a pass excludes here
  double evidence = 1;          // E, finite; a regression from `needed_evidence` on
  double needed_evidence = 0;
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
  std::vector<std::uint64_t> exemplars;  // exchange ids, first and latest
  std::string primary_pointer;           // and values: of the latest exemplar, as in Finding
  std::string other_pointer;
  std::string primary_value;
  std::string other_value;

  bool gates() const { return severity != Severity::low; }
  // Neither proved nor excluded, or not to be told from noise here: no pass as long as it is.
  bool is_open() const {
    return gates() && !is_waived &&
           (verdict == DifferenceVerdict::undecided || verdict == DifferenceVerdict::unverified);
  }
};

struct LatencySummary {
  std::uint64_t count = 0;
  double p50_s = 0;
  double p99_s = 0;
};

struct EndpointSummary {
  std::string endpoint;
  EndpointCounters counters;
  Verdict verdict{};
  std::array<LatencySummary, role_count> latency;
  std::string open;          // what it waits for; empty = it is judged
  std::uint64_t needed = 0;  // about how many more exchanges of this endpoint
};

// What a rule of diff.ignore has met. See rule_use.h.
enum class RuleState : unsigned char {
  used,
  waiting,    // too little was compared to say
  unmatched,  // nothing, though it could have
  expired,
};
inline constexpr std::size_t rule_state_count = 4;
std::string_view name_of(RuleState state);

struct RuleUse {
  std::size_t number = 0;  // in the configuration, from 1
  std::string endpoint{};  // and path and classes: as it says
  std::string path{};
  ClassSet classes = 0;
  RuleState state{};
  std::uint64_t exchanges = 0;    // compared, of those that it could have matched
  std::uint64_t differences = 0;  // that it covers, or would if it had not expired
  ClassSet not_covered = 0;       // of what differs at its path beside them
  std::string note{};             // what there is to say about it; empty = nothing
};

// How far the judging is.
struct Progress {
  std::uint64_t endpoints = 0;  // that count for themselves, and one for the rare ones together
  std::uint64_t judged = 0;
  double least_seconds = 0;  // until it is conclusive, at the pace so far; 0 = not known
  double most_seconds = 0;
};

struct Judgement {
  Verdict verdict{};
  std::vector<std::string> reasons;
  // Nothing but what is undecided, unverified or seen too little stands against a pass: what somebody in a hurry may
  // let through. Never where nothing was compared, or where too much of what should have been was not.
  bool only_undecided = false;
  std::uint64_t compared = 0;
  std::uint64_t needed = 0;  // about how many more exchanges, at the least, until it is conclusive; 0 = it is
  Progress progress;
  std::vector<std::string> caveats;        // what a pass cannot speak of
  std::vector<RuleUse> rules;              // of diff.ignore; their notes are caveats as well
  std::vector<EndpointSummary> endpoints;  // most compared first
  std::vector<Difference> differences;  // regressions first, then by severity and count; only what the candidate showed
};

// A judgement in steps, for who must not stop for long: exchanges may be recorded between two of them. Each path of
// each endpoint is judged at one moment, the endpoints one after the other, what all have together last. The endpoints
// and pools of the evidence must outlive it: it is not to be restored into, or replaced, meanwhile. Caller: judge(),
// and proxy/shadow/snapshots.cc.
class Judging {
 public:
  enum class Detail : unsigned char {
    verdict,     // and progress alone: no difference is described, or kept in memory
    everything,  // as judge() does
  };
  // What is newly proved, or is no longer; see keep_proofs. The names are those of the evidence.
  struct Proof {
    std::string_view endpoint;
    std::string_view path;
    DifferenceClass difference_class{};
    bool is_proved = false;
  };

  // `settings` must outlive it.
  Judging(const Evidence& evidence, const Settings& settings, Circumstances circumstances, Detail detail);
  ~Judging();
  Judging(const Judging&) = delete;
  Judging& operator=(const Judging&) = delete;

  // Judges about so many cells more: some microseconds each. True: it is finished.
  bool step(std::size_t cells);
  // Without Detail::everything: what steps have found since the last call.
  std::vector<Proof> take_proofs();
  // Once, when it is finished.
  Judgement take();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// All steps at once. What keep_proofs() noted stays a regression until new exchanges refute it.
Judgement judge(const Evidence& evidence, const Settings& settings, const Circumstances& circumstances);

// Notes in the evidence what the judgement has proved, and what is proved no longer.
void keep_proofs(Evidence& evidence, const Judgement& judgement, std::int64_t time_us);

}  // namespace understudy::diff
