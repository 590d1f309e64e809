// See hypothesis.h; the reasons of the rules are in DIFF.md 3.1, 3.2 and 3.4 no. 4.
#include "diff/evidence/hypothesis.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "diff/evidence/direction.h"
#include "diff/evidence/e_process.h"

namespace understudy::diff {
namespace {

// critical, high and medium share alpha.
constexpr double gating_severities = 3;
// Noise is named only after production was seen to differ from itself this often, and while E is far from any proof,
// unless production differs from itself nearly as often as the candidate does: then an E that chance has raised, short
// of a proof, makes nobody wait.
constexpr double noise_sightings_min = 3;
constexpr double nearly_as_often = 1.1;
const double log_evidence_against_noise = std::log(10.0);

// ln of (e^x + e^y) / 2.
double log_mean(double x, double y) {
  const double larger = std::max(x, y);
  return larger + std::log((std::exp(x - larger) + std::exp(y - larger)) / 2);
}

// What the mirror class counted where there was no secondary: the same difference with the responses swapped.
double mirrored_count(const Evidence::Endpoint& endpoint, std::string_view path, DifferenceClass difference_class) {
  const auto mirror = mirror_of(difference_class);
  const auto at_path = endpoint.cells.find(path);
  if (!mirror || at_path == endpoint.cells.end()) {
    return 0;
  }
  const auto cell = at_path->second.find(*mirror);
  return cell == at_path->second.end() ? 0 : static_cast<double>(cell->second.counters.b_directional);
}

}  // namespace

Hypothesis::Hypothesis(const Evidence::Endpoint& endpoint, std::string_view path, DifferenceClass difference_class,
                       const Cell& cell, double alpha)
    : endpoint_(endpoint.counters),
      counters_(cell.counters),
      class_(difference_class),
      two_sided_(is_two_sided(difference_class)),
      b_directional_(static_cast<double>(cell.counters.b_directional)),
      c_directional_(static_cast<double>(cell.counters.c_directional) +
                     mirrored_count(endpoint, path, difference_class)) {
  const double j = static_cast<double>(std::max<std::uint64_t>(cell.ordinal, 1));
  log_needed_ = std::log(gating_severities * std::numbers::pi * std::numbers::pi / 6 * j * j / alpha);
}

DifferenceVerdict Hypothesis::verdict() const {
  if (log_evidence() >= log_needed_) {
    return DifferenceVerdict::regression;
  }
  const bool told_apart =
      endpoint_.triples != 0 || counters_.b + counters_.c != 0 || b_directional_ + c_directional_ != 0;
  if (!told_apart) {
    return DifferenceVerdict::unverified;
  }
  return is_noise() ? DifferenceVerdict::noise : DifferenceVerdict::undecided;
}

// Production differs from itself at least half as often as the candidate does from production. Without a secondary the
// opposite direction stands for production.
bool Hypothesis::is_noise() const {
  const double against = two_sided_ ? std::min(b_directional_, c_directional_) : c_directional_;
  const double in_favour = two_sided_ ? std::max(b_directional_, c_directional_) : b_directional_;
  const double production = static_cast<double>(counters_.noise) + against;
  const double candidate = static_cast<double>(counters_.raw_paired) + in_favour;
  const bool far_from_proof = log_evidence() < log_evidence_against_noise;
  return production >= noise_sightings_min &&
         (nearly_as_often * production >= candidate || (2 * production >= candidate && far_from_proof));
}

double Hypothesis::events() const {
  const double paired = static_cast<double>(counters_.b) - static_cast<double>(counters_.c);
  const double directional = b_directional_ - c_directional_;
  return std::max(paired, 0.0) + std::max(two_sided_ ? std::abs(directional) : directional, 0.0);
}

double Hypothesis::exchanges() const {
  if (class_ == DifferenceClass::transport) {
    return static_cast<double>(endpoint_.requests);
  }
  return static_cast<double>(is_directional(class_) ? endpoint_.compared : endpoint_.triples);
}

double Hypothesis::growth_to_proof(double most) const {
  double enough = 1;
  while (enough < most && log_evidence_after(enough) < log_needed_) {
    enough *= 1.25;
  }
  return std::min(enough, most);
}

// Paired and directional counts come from different exchanges, so the product of their evidence is evidence.
double Hypothesis::log_evidence_after(double growth) const {
  const double paired =
      log_evidence_of_excess(growth * static_cast<double>(counters_.b), growth * static_cast<double>(counters_.c));
  const double b = growth * b_directional_;
  const double c = growth * c_directional_;
  const double worse = log_evidence_of_excess(b, c);
  return paired + (two_sided_ ? log_mean(worse, log_evidence_of_excess(c, b)) : worse);
}

}  // namespace understudy::diff
