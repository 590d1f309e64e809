// The mixture lives on a fixed grid: any fixed grid is exactly valid, and needs no special functions. See e_process.h.
#include "diff/evidence/e_process.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace understudy::diff {
namespace {

// One likelihood ratio of the mixture: ln of its weight, and what one event or one non-event adds.
struct Bet {
  double log_weight;
  double per_event;
  double per_other;
};

template <std::size_t size>
double log_mixture(const std::array<Bet, size>& bets, double events, double others) {
  std::array<double, size> terms;
  for (std::size_t i = 0; i < size; ++i) {
    terms[i] = bets[i].log_weight + events * bets[i].per_event + others * bets[i].per_other;
  }
  const double largest = *std::max_element(terms.begin(), terms.end());
  double sum = 0;
  for (const double term : terms) {
    sum += std::exp(term - largest);
  }
  return largest + std::log(sum);
}

constexpr std::size_t excess_grid = 32;
// What is broken by a mistake of the build alone goes one way always: a share of the weight is on that.
constexpr double always = 0.999;
constexpr double weight_of_always = 0.15;

// Midpoints of (1/2, 1), weighted by the arcsine density (Jeffreys' prior for a proportion); and `always`.
std::array<Bet, excess_grid + 1> make_excess_bets() {
  std::array<Bet, excess_grid + 1> bets;
  double total = 0;
  for (std::size_t i = 0; i < excess_grid; ++i) {
    const double theta = 0.5 + (static_cast<double>(i) + 0.5) / (2.0 * excess_grid);
    const double weight = 1 / std::sqrt(theta * (1 - theta));
    total += weight;
    bets[i] = {std::log(weight), std::log(2 * theta), std::log(2 * (1 - theta))};
  }
  for (Bet& bet : bets) {
    bet.log_weight += std::log1p(-weight_of_always) - std::log(total);
  }
  bets[excess_grid] = {std::log(weight_of_always), std::log(2 * always), std::log(2 * (1 - always))};
  return bets;
}

}  // namespace

double log_evidence_of_excess(double b, double c) {
  if (b == 0 && c == 0) {
    return 0;  // most differences have one kind of count only
  }
  static const std::array<Bet, excess_grid + 1> bets = make_excess_bets();
  return log_mixture(bets, b, c);
}

}  // namespace understudy::diff
