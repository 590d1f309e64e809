// How a value that varies goes on from exchange to exchange, on each side: whether it is a counter or a clock, so that
// "greater" says nothing about the build, and whether it is the same again. In memory alone: a few hundred exchanges
// after a restart it is known anew. Values only. Caller: evidence.cc, one for each value that production varies.
#pragma once

#include <array>
#include <cstdint>

#include "diff/evidence/counters.h"
#include "diff/finding.h"

namespace understudy::diff {

class Course {
 public:
  // An exchange in which candidate and secondary both differ from production; null where one does not.
  void note(const Finding* by_candidate, const Finding* by_secondary);

  // Of the exchange noted last: the side shows what it showed the last time.
  bool is_frozen(Role role) const { return frozen_[static_cast<std::size_t>(role)]; }

  // Numbers of one process that only ever rise, or stay, on production's side and its second instance's, or only ever
  // fall (what is left of a quota): each process has its own, so which is greater is one toss of a coin. `unknown`
  // until there are some hundred numbers.
  enum class Trend : unsigned char { unknown, free, one_way };
  Trend trend() const;

 private:
  // The largest of each window, because exchanges that are under way together come in any order.
  static constexpr std::uint32_t window = 16;
  static constexpr std::uint32_t windows_needed = 6;
  struct Numbers {
    double largest = 0;
    double smallest = 0;
    double largest_before = 0;
    std::uint32_t in_window = 0;
    std::uint32_t windows = 0;
    std::uint32_t rises = 0;
    std::uint32_t falls = 0;
    std::uint32_t varied = 0;  // windows with several numbers

    void note(double number);
    // They vary, and their largest stays: a flag, or what has a limit. A counter that is given anew is not taken for
    // one before it has risen or fallen.
    bool is_level() const { return rises == 0 && falls == 0 && varied > windows / 2; }
  };
  static bool is_rising(const Numbers& numbers);
  static bool is_falling(const Numbers& numbers);

  std::array<std::uint64_t, role_count> last_hash_{};
  std::array<bool, role_count> frozen_{};
  std::array<Numbers, role_count> numbers_{};
  std::uint32_t noted_ = 0;
};

}  // namespace understudy::diff
