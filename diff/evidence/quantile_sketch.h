// Quantiles of durations in constant memory and with a bounded relative error: a DDSketch (Masson, Rim, Lee: VLDB 2019)
// with alpha = 1 %. Pure; merging is addition, so sketches of several runs or threads can be put together in any order.
// Callers: evidence.cc, one sketch per endpoint and role.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::diff {

class QuantileSketch {
 public:
  // Values outside [1 ns, 10^9 s] are counted at that limit; a negative value or NaN is not a duration and is left out.
  void add(double seconds);
  void merge(const QuantileSketch& other);

  std::uint64_t count() const { return count_; }
  // The value below which a share q (0..1) of the durations lies, within 1 %; 0 when nothing was added.
  double quantile(double q) const;

  // A compact form for the store, and back. An ill-formed text adds nothing and gives false.
  std::string serialize() const;
  bool merge_serialized(std::string_view text);

 private:
  void add_to_bin(int index, std::uint64_t n);

  int first_index_ = 0;              // index of bins_[0]
  std::vector<std::uint64_t> bins_;  // at most 2074 of them: the two limits are that many powers of gamma apart
  std::uint64_t count_ = 0;
};

}  // namespace understudy::diff
