// From counters to verdicts (DIFF.md 3.1, 3.2, 3.4 no. 4, 3.6). Pure: the day and the ledger's sums come in as
// arguments. Callers: proxy/shadow/ (metric understudy_verdict), proxy/admin/ (API), `understudy report` and `gate`,
// through diff/report/model.h.
//
// A difference is a regression when its e-process E reaches 3 K_j / alpha, K_j = pi^2 j^2 / 6 for the j-th difference
// of its severity in order of first appearance: the severities critical, high and medium share alpha = 1 - confidence
// evenly, so many noisy values cannot delay the proof of a failing status. All looks at all differences together call a
// false regression with probability alpha at most. Low ones never gate. It is noise when production differs from itself
// here nearly as often as the candidate does from production, or at least half as often while E is far from proof.
#pragma once

#include <array>
#include <cstdint>
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
  double evidence = 1;  // E, finite; a regression from `needed_evidence` on
  double needed_evidence = 0;
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
  std::vector<std::uint64_t> exemplars;  // exchange ids, first and latest
  std::string primary_pointer;           // and values: of the latest exemplar, as in Finding
  std::string other_pointer;
  std::string primary_value;
  std::string other_value;

  bool gates() const { return severity != Severity::low; }
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
};

struct Judgement {
  Verdict verdict{};
  std::vector<std::string> reasons;
  std::uint64_t compared = 0;
  std::uint64_t needed = 0;                // about how many more exchanges until it is conclusive; 0 = it is
  std::vector<EndpointSummary> endpoints;  // most compared first
  std::vector<Difference> differences;  // regressions first, then by severity and count; only what the candidate showed
};

Judgement judge(const Evidence& evidence, const Settings& settings, const Circumstances& circumstances);

}  // namespace understudy::diff
