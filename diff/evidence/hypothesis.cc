// See hypothesis.h.
#include "diff/evidence/hypothesis.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "diff/evidence/class_traits.h"
#include "diff/evidence/direction.h"
#include "diff/evidence/e_process.h"
#include "diff/evidence/exclusion.h"
#include "diff/evidence/forecast.h"

namespace understudy::diff {
namespace {

// critical, high and medium share the error evenly.
constexpr double gating_severities = 3;
// Shares of the permitted error, by Family. A clean difference of the first cell is proved by eleven observations, of
// the first pool by twelve.
constexpr std::array family_shares{0.62, 0.33, 0.05};

constexpr double noise_sightings_min = 3;
// From this share of `exclude` on, a value is one that production varies.
constexpr double varying_share = 0.5;
constexpr std::uint64_t stretch_of_broken = 30;  // exchanges
constexpr double toss_factor = 4;                // of exclude_noisy
constexpr double blind_rate = 0.95;
constexpr double constant_rate = 0.95;
constexpr std::int64_t constant_for_us = 60'000'000;
constexpr double nearly_as_often = 1.1;
const double log_evidence_against_noise = std::log(10.0);

double real(std::uint64_t number) {
  return static_cast<double>(number);
}

// ln of (e^x + e^y) / 2.
double log_mean(double x, double y) {
  const double larger = std::max(x, y);
  return larger + std::log((std::exp(x - larger) + std::exp(y - larger)) / 2);
}

}  // namespace

double log_evidence_needed(Family family, std::uint64_t ordinal, double alpha) {
  const double j = real(std::max<std::uint64_t>(ordinal, 1));
  return std::log(gating_severities * std::numbers::pi * std::numbers::pi / 6 * j * j /
                  (alpha * family_shares[static_cast<std::size_t>(family)]));
}

Hypothesis::Hypothesis(const Place& place, DifferenceClass difference_class, const Cell& cell, Family family,
                       const Settings& settings)
    : endpoint_(place.counters),
      counters_(cell.counters),
      cell_(cell),
      class_(difference_class),
      settings_(settings),
      directional_class_(is_directional(difference_class, place.path)),
      states_a_policy_(states_a_policy(place.path)),
      two_sided_(is_two_sided(difference_class)),
      minutes_(cell.dependence.minutes()),
      directional_(cell.proof_directional),
      b_(real(cell.counters.b)),
      c_(real(cell.counters.c)),
      log_needed_(log_evidence_needed(family, cell.ordinal, 1 - settings.confidence)) {
  const Timeline& timeline = place.timelines.of(difference_class);
  stretches_ = is_of_values(difference_class) && cell.dependence.is_in_stretches(timeline);
  noise_in_stretches_ = cell.dependence.is_noise_in_stretches(place.timelines.triples);
  // A shape that is broken in every answer for so long is broken, since whenever.
  const bool is_broken = !is_of_values(difference_class) && cell.dependence.longest_stretch() >= stretch_of_broken;
  dependent_ = stretches_ || (!is_broken && cell.dependence.is_dispersed(timeline));
  if (directional_class_) {
    b_ += real(counters_.b_directional);
    c_ += real(counters_.c_directional);
    if (place.mirror != nullptr) {
      c_ += real(place.mirror->counters.b_directional);
      directional_.c += place.mirror->proof_directional.b;
      if (place.mirror->counters.b_directional != 0) minutes_.c += place.mirror->dependence.minutes().b;
    }
    exchanges_ = real(difference_class == DifferenceClass::transport ? endpoint_.compared + endpoint_.failed
                                                                     : endpoint_.compared);
  } else {
    if (!is_constant()) directional_ = {};
    exchanges_ = real(endpoint_.triples);
  }
  log_evidence_ = log_evidence_after(1);
}

// A field that is one constant in every answer of production's and another in every one of the candidate's; where it is
// data, for longer than what each process polls or caches usually stays. Load and luck make no constants.
bool Hypothesis::is_constant() const {
  return may_be_constant(class_) && !cell_.replacement.varies && cell_.replacement.count != 0 &&
         (!is_of_values(class_) || states_a_policy_ || cell_.last_us - cell_.first_us >= constant_for_us) &&
         real(counters_.raw) >= constant_rate * real(endpoint_.compared);
}

bool Hypothesis::is_patient(double growth) const {
  if (!is_of_values(class_) || is_constant()) return true;
  return growth * real(std::max(endpoint_.triples, endpoint_.compared)) >= value_patience;
}

bool Hypothesis::is_proved() const {
  if (cell_.is_course || !cell_.knows_course || is_state()) return false;
  if (cell_.proved_us != 0 && log_evidence() > 0) return true;
  return is_patient(1) && log_evidence() >= log_needed_;
}

bool Hypothesis::is_unverified() const {
  if (directional_class_ || is_constant()) return false;
  if (counters_.raw_paired != 0 || counters_.b + counters_.c + counters_.noise != 0) return false;
  if (endpoint_.triples == 0) return true;
  // Here alone the secondary could not be compared (its answer was no error, say): so rare that it may be passed over
  // even if it is a change each time.
  const double raw = real(counters_.raw);
  return log_evidence_of_no_excess(std::max(real(endpoint_.compared), raw), raw, 0, settings_.exclude) <
         -std::log(1 - settings_.confidence);
}

bool Hypothesis::is_state() const {
  return is_of_values(class_) && (stretches_ ? counters_.noise != 0 : noise_in_stretches_);
}

bool Hypothesis::passes_by() const {
  return real(cell_.asked_again.c) >= noise_sightings_min && cell_.asked_again.c > cell_.asked_again.b;
}

bool Hypothesis::varies() const {
  // Without a secondary the opposite direction stands for production.
  const double against = two_sided_ ? std::min(real(directional_.b), real(directional_.c)) : real(directional_.c);
  if (real(counters_.noise) + against < noise_sightings_min) return false;
  const double rate = std::max(real(counters_.noise) / std::max(real(endpoint_.triples), 1.0),
                               against / std::max(real(endpoint_.compared), 1.0));
  switch (severity_of(class_)) {
    case Severity::critical:
      return false;
    case Severity::high:
      return rate >= settings_.exclude_noisy;
    default:
      return rate >= varying_share * settings_.exclude;
  }
}

bool Hypothesis::is_blind() const {
  return class_ == DifferenceClass::body_changed && real(counters_.noise) >= noise_sightings_min &&
         real(counters_.noise) >= blind_rate * real(endpoint_.triples);
}

double Hypothesis::delta() const {
  // Which of two values that vary is greater is a toss: its share must shift much before it means a change.
  const bool is_toss = class_ == DifferenceClass::greater || class_ == DifferenceClass::less;
  if (is_toss) return std::min(toss_factor * settings_.exclude_noisy, 0.5);
  return varies() ? settings_.exclude_noisy : settings_.exclude;
}

bool Hypothesis::exclusion_after(double growth) const {
  const double enough = -std::log(1 - settings_.confidence);
  const double exchanges = growth * exchanges_;
  if (cell_.is_course) return true;
  // Production's second answer may differ where the candidate's is not whole.
  const double b = std::min(growth * b_, exchanges);
  const double c = std::min(growth * c_, exchanges - b);
  if (log_evidence_of_no_excess(exchanges, b, c, delta()) < enough) return false;
  // Without a secondary, an excess the other way is a change as well.
  const bool either_way = two_sided_ && counters_.b_directional + counters_.c_directional != 0;
  return !either_way || log_evidence_of_no_excess(exchanges, c, b, delta()) >= enough;
}

// Production differs from itself at least half as often as the candidate does from production. Without a secondary the
// opposite direction stands for production.
bool Hypothesis::is_noise() const {
  const double against = two_sided_ ? std::min(real(directional_.b), real(directional_.c)) : real(directional_.c);
  const double in_favour = two_sided_ ? std::max(real(directional_.b), real(directional_.c)) : real(directional_.b);
  const double production = real(counters_.noise) + against;
  const double candidate = real(counters_.raw_paired) + in_favour;
  const bool far_from_proof = log_evidence() < log_evidence_against_noise;
  return production >= noise_sightings_min &&
         (nearly_as_often * production >= candidate || (2 * production >= candidate && far_from_proof));
}

double Hypothesis::growth_to_proof(double most) const {
  return smallest_growth(
      [this](double growth) { return is_patient(growth) && log_evidence_after(growth) >= log_needed_; }, most);
}

double Hypothesis::growth_to_decision(double most) const {
  const double to_proof = is_state() || cell_.is_course ? most : growth_to_proof(most);
  return smallest_growth([this](double growth) { return exclusion_after(growth); }, to_proof);
}

// Where exchanges depend on each other both must prove it: the requests, each of which counts once, because one that is
// wrong for ever fills every minute; and the minutes, because one bad minute fills many requests.
double Hypothesis::log_evidence_after(double growth) const {
  const double by_request = log_evidence_of_observations(growth);
  if (!dependent_) return by_request;
  const double b = growth * real(minutes_.b);
  const double c = growth * real(minutes_.c);
  const double worse = log_evidence_of_excess(b, c);
  const bool either_way = two_sided_ && counters_.b + counters_.c == 0;
  return std::min(by_request, either_way ? log_mean(worse, log_evidence_of_excess(c, b)) : worse);
}

// Paired and directional counts come from different exchanges, so the product of their evidence is evidence.
double Hypothesis::log_evidence_of_observations(double growth) const {
  const double paired = log_evidence_of_excess(growth * real(cell_.proof.b), growth * real(cell_.proof.c));
  const double b = growth * real(directional_.b);
  const double c = growth * real(directional_.c);
  const double worse = log_evidence_of_excess(b, c);
  return paired + (two_sided_ ? log_mean(worse, log_evidence_of_excess(c, b)) : worse);
}

}  // namespace understudy::diff
