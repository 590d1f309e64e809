// The configuration as the commands read it that start an instance, or would. Implementation: run.cc.
#pragma once

#include "proxy/commands/commands.h"

namespace understudy {

// False: the mistakes went to stderr, one line each. Warnings go there in any case.
bool load_configuration(const RunRequest& request, LoadedConfig& config);

}  // namespace understudy
