// Evidence that may be looked at after every exchange (DIFF.md 3.1): each function is a mixture of likelihood ratios,
// so a non-negative martingale under its hypothesis, and by Ville's inequality P(it ever reaches 1/alpha) <= alpha.
// Natural logarithms throughout: the values themselves leave the range of a double within a few thousand exchanges.
// Pure. Caller: verdict.cc.
#pragma once

namespace understudy::diff {

// Against "b and c are equally likely", in favour of b: ln of the sum over theta in (1/2, 1) of w (2 theta)^b (2 (1 -
// theta))^c. Counts may be fractions, for forecasts.
double log_evidence_of_excess(double b, double c);

// Against "more than `rate` of the exchanges are events", after `events` of `exchanges`: the evidence that there is
// nothing worth a gate's attention. With no event, 1 % and alpha = 1 %, it takes about 530 exchanges (460 if one looked
// once only).
double log_evidence_of_rarity(double exchanges, double events, double rate);

}  // namespace understudy::diff
