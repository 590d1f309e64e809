// How much of a text another text still has, and how many lines: what can be said of bodies that are not compared by
// structure and that production varies itself. Caller: text.cc.
#pragma once

#include <cstddef>
#include <string_view>

namespace understudy::diff {

// So many lines, and so many pieces, of each text are looked at.
inline constexpr std::size_t line_limit = 20'000;

struct LinesDifference {
  // More than a tenth of the lines, or any of fewer than twenty. Or the same of pieces, in which lines are cut where
  // markup, records and forms have their joints: more than a fiftieth, or any of fewer than a hundred. So an element
  // lost is seen in a text of one line as well.
  bool lines_changed = false;
  // The share of the other's pieces, trimmed, blank ones left out, each as often as it stands there, that the primary
  // has too. 1 where both have none, 0 where only the other has none.
  double in_common = 1;
};

LinesDifference compare_lines(std::string_view primary, std::string_view other);

}  // namespace understudy::diff
