// What mirroring costs users, as a report says it: quantiles of the latency of mirrored exchanges less those of
// exchanges that were held out, with an interval. Pure. Computed by proxy/admin; rendered here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diff/report/json_writer.h"

namespace understudy::diff {

struct TaxQuantile {
  double quantile;
  double seconds;    // mirrored less held out: above zero, mirroring costs time
  double low, high;  // encloses the true difference with a confidence of at least 90 %
};

// Against one set of exchanges that were held out. A quantile for which there are too few of either side is not there.
struct TaxComparison {
  std::uint64_t heldout = 0;
  std::vector<TaxQuantile> quantiles;
};

// Of one run of the program: durations, unlike the ledger, are not kept in the store.
struct ShadowTax {
  std::uint64_t mirrored = 0;
  TaxComparison all;
  // Held out one by one while others were mirrored: what its own copy costs an exchange.
  TaxComparison random;
  // Held out in windows in which nothing was mirrored: what contention for the machine costs comes on top. Exchanges of
  // one window resemble each other, so with few windows the interval is narrower than it should be.
  TaxComparison windows;
};

// {"mirrored":n,"heldout":n,"quantiles":[{"quantile":0.5,"seconds":s,"low":s,"high":s},...],"random":{"heldout":n,
// "quantiles":[...]},"windows":{...}}
void write_shadow_tax(JsonWriter& writer, const ShadowTax& tax);

// For people, a sentence a line: "p50 +3 µs (between -1 and +8), p99 +40 µs (between -200 and +310); 12,345 mirrored,
// 1,030 held out".
std::vector<std::string> describe(const ShadowTax& tax);

}  // namespace understudy::diff
