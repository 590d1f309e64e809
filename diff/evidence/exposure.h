// How far the traffic of an endpoint excludes that something worth a gate's attention goes on unseen: the pass side of
// the gate (DIFF.md 3.6). Pure. Caller: verdict.cc.
#pragma once

#include <array>

#include "diff/finding.h"

namespace understudy::diff {

// A rate of unexplained differences beyond this is not passed over.
inline constexpr double tolerated_rate = 0.01;

class Exposure {
 public:
  // `compared` exchanges, in which nothing unexplained was seen so far.
  explicit Exposure(double compared);

  // Of `exchanges` (where it could have been seen), `events` show a difference of this class that is neither proved nor
  // explained. Differences of one class add up.
  void add_unexplained(DifferenceClass difference_class, double events, double exchanges);
  // Puts another endpoint's traffic to it: small endpoints are judged together.
  void merge(const Exposure& other);

  double compared() const { return compared_; }
  // Whether it is excluded, with error alpha at every look, that a class occurs in more than tolerated_rate of the
  // exchanges.
  bool excludes(DifferenceClass difference_class, double alpha) const;
  // How many times the exchanges so far that takes if it goes on as it did; `most` if longer.
  double growth_to_exclusion(DifferenceClass difference_class, double alpha, double most) const;

 private:
  struct Counts {
    double events;
    double exchanges;
  };
  double evidence_after(DifferenceClass difference_class, double growth) const;

  double compared_;
  std::array<Counts, difference_class_count> by_class_;
};

}  // namespace understudy::diff
