#include "proxy/admin/shadow_tax.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace understudy::admin {
namespace {

// The number of durations below the true quantile is binomial, so the durations of these ranks enclose it whatever the
// distribution (David, Nagaraja: Order Statistics, 7.1). 95 % on each side of the difference: at least 90 % for both
// together.
constexpr double normal_95 = 1.96;

struct Estimate {
  double value, low, high;  // nanoseconds: whole and half ones, whose differences are exact
};

// Nothing where one of the ranks would lie outside of what there is.
std::optional<Estimate> quantile_of(const SketchedDurations& durations, double quantile) {
  const auto count = static_cast<double>(durations.count());
  const double rank = quantile * count;
  const double margin = normal_95 * std::sqrt(count * quantile * (1 - quantile));
  const double low = rank - margin, high = rank + margin;
  if (low < 1 || high >= count) return std::nullopt;
  const auto at = [&](double shorter) { return durations.at(static_cast<std::uint64_t>(shorter)); };
  // The outer edges of the buckets: the sketch's own error is within the interval.
  return Estimate{at(rank).middle_ns(), static_cast<double>(at(low - 1).low_ns), static_cast<double>(at(high).high_ns)};
}

}  // namespace

diff::TaxComparison compare(const SketchedDurations& mirrored, const SketchedDurations& heldout) {
  diff::TaxComparison comparison{heldout.count(), {}};
  if (std::min(mirrored.count(), comparison.heldout) < tax_least_exchanges) return comparison;
  for (const double quantile : tax_quantiles) {
    const std::optional<Estimate> with = quantile_of(mirrored, quantile);
    const std::optional<Estimate> without = quantile_of(heldout, quantile);
    if (!with || !without) continue;
    comparison.quantiles.push_back({quantile, (with->value - without->value) / 1e9, (with->low - without->high) / 1e9,
                                    (with->high - without->low) / 1e9});
  }
  return comparison;
}

diff::ShadowTax shadow_tax(const Observed& observed) {
  const SketchedDurations& mirrored = observed.mirrored_duration;
  SketchedDurations heldout = observed.random_heldout_duration;
  heldout += observed.window_heldout_duration;
  return {mirrored.count(), compare(mirrored, heldout), compare(mirrored, observed.random_heldout_duration),
          compare(mirrored, observed.window_heldout_duration)};
}

}  // namespace understudy::admin
