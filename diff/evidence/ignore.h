// The rules of diff.ignore: which of them, if any, covers a difference. Pure. Callers: difference.cc, verdict.cc.
#pragma once

#include <string_view>
#include <vector>

#include "diff/settings.h"

namespace understudy::diff {

struct IgnoreMatch {
  const IgnoreRule* rule = nullptr;  // points into the settings; null = no rule
  bool expired = false;              // the rule would cover the difference, but its last day is over
};

// `today`: YYYY-MM-DD. A rule that holds wins over an expired one. Header and trailer names are compared without regard
// to case.
IgnoreMatch find_ignore_rule(const std::vector<IgnoreRule>& rules, std::string_view endpoint, std::string_view path,
                             DifferenceClass difference_class, std::string_view today);

}  // namespace understudy::diff
