// See exposure.h.
#include "diff/evidence/exposure.h"

#include <algorithm>
#include <cmath>

#include "diff/evidence/e_process.h"

namespace understudy::diff {

Exposure::Exposure(double compared) : compared_(compared) {
  by_class_.fill({0, compared});
}

void Exposure::add_unexplained(DifferenceClass difference_class, double events, double exchanges) {
  Counts& counts = by_class_[static_cast<std::size_t>(difference_class)];
  counts.events += events;
  counts.exchanges = std::min(counts.exchanges, exchanges);
}

void Exposure::merge(const Exposure& other) {
  compared_ += other.compared_;
  for (std::size_t i = 0; i < by_class_.size(); ++i) {
    by_class_[i].events += other.by_class_[i].events;
    by_class_[i].exchanges += other.by_class_[i].exchanges;
  }
}

bool Exposure::excludes(DifferenceClass difference_class, double alpha) const {
  return evidence_after(difference_class, 1) >= -std::log(alpha);
}

double Exposure::growth_to_exclusion(DifferenceClass difference_class, double alpha, double most) const {
  double enough = 1;
  while (enough < most && evidence_after(difference_class, enough) < -std::log(alpha)) {
    enough *= 1.05;
  }
  return std::min(enough, most);
}

double Exposure::evidence_after(DifferenceClass difference_class, double growth) const {
  const Counts& counts = by_class_[static_cast<std::size_t>(difference_class)];
  const double events =
      std::min(counts.events, counts.exchanges);  // one exchange may show several differences of a class
  return log_evidence_of_rarity(growth * counts.exchanges, growth * events, tolerated_rate);
}

}  // namespace understudy::diff
