// The other side of a proof: that a net change as large as `delta` is excluded, and so may be passed over. Pure.
// Callers: hypothesis.cc, verdict.cc, verdict_words.cc, proxy/commands/selftest_result.cc.
//
// Each exchange is one draw X: 1 where only the candidate shows the difference, -1 where only production's second
// answer does, else 0. Against "the mean of X is delta or more" the product of 1 - lambda (X - delta) is a
// non-negative martingale or less for every lambda in (0, 1 / (1 - delta)), so a mixture of such products is evidence
// that may be looked at after every exchange (Waudby-Smith and Ramdas, Estimating means of bounded random variables by
// betting, 2023). It needs nothing but the three counts, whatever the noise.
#pragma once

namespace understudy::diff {

// `only_candidate` and `only_secondary` of `exchanges`; counts may be fractions, for forecasts. The change is excluded
// with error alpha, at every look, once this reaches -ln(alpha). With nothing seen, delta = 1 % and alpha = 1 %, that
// takes 553 exchanges; delta = 5 points, 109.
double log_evidence_of_no_excess(double exchanges, double only_candidate, double only_secondary, double delta);

// How many times the counts so far that takes if they go on as they did; `most` if longer.
double growth_to_exclusion(double exchanges, double only_candidate, double only_secondary, double delta, double alpha,
                           double most);

}  // namespace understudy::diff
