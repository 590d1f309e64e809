// What mirroring costs users: quantiles of the latency of mirrored exchanges less those of exchanges held out, with an
// interval. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "proxy/admin/durations.h"

namespace understudy::admin {

struct TaxQuantile {
  double quantile;
  double seconds;    // mirrored less held out: above zero, mirroring costs time
  double low, high;  // encloses the true difference with a confidence of at least 90 %
};

inline constexpr std::array<double, 3> tax_quantiles{0.5, 0.9, 0.99};

// Below that, an interval says nothing.
inline constexpr std::uint64_t tax_least_exchanges = 100;

struct ShadowTax {
  std::uint64_t mirrored = 0;
  std::uint64_t heldout = 0;
  std::optional<std::array<TaxQuantile, tax_quantiles.size()>> quantiles;  // nothing: too few exchanges on one side
};

ShadowTax shadow_tax(const Durations& mirrored, const Durations& heldout);

// {"mirrored":n,"heldout":n,"quantiles":[{"quantile":0.5,"seconds":s,"low":s,"high":s},...]}
std::string to_json(const ShadowTax& tax);

}  // namespace understudy::admin
