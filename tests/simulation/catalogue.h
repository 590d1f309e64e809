// The scenarios by name: what noise does to the verdict (independent, dependent), how soon a mistake is proved (power),
// when an honest build passes (pass), and mistakes behind a shop that is noisy in every way (shop). Callers:
// simulate_evidence.cc, tests/diff/evidence_simulation_test.cc.
#pragma once

#include <string_view>
#include <vector>

#include "tests/simulation/evidence_simulation.h"

namespace understudy::simulation {

// All of them, in the order of their groups.
const std::vector<Scenario>& catalogue();
const Scenario* find_scenario(std::string_view name);

// What catalogue() puts together.
std::vector<Scenario> independent_scenarios();
std::vector<Scenario> dependent_scenarios();
std::vector<Scenario> power_scenarios();
std::vector<Scenario> pass_scenarios();
std::vector<Scenario> shop_scenarios();

}  // namespace understudy::simulation
