// See difference.h.
#include "diff/evidence/difference.h"

#include <algorithm>
#include <cmath>

#include "diff/evidence/class_traits.h"
#include "diff/evidence/direction.h"
#include "diff/evidence/forecast.h"
#include "diff/evidence/ignore.h"

namespace understudy::diff {
namespace {

constexpr double log_evidence_shown_limit = 690;  // e^690 = 10^299 still is a double

// From so many exchanges on, a list whose order production never varies is an ordered one; without a secondary nobody
// knows, and it is taken for one.
constexpr std::uint64_t order_sightings_min = 20;
// A difference is taken for fixed where its old rate would have shown it since with this probability.
constexpr double fixed_confidence = 0.99;

std::string number(double value) {
  return std::to_string(static_cast<std::uint64_t>(std::llround(value)));
}
std::string number(std::uint64_t value) {
  return std::to_string(value);
}

Severity severity_at(DifferenceClass difference_class, const Cell& cell, const EndpointCounters& endpoint) {
  const bool is_ordered = difference_class == DifferenceClass::order_changed && cell.counters.noise == 0 &&
                          (endpoint.triples >= order_sightings_min || endpoint.triples == 0);
  return is_ordered ? Severity::medium : severity_of(difference_class);
}

DifferenceVerdict verdict_of(const Hypothesis& hypothesis, bool gates) {
  if (hypothesis.is_proved()) return DifferenceVerdict::regression;
  if (hypothesis.is_unverified()) return DifferenceVerdict::unverified;
  if (hypothesis.is_state()) return DifferenceVerdict::state;
  if (hypothesis.is_excluded() || (!gates && hypothesis.is_noise())) {
    if (hypothesis.passes_by()) return DifferenceVerdict::state;
    return hypothesis.is_blind() ? DifferenceVerdict::blind : DifferenceVerdict::noise;
  }
  return DifferenceVerdict::undecided;
}

// What was counted.
std::string counts_of(const Difference& difference, const Cell& cell) {
  const CellCounters& counters = difference.counters;
  const bool failure = difference.difference_class == DifferenceClass::transport;
  std::string text =
      failure ? "the candidate failed in " + number(counters.raw) + " of " + number(difference.at_endpoint.requests)
              : "candidate " + number(counters.raw) + " of " + number(difference.at_endpoint.compared);
  if (difference.at_endpoint.triples != 0) {
    text += ", production against itself " + number(counters.noise) + " of " + number(difference.at_endpoint.triples);
  }
  const Signs& again = cell.asked_again;
  if (again.b + again.c != 0) {
    text += "; both asked again " + number(again.b + again.c) + " times, it was gone " + number(again.c) + " times";
  }
  return text;
}

std::string describe(const Difference& difference, const Cell& cell, const Hypothesis& hypothesis) {
  std::string text = counts_of(difference, cell);
  switch (difference.verdict) {
    case DifferenceVerdict::unverified:
      return "only a secondary could tell this from noise, and none has answered here";
    case DifferenceVerdict::state:
      if (hypothesis.passes_by()) return text + ", as a cache, a counter or a switch makes it";
      return text +
             "; it comes in stretches and production varies it itself, as a cache, a counter or a switch makes them";
    case DifferenceVerdict::undecided: {
      if (!cell.knows_course) return text + "; whether it is a counter of each process is not known yet";
      const double growth = hypothesis.growth_to_decision(growth_limit);
      if (hypothesis.passes_by()) {
        return text + ": a cache or a switch, or a change that comes and goes, which only a second instance could tell";
      }
      if (hypothesis.comes_in_stretches()) text += "; it comes in stretches, so that minutes count and not exchanges";
      return text + "; about " + number(std::ceil((growth - 1) * hypothesis.exchanges()) + 1) +
             " more exchanges of this endpoint will tell";
    }
    case DifferenceVerdict::regression:
      if (difference.looks_fixed) text += "; not seen lately: it looks fixed, and a run of its own would judge that";
      return text;
    case DifferenceVerdict::noise:
    case DifferenceVerdict::blind:
      if (cell.is_course) return text + "; a counter or a clock, of which each process has its own";
      return text;
    default:
      return text;
  }
}

// As often as it used to come, it would have come since.
bool looks_fixed(const Cell& cell, const Timeline& timeline) {
  if (cell.counters.raw == 0 || cell.seen_at == 0 || cell.seen_at > timeline.exchanges()) return false;
  const double rate = std::min(static_cast<double>(cell.counters.raw) / static_cast<double>(cell.seen_at), 0.999);
  const auto since = static_cast<double>(timeline.exchanges() - cell.seen_at);
  return since * std::log1p(-rate) < std::log(1 - fixed_confidence);
}

// What a verdict does not go by.
void name(Difference& difference, const CellPlace& place, const Cell& cell, const Hypothesis& hypothesis) {
  difference.id = difference_id(place.endpoint, place.path, difference.difference_class);
  difference.endpoint = place.endpoint;
  difference.path = place.path;
  difference.evidence = std::exp(std::min(hypothesis.log_evidence(), log_evidence_shown_limit));
  difference.needed_evidence = std::exp(hypothesis.log_needed());
  difference.looks_fixed = looks_fixed(cell, place.timelines.exchanges);
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
}

}  // namespace

Hypothesis hypothesis_of(const CellPlace& place, DifferenceClass difference_class, const Cell& cell,
                         const Settings& settings) {
  const Cell* mirror = nullptr;
  if (const auto mirror_class = mirror_of(difference_class); mirror_class && place.at_path != nullptr) {
    const auto found = place.at_path->find(*mirror_class);
    if (found != place.at_path->end()) mirror = &found->second;
  }
  const Family family = place.at_path != nullptr ? Family::cells : Family::pools;
  return {{place.counters, place.timelines, place.path, mirror}, difference_class, cell, family, settings};
}

Difference make_difference(const CellPlace& place, DifferenceClass difference_class, const Cell& cell,
                           const Hypothesis& hypothesis, const Settings& settings, const Circumstances& circumstances,
                           bool in_words) {
  Difference difference;
  difference.difference_class = difference_class;
  difference.severity = severity_at(difference_class, cell, place.counters);
  difference.counters = cell.counters;
  difference.at_endpoint = place.counters;
  difference.proved_us = cell.proved_us;
  difference.excluded = hypothesis.delta();
  if (in_words) name(difference, place, cell, hypothesis);

  const IgnoreMatch match =
      find_ignore_rule(settings.ignore, place.endpoint, place.path, difference_class, circumstances.today);
  if (match.rule != nullptr && !match.expired) {
    difference.verdict = DifferenceVerdict::ignored;
    difference.reason = match.rule->reason.empty() ? "a rule of diff.ignore" : match.rule->reason;
    return difference;
  }
  difference.verdict = verdict_of(hypothesis, difference.gates());
  if (!in_words) return difference;
  difference.reason = describe(difference, cell, hypothesis);
  if (circumstances.secondary_is_primary && difference.verdict == DifferenceVerdict::regression &&
      is_of_values(difference_class)) {
    difference.reason += "; with no second instance of production, what differs between instances would look the same";
  }
  if (match.expired) {
    difference.reason += "; the rule that ignored it expired on " + match.rule->expires;
  }
  return difference;
}

}  // namespace understudy::diff
