// Is the candidate slower than the secondary? What is counted for one endpoint (or, in counters of their own, for all
// of them), and what the counts prove. Pure. Callers: evidence.cc counts and stores, verdict.cc judges.
//
// The same request went to both, at the same time and in no fixed order, so each exchange gives a ratio C/S of the
// candidate's latency to the secondary's, in which the great spread from request to request has cancelled. Two things
// can be wrong, each a hypothesis of its own, with `slower` as the share that is tolerated:
//
//   typical   the median of C/S is at most 1 + slower. Tested by the sign of C/S - (1 + slower). The symmetric
//   question,
//             "is C/S > 1 + slower as frequent as S/C > 1 + slower?", would be quicker, and wrong: it rejects for any
//             slowdown in the end, also for 1 %, which is not worth a gate's attention.
//   tail      where b counts the exchanges with C/S > 2 m and c those with C/S < m / 2, m being the ratio that is
//   typical
//             at present, b exceeds c by at most 1 % of the exchanges. Measured from m, because a candidate that is a
//             little slower throughout, within the tolerance, has no tail; nor has a side that wanders.
//
// Latencies come in bad stretches (a pause, a busy neighbour, an unlucky minute), and the exchanges of one stretch are
// one observation. What nobody can tell from a regression is the stretch in which the counting begins. So proof asks
// for time, and for the more of it the smaller the effect is: blocks of time give one sign each, and they are longer
// than what usually makes such a ratio by itself.
//
//   typical ratio above 3           one sign per 0.4 s: about 13 signs, 5 s     (a pause of 2 s gives 6)
//   typical ratio above 2           one sign per 20 s: about 14 signs, 5 min    (a bad minute gives 4)
//   typical ratio above 1 + slower  one sign per minute: about 13 signs
//   tail                            one sign per minute, of 100 exchanges at least: about 14 signs
//   tail, a factor of 4             every exchange, divided by the dispersion of the counts over blocks of 1, 10 and
//                                   60 s, once there are eight blocks
//
// Where fewer exchanges come than blocks pass, each exchange is a sign. That the candidate is *not* slower is asked by
// every exchange divided by the dispersion, and by the signs of the minutes. A tail that is only suspected, for which
// nothing but a pass waits, has one sign per 0.1 s: a processor that was away for a moment is one. What this cannot
// hold against: a side whose typical latency wanders by a factor of 1.6 (one standard deviation) for a minute at a time
// is above three times the other's in the first seconds in one run of twenty.
//
// An absolute difference of less than 0.2 ms is scheduling noise and counts as none. Latency is the time from the first
// octet sent to the response's head; an exchange counts where both answers are whole and of one status class.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "diff/evidence/quantile_sketch.h"

namespace understudy::diff {

// The path of a difference in speed.
inline constexpr std::string_view latency_path = "latency";

// One sign per block of time: is x, what spoke in favour minus what spoke against, more than is tolerated? The block at
// hand has none yet.
struct BlockSigns {
  std::int64_t block = -1;
  std::int64_t exchanges = 0;
  std::int64_t balance = 0;
  std::int64_t in_favour = 0;
  std::int64_t against = 0;
};

// Sums over blocks of time of n, the exchanges, and x, their balance, from which the dispersion of x follows.
struct BlockSums {
  std::int64_t block = -1;
  std::int64_t exchanges = 0;
  std::int64_t balance = 0;
  std::int64_t blocks = 0;  // complete ones, as all sums
  std::int64_t xx = 0;
  std::int64_t nx = 0;
  std::int64_t nn = 0;
};

// Exchanges beyond a limit (b), and beyond its mirror image (c).
struct Exceedances {
  std::int64_t b = 0;
  std::int64_t c = 0;
  std::array<BlockSums, 3> over;  // blocks of 1, 10 and 60 s

  // How many times the variance of independent exchanges the balance of the blocks has, at least 1; the largest of the
  // three. A length of which there are fewer than eight blocks says nothing yet.
  double dispersion(std::int64_t exchanges) const;
};

// About the median of C/S of the last minute: it follows a ratio that wanders, by a tenth in a second at most, so that
// no pause takes it along. In the beginning it is the median so far, for two seconds at least: a side that has only
// just started answers late for a moment.
struct PresentRatio {
  std::int64_t last_us = 0;
  std::int64_t log_millionths = 0;
  std::int64_t exchanges = 0;  // until it is found
  std::int64_t stretches = 0;  // of 0.1 s in which there were any, likewise

  // Gives what it was before this exchange.
  double follow(double log_ratio, std::int64_t time_us);
};

// About 1 KB in memory.
struct LatencyCounters {
  // `slower` as in Settings: counts around different limits cannot be put together.
  explicit LatencyCounters(double slower = 0.10);

  // Seconds; a negative one is none, and the exchange does not count. `time_us`: microseconds since 1970.
  void add(double candidate_s, double secondary_s, std::int64_t time_us);
  // What was counted around another limit is left out, and so is the other's block at hand if there is one here.
  // Counters of different endpoints are not to be merged: they share their bad minutes. Counters for all endpoints are
  // counters that every exchange is added to.
  void merge(const LatencyCounters& other);

  // A compact form for the store, and back. An ill-formed text adds nothing and gives false.
  std::string serialize() const;
  bool merge_serialized(std::string_view text);

  std::int64_t slower_millionths;
  std::int64_t exchanges = 0;
  Exceedances typical;  // b: C/S > 1 + slower, c: all others
  PresentRatio present;
  Exceedances tail;            // b: C/S > 2 m, c: C/S < m / 2, with m = the present ratio
  Exceedances far_tail;        // likewise, a factor of 4
  BlockSigns typical_minutes;  // of `typical`
  BlockSigns twice;            // of C/S > 2 against all others
  BlockSigns thrice;           // of C/S > 3 against all others
  BlockSigns tail_minutes;     // of `tail`, against what is tolerated of it
  BlockSigns tail_stretches;   // of `tail`, a sign per 0.1 s in which either side was beyond more often
  BlockSigns far_tail_stretches;
  QuantileSketch ratio;  // C/S
};

enum class LatencyOutcome : unsigned char {
  slower,      // proved
  not_slower,  // excluded: it is not, by more than is tolerated
  undecided,
  shown_only,  // slower = 0
};

struct LatencyVerdict {
  LatencyOutcome outcome = LatencyOutcome::undecided;
  bool in_tail = false;  // what is proved, or nearest to it: the tail, not the typical latency
  double log_evidence = 0;
  double log_needed = 0;
  // That a tail of more than 1 % of the exchanges is there, if stretches of 0.1 s were independent: a suspicion, no
  // proof.
  double log_evidence_of_tail = 0;
  // Nor is it excluded, likewise, that more than 2 % are beyond four times the usual ratio (or twice what is beyond its
  // mirror image, where that is more).
  bool may_have_tail = true;
  // Each is excluded by itself: that the typical ratio is above 1 + slower; that more than 2 % of the exchanges net (5
  // % where a tenth of them is beyond either limit anyway) are in the tail.
  bool typical_excluded = false;
  bool tail_excluded = false;
  double excluded_ratio = 0;  // the typical ratio is not above this: 1 + slower, 2 or 3; 0 = nothing is excluded yet
  std::uint64_t exchanges = 0;
  std::uint64_t exchanges_to_go =
      0;                     // about, until it is decided if it goes on like this; 0 = it is, or nobody can tell
  double typical_ratio = 1;  // median of C/S, and the range that holds it in 19 of 20 cases
  double typical_ratio_low = 1;
  double tail_share = 0;  // of the exchanges, net: in the tail
  double tail_ratio = 1;  // median of C/S among the slowest tail_share
};

// `alpha_share`: of alpha, what this severity may spend; `ordinal`: of this hypothesis among those that share it, from
// 1, as in Hypothesis.
LatencyVerdict judge_latency(const LatencyCounters& counters, double alpha_share, std::uint64_t ordinal);

// What the verdict says, for people: "typically 5.0 times as slow as production's second instance: 15.1 ms against 3.0
// ms". The sketches are those of the endpoint, for the two durations.
std::string words_of(const LatencyVerdict& verdict, const QuantileSketch& candidate, const QuantileSketch& secondary);

}  // namespace understudy::diff
