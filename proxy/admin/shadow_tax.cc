#include "proxy/admin/shadow_tax.h"

#include <algorithm>
#include <cmath>

#include "diff/report/json_writer.h"

namespace understudy::admin {
namespace {

// The number of durations below the true quantile is binomial, so these ranks enclose it whatever the distribution
// (David, Nagaraja: Order Statistics, 7.1). 95 % on each side of the difference: at least 90 % for both together.
constexpr double normal_95 = 1.96;

struct Estimate {
  double value, low, high;
};

Estimate quantile_of(const Durations& durations, double quantile) {
  const auto count = static_cast<double>(durations.count());
  const double rank = quantile * count;
  const double margin = normal_95 * std::sqrt(count * quantile * (1 - quantile));
  return {durations.at_rank(rank), durations.at_rank(std::max(0.0, rank - margin)),
          durations.at_rank(std::min(count, rank + margin))};
}

}  // namespace

ShadowTax shadow_tax(const Durations& mirrored, const Durations& heldout) {
  ShadowTax tax{mirrored.count(), heldout.count(), std::nullopt};
  if (std::min(tax.mirrored, tax.heldout) < tax_least_exchanges) return tax;
  tax.quantiles.emplace();
  for (std::size_t i = 0; i < tax_quantiles.size(); ++i) {
    const Estimate with = quantile_of(mirrored, tax_quantiles[i]);
    const Estimate without = quantile_of(heldout, tax_quantiles[i]);
    (*tax.quantiles)[i] = {tax_quantiles[i], with.value - without.value, with.low - without.high,
                           with.high - without.low};
  }
  return tax;
}

std::string to_json(const ShadowTax& tax) {
  diff::JsonWriter json;
  json.begin_object().member("mirrored", tax.mirrored).member("heldout", tax.heldout).key("quantiles").begin_array();
  if (tax.quantiles) {
    for (const TaxQuantile& entry : *tax.quantiles) {
      json.begin_object().member("quantile", entry.quantile).member("seconds", entry.seconds);
      json.member("low", entry.low).member("high", entry.high).end_object();
    }
  }
  json.end_array().end_object();
  return json.take();
}

}  // namespace understudy::admin
