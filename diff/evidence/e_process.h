// Evidence that may be looked at after every exchange (DIFF.md 3.1): a mixture of likelihood ratios, so a non-negative
// martingale under its hypothesis, and by Ville's inequality P(it ever reaches 1/alpha) <= alpha.
// Natural logarithms throughout: the values themselves leave the range of a double within a few thousand exchanges.
// Pure. Caller: hypothesis.cc.
#pragma once

namespace understudy::diff {

// Against "b and c are equally likely", in favour of b: ln of the sum over theta in (1/2, 1) of w (2 theta)^b (2 (1 -
// theta))^c, with a share of the weight next to theta = 1. Counts may be fractions, for forecasts.
double log_evidence_of_excess(double b, double c);

}  // namespace understudy::diff
