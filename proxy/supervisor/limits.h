// What the machine allows, laid over what the configuration asks for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/settings.h"

namespace understudy::supervisor {

// Raises RLIMIT_NOFILE to its hard limit and gives it.
std::uint64_t raise_descriptor_limit();

// Settings that can be kept here: threads counted out (0 = one per core this process may use) and at most
// `most_threads`, connections within what `descriptors` allow. Each thing that had to be reduced is one warning.
Settings within_limits(Settings settings, std::uint64_t descriptors, unsigned most_threads,
                       std::vector<std::string>& warnings);

}  // namespace understudy::supervisor
