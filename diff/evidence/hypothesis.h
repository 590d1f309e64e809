// One hypothesis, "candidate and production behave alike in this cell", with all that was counted for it: what the
// counts prove, what they exclude, and how many more exchanges either takes. Pure. Callers: difference.cc, verdict.cc.
//
// *Proved*: the evidence of the observations reaches what its place in the order of appearance asks for. Where the
// exchanges depend on each other (dependence.h), only the sign of each minute counts as an observation.
// *Excluded*: a net change of more than `delta` of the exchanges would have shown (exclusion.h). Every exchange counts.
// What is neither is undecided.
#pragma once

#include <cstdint>
#include <string_view>

#include "diff/evidence/counters.h"
#include "diff/evidence/evidence.h"
#include "diff/finding.h"
#include "diff/settings.h"

namespace understudy::diff {

// In the order in which they are shown.
enum class DifferenceVerdict : unsigned char { regression, undecided, unverified, state, noise, blind, ignored };

// Hypotheses that share the permitted error among them, each by its severities and these by the order of appearance.
enum class Family : unsigned char { cells, pools, latencies };
// ln of the evidence that the `ordinal`-th (from 1) hypothesis of its severity asks for.
double log_evidence_needed(Family family, std::uint64_t ordinal, double alpha);

class Hypothesis {
 public:
  // Where the cell stands: an endpoint, or all of them.
  struct Place {
    const EndpointCounters& counters;
    const Evidence::Timelines& timelines;
    std::string_view path;
    const Cell* mirror;  // the cell of the class that this one is with the responses swapped, at the same path; or null
  };
  Hypothesis(const Place& place, DifferenceClass difference_class, const Cell& cell, Family family,
             const Settings& settings);

  double log_evidence() const { return log_evidence_; }
  double log_needed() const { return log_needed_; }

  // Now, or earlier and not refuted since.
  bool is_proved() const;
  bool is_excluded() const { return exclusion_after(1); }
  // Nothing but a secondary could tell it from noise, and none has answered here.
  bool is_unverified() const;
  // Comes in stretches, and production differs from itself as well: a cache, a counter or a switch.
  bool is_state() const;
  // Most differences were gone when both sides were asked again.
  bool passes_by() const;
  // Production differs from itself here, so often that a change is excluded more coarsely.
  bool varies() const;
  // … at nearly every exchange: the rate of differences says nothing any more.
  bool is_blind() const;
  // For what does not gate: production differs from itself nearly as often.
  bool is_noise() const;
  bool comes_in_stretches() const { return stretches_; }

  double delta() const;
  // Exchanges in which the candidate alone differed, less those in which production's second answer did; and in how
  // many it could have.
  double net() const { return b_ - c_; }
  double exchanges() const { return exchanges_; }

  // How many times the exchanges so far it takes to prove, or to exclude, if it goes on as it did; `most` if longer.
  double growth_to_proof(double most) const;
  double growth_to_decision(double most) const;

 private:
  double log_evidence_after(double growth) const;
  double log_evidence_of_observations(double growth) const;
  bool exclusion_after(double growth) const;
  bool is_patient(double growth) const;
  bool is_constant() const;

  const EndpointCounters& endpoint_;
  const CellCounters& counters_;
  const Cell& cell_;
  DifferenceClass class_;
  const Settings& settings_;
  bool directional_class_;
  bool states_a_policy_;
  bool two_sided_;
  bool noise_in_stretches_;
  bool stretches_;     // the observations come in stretches
  bool dependent_;     // … or are too uneven over time: minutes count
  Signs minutes_;      // with those of the mirror class
  Signs directional_;  // observations
  double b_;           // of all exchanges, paired and directional
  double c_;
  double exchanges_;
  double log_needed_;
  double log_evidence_ = 0;
};

}  // namespace understudy::diff
