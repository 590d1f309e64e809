// `understudy run`: opens every listening socket and the shared memory, starts the planes, restarts what dies, reloads,
// drains, leaves. One thread, plain blocking code; it carries no traffic. main.cc calls it.
#pragma once

#include <string>

#include "proxy/config.h"
#include "proxy/settings.h"

namespace understudy {

// Where the settings came from: SIGHUP reads them again in the same way.
struct RunOptions {
  std::string config_path;  // empty: defaults and flags alone
  Overrides overrides;
  // Of `understudy selftest`: its settings stand nowhere, so SIGHUP changes nothing, and the ledger is not printed.
  bool is_selftest = false;
};

// Runs until SIGTERM or SIGINT and prints the ledger as the last line of stderr. Gives the exit status: 0 after a clean
// shutdown, 4 where nothing could be started, 130 where a second signal cut the shutdown short.
int run_supervisor(const Settings& settings, const RunOptions& options);

}  // namespace understudy
