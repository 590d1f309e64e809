// The shadow tax, from the sketches of what users waited: see diff/report/shadow_tax.h. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "diff/report/shadow_tax.h"
#include "proxy/admin/observed.h"

namespace understudy::admin {

inline constexpr std::array<double, 3> tax_quantiles{0.5, 0.9, 0.99};

// Below that, an interval says nothing. One around p99 needs more: there is none before there are 381 of each side.
inline constexpr std::uint64_t tax_least_exchanges = 100;

diff::TaxComparison compare(const SketchedDurations& mirrored, const SketchedDurations& heldout);
diff::ShadowTax shadow_tax(const Observed& observed);

}  // namespace understudy::admin
