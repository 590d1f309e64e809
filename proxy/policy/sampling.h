// How many copies, how fast, and which exchanges are held out. The user plane asks for every selected request; all is
// arithmetic on values, time in nanoseconds of any steady clock.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "proxy/policy/random.h"

namespace understudy::policy {

inline constexpr double max_percent = 1000.0;
inline constexpr int max_copies = 10;

// 0..max_copies: 250 gives 2 or 3. Anything outside [0, max_percent] is clamped, NaN is 0. `draw`: uniform in 64 bits;
// the same one never gets fewer copies at a higher percentage.
int copies_for(double percent, std::uint64_t draw);

// The draw of everything that one user asks for, the same in every thread, plane and run.
std::uint64_t draw_of(std::string_view user);

// GCRA (ITU-T I.371): at most `per_second` a second over any longer time, and never more than 50 ms' worth at once.
// Shared by all threads of a plane; one compare-and-swap a grant.
class RateLimiter {
 public:
  explicit RateLimiter(double per_second);  // 0 or less: no limit

  // How many of `wanted` may go now.
  int take(std::int64_t now_ns, int wanted);

 private:
  std::int64_t interval_ns_ = 0;  // between two grants; 0 = no limit
  std::int64_t tolerance_ns_ = 0;
  std::atomic<std::int64_t> next_ns_{INT64_MIN};  // when the next grant is due if all come evenly
};

// The control group of the shadow tax: `percent` of the exchanges, half of them one by one at random, half as random
// windows of 250 ms in which the whole mirror rests. Which windows, follows from the seed alone, so that all threads
// agree without a word.
class Holdout {
 public:
  enum class Kind : std::uint8_t { none, random, window };
  static constexpr std::int64_t window_ns = 250'000'000;

  Holdout(double percent, std::uint64_t seed);
  Kind decide(std::int64_t now_ns, Random& random) const;

 private:
  std::uint64_t threshold_ = 0;  // of 2^64: half of the percentage
  std::uint64_t seed_ = 0;
};

}  // namespace understudy::policy
