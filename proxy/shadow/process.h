// What the shadow plane's process asks of the kernel, so that it never takes anything from the user plane. Called once,
// at the plane's start.
#pragma once

#include <cstdint>

#include "proxy/settings.h"

namespace understudy::shadow {

// Lowest priority as configured, first in line for the OOM killer, data limited to mirror.memory_limit. What the kernel
// refuses is done without.
void yield_to_everybody(const MirrorSettings& mirror);

std::uint64_t resident_bytes();

}  // namespace understudy::shadow
