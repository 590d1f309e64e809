// From a cell to the difference that people read: its verdict, its severity, and why, in words. Pure. Caller:
// verdict.cc.
#pragma once

#include <string>
#include <string_view>

#include "diff/evidence/hypothesis.h"
#include "diff/evidence/verdict.h"

namespace understudy::diff {

// Where a cell stands.
struct CellPlace {
  std::string_view endpoint;
  std::string_view path;
  const EndpointCounters& counters;
  const Evidence::Timelines& timelines;
  const std::map<DifferenceClass, Cell>* at_path;  // of an endpoint; null for all endpoints together
};

// The hypothesis of a cell there.
Hypothesis hypothesis_of(const CellPlace& place, DifferenceClass difference_class, const Cell& cell,
                         const Settings& settings);

// Not `in_words`: what a verdict goes by, without names, values and reasons.
Difference make_difference(const CellPlace& place, DifferenceClass difference_class, const Cell& cell,
                           const Hypothesis& hypothesis, const Settings& settings, const Circumstances& circumstances,
                           bool in_words = true);

}  // namespace understudy::diff
