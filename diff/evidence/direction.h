// Differences that have a direction can be told from noise without a secondary (DIFF.md 3.2): if candidate and
// production behave alike, swapping them changes nothing, so "removed" is as frequent as "added" and 200 → 500 as
// frequent as 500 → 200. Pure. Callers: evidence.cc, hypothesis.cc, difference.cc.
//
// Values as such are left out on purpose: the candidate answers later than production, so clocks and counters always
// change one way.
#pragma once

#include <optional>
#include <string_view>

#include "diff/finding.h"

namespace understudy::diff {

// The class that the same difference has when the two responses are swapped, where it is another one.
std::optional<DifferenceClass> mirror_of(DifferenceClass difference_class);

// Whether exchanges without a secondary count for this class at this path. What comes and goes in a list or a map does
// not: the candidate answers later than production, and time alone drains a queue and makes a list grow.
bool is_directional(DifferenceClass difference_class, std::string_view path);

// Whether the class itself says nothing about better or worse, so that an excess either way is a difference: 401 → 200
// is no improvement.
bool is_two_sided(DifferenceClass difference_class);

// +1 or -1, swapped when the responses are; 0 where the direction cannot be told.
int direction_of(const Finding& finding);

}  // namespace understudy::diff
