// What the rules of diff.ignore have met in a run: one that never matched is misspelt, or of no use any more, and one
// that has expired covers nothing. Counted from the evidence as it is, so that it is known after a restart too. Pure.
// Caller: verdict.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/verdict.h"

namespace understudy::diff {

// So many compared exchanges of its endpoint, or of all where it names none or one that never came, are enough for a
// rule to have matched.
inline constexpr std::uint64_t rule_patience = 100;
inline constexpr std::uint64_t rule_patience_everywhere = 1000;

// In the order of the settings. `differences`: of the judgement; what is slow is known from there alone. `today`:
// YYYY-MM-DD.
std::vector<RuleUse> uses_of_rules(const Evidence& evidence, const Settings& settings,
                                   std::span<const Difference> differences, std::string_view today);

}  // namespace understudy::diff
