// See course.h.
#include "diff/evidence/course.h"

#include <algorithm>

namespace understudy::diff {

void Course::Numbers::note(double number) {
  largest = in_window == 0 ? number : std::max(largest, number);
  smallest = in_window == 0 ? number : std::min(smallest, number);
  if (++in_window < window) return;
  if (windows != 0 && largest > largest_before) ++rises;
  if (windows != 0 && largest < largest_before) ++falls;
  if (smallest < largest) ++varied;
  largest_before = largest;
  in_window = 0;
  ++windows;
}

void Course::note(const Finding* by_candidate, const Finding* by_secondary) {
  ++noted_;
  const auto note_side = [&](Role role, const Finding* finding) {
    const auto index = static_cast<std::size_t>(role);
    const std::uint64_t hash = finding == nullptr ? 0 : finding->other_hash;
    frozen_[index] = hash != 0 && hash == last_hash_[index];
    last_hash_[index] = hash;
    if (finding != nullptr && finding->other_number) numbers_[index].note(*finding->other_number);
  };
  note_side(Role::candidate, by_candidate);
  note_side(Role::secondary, by_secondary);
  const Finding* either = by_candidate != nullptr ? by_candidate : by_secondary;
  if (either != nullptr && either->primary_number) {
    numbers_[static_cast<std::size_t>(Role::primary)].note(*either->primary_number);
  }
}

// A process that was restarted falls once.
bool Course::is_rising(const Numbers& numbers) {
  return numbers.falls * 10 <= numbers.rises;
}

// A quota is given anew now and then.
bool Course::is_falling(const Numbers& numbers) {
  return numbers.rises * 10 <= numbers.falls;
}

Course::Trend Course::trend() const {
  const Numbers& primary = numbers_[static_cast<std::size_t>(Role::primary)];
  const Numbers& secondary = numbers_[static_cast<std::size_t>(Role::secondary)];
  if (primary.windows < windows_needed || secondary.windows < windows_needed) {
    const bool has_numbers = primary.in_window + primary.windows + secondary.in_window + secondary.windows != 0;
    // Texts have no trend; a value that is rarely a number is none either.
    return has_numbers && noted_ < 4 * window * windows_needed ? Trend::unknown : Trend::free;
  }
  if (primary.is_level() || secondary.is_level()) return Trend::free;
  const bool is_one_way =
      (is_rising(primary) && is_rising(secondary)) || (is_falling(primary) && is_falling(secondary));
  return is_one_way ? Trend::one_way : Trend::free;
}

}  // namespace understudy::diff
