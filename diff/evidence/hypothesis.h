// One hypothesis, "candidate and production behave alike at this endpoint, path and class", with all that was counted
// for it: what the counts prove, and how many more exchanges it would take. Pure. Caller: verdict.cc.
#pragma once

#include <cstdint>

#include "diff/evidence/counters.h"
#include "diff/evidence/evidence.h"
#include "diff/finding.h"

namespace understudy::diff {

enum class DifferenceVerdict : unsigned char { regression, noise, undecided, unverified, ignored };

class Hypothesis {
 public:
  // `alpha`: 1 - confidence.
  Hypothesis(const Evidence::Endpoint& endpoint, std::string_view path, DifferenceClass difference_class,
             const Cell& cell, double alpha);

  // Any but `ignored`.
  DifferenceVerdict verdict() const;

  double log_evidence() const { return log_evidence_after(1); }
  double log_needed() const { return log_needed_; }

  // Exchanges in which the candidate differed, net of noise, and in how many it could have.
  double events() const;
  double exchanges() const;

  // How many times the exchanges so far it takes to prove the excess if it goes on as it did; `most` if longer.
  double growth_to_proof(double most) const;

 private:
  // E if every count were `growth` times what it is.
  double log_evidence_after(double growth) const;
  bool is_noise() const;

  const EndpointCounters& endpoint_;
  const CellCounters& counters_;
  DifferenceClass class_;
  bool two_sided_;
  double b_directional_;
  double c_directional_;
  double log_needed_;
};

}  // namespace understudy::diff
