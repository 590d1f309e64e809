// What the evidence knows of each class of difference, beside its severity. Pure. Callers: everything in evidence/.
#pragma once

#include <string_view>

#include "diff/finding.h"

namespace understudy::diff {

// The severity among which a class is counted in order of first appearance: its own, but for order_changed, which is
// of medium severity where production never varies the order.
Severity rank_of(DifferenceClass difference_class);

// Differences that a cache, a counter or a clock can make: for these, exchanges depend on each other, and they wait
// for value_patience exchanges of the endpoint.
bool is_of_values(DifferenceClass difference_class);
inline constexpr double value_patience = 100;

// How a connection ended: what production shows of it speaks for the candidate (Observation), by no finding.
bool is_of_connection(DifferenceClass difference_class);

// Classes that are counted from Finding::aspects, or derived from both findings of a path.
bool is_aspect(DifferenceClass difference_class);
// The class beside which they are counted: where it is no noise, they say nothing new.
bool has_aspects(DifferenceClass difference_class);

// Of these a table of what became what is kept where there is no secondary: one constant that became another needs
// none (Cell::replacement).
bool may_be_constant(DifferenceClass difference_class);
// A header field that says how to treat a response ("header:cache-control"): written by a build or its configuration.
// What others hold is data, which each process may have for a while after another one has something new.
bool states_a_policy(std::string_view path);

}  // namespace understudy::diff
