// The settings under which an instance plays production against itself: those of `run`, with production's own build in
// the place of the candidate. Pure. Caller: selftest.cc.
#pragma once

#include <string>
#include <vector>

#include "proxy/settings.h"

namespace understudy {

struct SelftestPlan {
  Settings settings;
  std::string repeated_at;         // the URL that is asked twice more
  std::vector<std::string> notes;  // what of the configuration does not hold, and why
  std::string problem;             // not empty: it cannot be done
};

// Each request that is selected is asked twice more: at the secondary where there is one, because its answers vary as a
// run will see them vary and production has no further load; else at production itself, ten a second at most unless
// mirror.rate says otherwise. Only safe methods are repeated, and the evidence is kept in memory.
SelftestPlan plan_selftest(const Settings& configured);

}  // namespace understudy
