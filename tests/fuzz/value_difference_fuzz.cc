// libFuzzer target for what is said of two strings that differ: two texts with 0xFF between them. Held: swapped, the
// class is the same, greater is less, and signs and notations have changed as well; clocks only make differences fewer.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "diff/body/text_lines.h"
#include "diff/body/value_difference.h"

namespace {

using namespace understudy::diff;

void require(bool held) {
  if (!held) std::abort();
}

bool has(const ValueDifference& difference, DifferenceClass aspect) {
  return (difference.aspects & bit_of(aspect)) != 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const auto separator = input.find('\xFF');
  if (separator == std::string_view::npos) return 0;
  const std::string_view left = input.substr(0, separator);
  const std::string_view right = input.substr(separator + 1);
  const LinesDifference lines = compare_lines(left, right);
  require(lines.in_common >= 0 && lines.in_common <= 1);
  require(lines.lines_changed == compare_lines(right, left).lines_changed);
  if (left == right) return 0;
  constexpr std::int64_t now_us = 1'796'077'810'500'000;  // 2026-11-30T22:30:10.5Z
  for (const Occasion& occasion : {Occasion{}, Occasion{.begin_us = now_us, .end_us = now_us + 250'000}}) {
    const ValueDifference there = string_difference(left, right, occasion);
    const ValueDifference back = string_difference(right, left, occasion);
    require(there.differs == back.differs && (there.differs || occasion.has_span()));
    require(there.difference_class == back.difference_class);
    require(there.difference_class == DifferenceClass::value_changed || there.aspects == 0);
    require(has(there, DifferenceClass::greater) == has(back, DifferenceClass::less));
    require(has(there, DifferenceClass::less) == has(back, DifferenceClass::greater));
    require(!has(there, DifferenceClass::greater) || !has(there, DifferenceClass::less));
    require(has(there, DifferenceClass::sign_changed) == has(back, DifferenceClass::sign_changed));
    require(has(there, DifferenceClass::notation_changed) == has(back, DifferenceClass::notation_changed));
  }
  return 0;
}
