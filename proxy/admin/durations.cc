#include "proxy/admin/durations.h"

#include <numeric>

namespace understudy::admin {

Durations& Durations::operator+=(const control::Histogram& histogram) {
  for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += control::get(histogram.buckets[i]);
  sum_ns += control::get(histogram.sum_ns);
  return *this;
}

std::uint64_t Durations::count() const {
  return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
}

double Durations::at_rank(double rank) const {
  double below = 0;
  double lower_s = 0;
  for (std::size_t i = 0; i < control::duration_bounds_ns.size(); ++i) {
    const double upper_s = static_cast<double>(control::duration_bounds_ns[i]) / 1e9;
    const auto here = static_cast<double>(buckets[i]);
    if (here > 0 && below + here >= rank)
      return lower_s + (upper_s - lower_s) * (rank > below ? (rank - below) / here : 0);
    below += here;
    lower_s = upper_s;
  }
  return lower_s;
}

}  // namespace understudy::admin
