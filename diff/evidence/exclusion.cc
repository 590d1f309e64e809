// See exclusion.h.
#include "diff/evidence/exclusion.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "diff/evidence/forecast.h"

namespace understudy::diff {
namespace {

// Shares of the largest bet. Half of the capital is on the largest, so that a clean run is quick; the small ones are
// for values that vary much.
constexpr std::array bets{1.0, 0.5, 0.25, 0.12, 0.06, 0.03, 0.015, 0.008};
constexpr double largest_share = 0.95;  // of the bet that one exchange could ruin
constexpr double first_weight = 0.5;

}  // namespace

double log_evidence_of_no_excess(double exchanges, double only_candidate, double only_secondary, double delta) {
  const double others = std::max(exchanges - only_candidate - only_secondary, 0.0);
  std::array<double, bets.size()> terms;
  for (std::size_t i = 0; i < bets.size(); ++i) {
    const double lambda = bets[i] * largest_share / (1 - delta);
    const double weight = i == 0 ? first_weight : (1 - first_weight) / static_cast<double>(bets.size() - 1);
    terms[i] = std::log(weight) + only_candidate * std::log1p(-lambda * (1 - delta)) +
               others * std::log1p(lambda * delta) + only_secondary * std::log1p(lambda * (1 + delta));
  }
  const double largest = *std::max_element(terms.begin(), terms.end());
  double sum = 0;
  for (const double term : terms) {
    sum += std::exp(term - largest);
  }
  return largest + std::log(sum);
}

double growth_to_exclusion(double exchanges, double only_candidate, double only_secondary, double delta, double alpha,
                           double most) {
  const auto excludes = [=](double growth) {
    return log_evidence_of_no_excess(growth * exchanges, growth * only_candidate, growth * only_secondary, delta) >=
           -std::log(alpha);
  };
  return smallest_growth(excludes, most);
}

}  // namespace understudy::diff
