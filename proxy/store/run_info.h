// What a store says about the run that wrote it, so that `understudy report --store` can judge without the
// configuration file. Written by proxy/shadow/ at its start, read by proxy/admin/ and the report command.
#pragma once

#include <cstdint>
#include <string>

#include "diff/settings.h"

namespace understudy::store {

// store/ may include diff/, control/ and settings.h of this project; never a plane, http/ or net/.

struct RunInfo {
  std::string version;                        // of the program; empty: nothing was ever written
  std::int64_t started_us = 0;                // microseconds since 1970, of the supervisor
  std::string primary, candidate, secondary;  // URLs; empty = none
  diff::Settings diff;                        // confidence and ignore rules are kept: what judges, not what compares
};

}  // namespace understudy::store
