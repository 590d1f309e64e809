// What the two parts of a verdict share: verdict.cc judges, verdict_words.cc says it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diff/evidence/difference.h"
#include "diff/evidence/evidence.h"
#include "diff/evidence/forecast.h"
#include "diff/evidence/paged.h"
#include "diff/evidence/verdict.h"

namespace understudy::diff {

// Shares of the eligible exchanges.
inline constexpr double not_compared_limit = 0.1;     // of all, and of each endpoint
inline constexpr double endpoint_share_limit = 0.01;  // smaller endpoints are judged together

inline double real(std::uint64_t number) {
  return static_cast<double>(number);
}

// What the rare endpoints show together of one pool.
struct Tally {
  double b = 0;
  double c = 0;
  double noise = 0;
  std::uint64_t proved = 0;  // of all endpoints
  bool is_ignored = false;   // at one endpoint at least
};

// A difference at a rare endpoint that it does not decide alone.
struct RareCase {
  std::size_t difference;  // where it stands among them, if they are kept
  std::size_t pool;
  std::uint64_t only_candidate;
  Severity severity;
  bool is_notable;
};

struct RareEndpoints {
  EndpointCounters counters;
  std::uint64_t endpoints = 0;
  std::uint64_t unvisited = 0;   // exchanges of those hardly seen
  std::deque<RareCase> cases{};  // grows without a copy
};

// The state of the gate while the endpoints pass by.
struct Gate {
  const Evidence& evidence;
  const Settings& settings;
  Circumstances circumstances;
  Judging::Detail detail;
  double enough;               // ln of the evidence that excludes
  Paged<Tally, 64> tallies{};  // by pool
  RareEndpoints rare{};
  std::vector<Difference> differences{};  // as far as `detail` asks for them; counted in any case:
  std::uint64_t regressions = 0;
  std::uint64_t open = 0;
  std::vector<Judging::Proof> proofs{};
  std::vector<std::string> blind{};  // fields
  std::uint64_t states = 0;
  std::vector<std::string> unseen{};  // endpoints that are not seen often enough
  std::vector<std::string> not_compared{};
  double growth_to_proof = growth_limit;  // of the nearest proof of a regression
  double growth_to_pass = 1;              // until the last endpoint is judged
  bool is_slower_somewhere = false;
  bool speed_is_unknown = false;
  Progress progress{};
  std::vector<EndpointSummary> summaries{};

  bool wants_words() const { return detail == Judging::Detail::everything; }
  void show(Difference difference, std::string_view endpoint, std::string_view path) {
    const bool is_proved = difference.verdict == DifferenceVerdict::regression;
    regressions += difference.gates() && is_proved ? 1 : 0;
    open += difference.is_open() ? 1 : 0;
    if (wants_words()) return differences.push_back(std::move(difference));
    if (is_proved != (difference.proved_us != 0) && difference.verdict != DifferenceVerdict::ignored) {
      proofs.push_back({endpoint, path, difference.difference_class, is_proved});
    }
  }
};

}  // namespace understudy::diff
