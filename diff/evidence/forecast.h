// How much longer something takes if it goes on as it did. Pure. Callers: hypothesis.cc, exclusion.cc.
#pragma once

#include <algorithm>

namespace understudy::diff {

// Forecasts end here: so many times what was seen.
inline constexpr double growth_limit = 100'000;

// The smallest factor from 1 on, within 1 %, with which `holds(factor)` is true, for what stays true once it is; `most`
// if that is larger.
template <class Condition>
double smallest_growth(Condition holds, double most) {
  double above = 1;
  while (above < most && !holds(above)) above *= 2;
  if (above <= 1 || above >= 2 * most) return std::min(above, most);
  double below = above / 2;
  while (above - below > 0.01 * below) {
    const double middle = (below + above) / 2;
    (holds(middle) ? above : below) = middle;
  }
  return std::min(above, most);
}

}  // namespace understudy::diff
