// The verdicts: from one difference to one endpoint to the whole. See verdict.h.
#include "diff/evidence/verdict.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "diff/evidence/exposure.h"
#include "diff/evidence/ignore.h"

namespace understudy::diff {
namespace {

constexpr double drop_share_limit = 0.1;          // of the eligible exchanges
constexpr double endpoint_share_limit = 0.01;     // of the compared exchanges; smaller endpoints are judged together
constexpr double growth_limit = 100'000;          // forecasts end here
constexpr double log_evidence_shown_limit = 690;  // e^690 = 10^299 still is a double
constexpr std::size_t reasons_limit = 10;         // of one kind
constexpr std::size_t endpoints_named_limit = 3;  // in a reason

// The state of the gate while the endpoints pass by.
struct Gate {
  const Settings& settings;
  const Circumstances& circumstances;
  double alpha;
  double compared;                        // of all endpoints
  double growth_to_proof = growth_limit;  // of the nearest proof of a regression
  double growth_to_exclusion = 1;         // until the last endpoint is seen often enough
  Exposure small_endpoints{0};
  std::vector<std::string> unseen{};  // endpoints that are not seen often enough
  std::vector<Difference> differences{};
};

EndpointSummary judge_endpoint(Gate& gate, const std::string& name, const Evidence::Endpoint& endpoint);
Difference make_difference(const std::string& name, const EndpointCounters& endpoint, const std::string& path,
                           DifferenceClass difference_class, const Cell& cell);
void judge_difference(const Gate& gate, const Hypothesis& hypothesis, Difference& difference);
bool excludes_harm(Gate& gate, const Exposure& exposure, const std::string& name, bool counts);
std::string describe(const Difference& difference);
std::vector<std::string> reasons_for(Verdict verdict, const Gate& gate, bool too_many_drops);
std::uint64_t exchanges_needed(const Gate& gate, bool too_many_drops);

std::string number(double value) {
  return std::to_string(static_cast<std::uint64_t>(std::llround(value)));
}
std::string number(std::uint64_t value) {
  return std::to_string(value);
}

}  // namespace

Judgement judge(const Evidence& evidence, const Settings& settings, const Circumstances& circumstances) {
  Gate gate{settings, circumstances, 1 - settings.confidence, static_cast<double>(evidence.compared())};
  Judgement judgement;
  judgement.compared = evidence.compared();
  for (const auto& [name, endpoint] : evidence.endpoints()) {
    judgement.endpoints.push_back(judge_endpoint(gate, name, endpoint));
  }
  if (gate.small_endpoints.compared() >= endpoint_share_limit * gate.compared) {
    excludes_harm(gate, gate.small_endpoints, "the rare endpoints together", true);
  }

  const bool regression =
      std::any_of(gate.differences.begin(), gate.differences.end(), [](const Difference& difference) {
        return difference.gates() && difference.verdict == DifferenceVerdict::regression;
      });
  const bool too_many_drops =
      static_cast<double>(circumstances.dropped) > drop_share_limit * static_cast<double>(circumstances.eligible);
  const bool pass = !too_many_drops && judgement.compared != 0 && gate.unseen.empty();
  judgement.verdict = regression ? Verdict::regression : pass ? Verdict::pass : Verdict::inconclusive;

  std::sort(gate.differences.begin(), gate.differences.end(), [](const Difference& left, const Difference& right) {
    return std::tuple(left.verdict, left.severity, right.counters.raw, left.endpoint, left.path,
                      left.difference_class) < std::tuple(right.verdict, right.severity, left.counters.raw,
                                                          right.endpoint, right.path, right.difference_class);
  });
  std::sort(judgement.endpoints.begin(), judgement.endpoints.end(),
            [](const EndpointSummary& left, const EndpointSummary& right) {
              return std::tie(right.counters.compared, left.endpoint) <
                     std::tie(left.counters.compared, right.endpoint);
            });
  judgement.reasons = reasons_for(judgement.verdict, gate, too_many_drops);
  judgement.needed = judgement.verdict == Verdict::inconclusive ? exchanges_needed(gate, too_many_drops) : 0;
  judgement.differences = std::move(gate.differences);
  return judgement;
}

namespace {

EndpointSummary judge_endpoint(Gate& gate, const std::string& name, const Evidence::Endpoint& endpoint) {
  Exposure exposure(static_cast<double>(endpoint.counters.compared));
  bool regression = false;
  for (const auto& [path, by_class] : endpoint.cells) {
    for (const auto& [difference_class, cell] : by_class) {
      if (cell.counters.raw == 0) {
        continue;  // only the secondary ever showed it
      }
      const Hypothesis hypothesis(endpoint, path, difference_class, cell, gate.alpha);
      Difference& difference =
          gate.differences.emplace_back(make_difference(name, endpoint.counters, path, difference_class, cell));
      judge_difference(gate, hypothesis, difference);
      if (!difference.gates()) {
        continue;
      }
      regression = regression || difference.verdict == DifferenceVerdict::regression;
      if (difference.verdict == DifferenceVerdict::undecided) {
        exposure.add_unexplained(difference_class, hypothesis.events(), hypothesis.exchanges());
        gate.growth_to_proof = std::min(gate.growth_to_proof, hypothesis.growth_to_proof(growth_limit));
      }
    }
  }
  const bool large = exposure.compared() > 0 && exposure.compared() >= endpoint_share_limit * gate.compared;
  if (!large) {
    gate.small_endpoints.merge(exposure);
  }
  const bool harmless = excludes_harm(gate, exposure, name, large);

  EndpointSummary summary{name, endpoint.counters, Verdict::inconclusive, {}};
  summary.verdict = regression ? Verdict::regression : harmless ? Verdict::pass : Verdict::inconclusive;
  for (std::size_t role = 0; role < role_count; ++role) {
    const QuantileSketch& latency = endpoint.latency[role];
    summary.latency[role] = {latency.count(), latency.quantile(0.5), latency.quantile(0.99)};
  }
  return summary;
}

Difference make_difference(const std::string& name, const EndpointCounters& endpoint, const std::string& path,
                           DifferenceClass difference_class, const Cell& cell) {
  Difference difference;
  difference.id = difference_id(name, path, difference_class);
  difference.endpoint = name;
  difference.path = path;
  difference.difference_class = difference_class;
  difference.severity = severity_of(difference_class);
  difference.counters = cell.counters;
  difference.at_endpoint = endpoint;
  difference.first_us = cell.first_us;
  difference.last_us = cell.last_us;
  difference.exemplars.push_back(cell.first_exemplar);
  if (cell.latest_exemplar != cell.first_exemplar) {
    difference.exemplars.push_back(cell.latest_exemplar);
  }
  difference.primary_pointer = cell.primary_pointer;
  difference.other_pointer = cell.other_pointer;
  difference.primary_value = cell.primary_value;
  difference.other_value = cell.other_value;
  return difference;
}

void judge_difference(const Gate& gate, const Hypothesis& hypothesis, Difference& difference) {
  difference.evidence = std::exp(std::min(hypothesis.log_evidence(), log_evidence_shown_limit));
  difference.needed_evidence = std::exp(hypothesis.log_needed());
  const IgnoreMatch match =
      find_ignore_rule(gate.settings.ignore, difference.endpoint, difference.path, gate.circumstances.today);
  if (match.rule != nullptr && !match.expired) {
    difference.verdict = DifferenceVerdict::ignored;
    difference.reason = match.rule->reason.empty() ? "a rule of diff.ignore" : match.rule->reason;
    return;
  }
  difference.verdict = hypothesis.verdict();
  difference.reason = describe(difference);
  if (match.expired) {
    difference.reason += "; the rule that ignored it expired on " + match.rule->expires;
  }
}

// Whether every class that gates is excluded at this exposure. If not, and it counts for the whole: notes how far away
// that is.
bool excludes_harm(Gate& gate, const Exposure& exposure, const std::string& name, bool counts) {
  double growth = 1;
  bool excluded = true;
  for (std::size_t i = 0; i < difference_class_count; ++i) {
    const auto difference_class = static_cast<DifferenceClass>(i);
    if (severity_of(difference_class) != Severity::low && !exposure.excludes(difference_class, gate.alpha)) {
      excluded = false;
      growth = std::max(growth, counts ? exposure.growth_to_exclusion(difference_class, gate.alpha, growth_limit) : 1);
    }
  }
  if (counts && !excluded) {
    gate.unseen.push_back(name);
    gate.growth_to_exclusion = std::max(gate.growth_to_exclusion, growth);
  }
  return excluded;
}

// What was counted, in words.
std::string describe(const Difference& difference) {
  const CellCounters& counters = difference.counters;
  if (difference.verdict == DifferenceVerdict::unverified) {
    return "only a secondary could tell this from noise, and none has answered here";
  }
  const bool failure = difference.difference_class == DifferenceClass::transport;
  std::string text =
      failure ? "the candidate failed in " + number(counters.raw) + " of " + number(difference.at_endpoint.requests)
              : "candidate " + number(counters.raw) + " of " + number(difference.at_endpoint.compared);
  if (difference.at_endpoint.triples != 0) {
    text += ", production against itself " + number(counters.noise) + " of " + number(difference.at_endpoint.triples);
  }
  return text;
}

std::vector<std::string> reasons_for(Verdict verdict, const Gate& gate, bool too_many_drops) {
  std::vector<std::string> reasons;
  if (verdict == Verdict::regression) {
    std::size_t found = 0;
    for (const Difference& difference : gate.differences) {
      if (difference.gates() && difference.verdict == DifferenceVerdict::regression && ++found <= reasons_limit) {
        reasons.push_back(difference.endpoint + ", " + difference.path + ": " +
                          std::string(name_of(difference.difference_class)) + " (" + difference.reason + ")");
      }
    }
    if (found > reasons_limit) {
      reasons.push_back("and " + number(static_cast<std::uint64_t>(found - reasons_limit)) + " more");
    }
    return reasons;
  }
  if (verdict == Verdict::pass) {
    return {"after " + number(gate.compared) +
            " comparisons no difference of medium or higher severity is proved, and more than 1 % "
            "of any is excluded at every endpoint with at least 1 % of the traffic"};
  }
  if (gate.compared == 0) {
    reasons.push_back("nothing has been compared yet");
  }
  if (too_many_drops) {
    reasons.push_back(number(gate.circumstances.dropped) + " of " + number(gate.circumstances.eligible) +
                      " eligible exchanges were dropped: what remains may not stand for the whole");
  }
  if (!gate.unseen.empty()) {
    std::string text = "no regression is proved, but too little was seen to exclude one at ";
    for (std::size_t i = 0; i < std::min(gate.unseen.size(), endpoints_named_limit); ++i) {
      text += (i == 0 ? "" : ", ") + gate.unseen[i];
    }
    if (gate.unseen.size() > endpoints_named_limit) {
      text += " and " + number(static_cast<std::uint64_t>(gate.unseen.size() - endpoints_named_limit)) + " more";
    }
    reasons.push_back(text);
  }
  for (const Difference& difference : gate.differences) {
    if (difference.gates() && difference.verdict == DifferenceVerdict::undecided && reasons.size() < reasons_limit) {
      reasons.push_back("undecided: " + difference.endpoint + ", " + difference.path + ": " +
                        std::string(name_of(difference.difference_class)) + " (" + difference.reason + ")");
    }
  }
  return reasons;
}

// If things go on as they did: whichever comes first, a proof or the exclusion of everything; and enough new exchanges
// to outweigh the drops.
std::uint64_t exchanges_needed(const Gate& gate, bool too_many_drops) {
  double growth = gate.unseen.empty() ? 1 : std::min(gate.growth_to_proof, gate.growth_to_exclusion);
  double needed = (growth - 1) * gate.compared;
  if (gate.compared == 0) {
    needed = Exposure(1).growth_to_exclusion(DifferenceClass::status_class, gate.alpha, growth_limit);
  }
  if (too_many_drops) {
    needed = std::max(needed, static_cast<double>(gate.circumstances.dropped) / drop_share_limit -
                                  static_cast<double>(gate.circumstances.eligible));
  }
  return static_cast<std::uint64_t>(std::ceil(std::max(needed, 1.0)));
}

}  // namespace

std::string_view name_of(DifferenceVerdict verdict) {
  constexpr std::array<std::string_view, 5> names{"regression", "noise", "undecided", "unverified", "ignored"};
  return names[static_cast<std::size_t>(verdict)];
}

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 3> names{"pass", "regression", "inconclusive"};
  return names[static_cast<std::size_t>(verdict)];
}

}  // namespace understudy::diff
