// The admin plane: answers operators. It reads shared memory and the store, and writes one thing: the control
// page, with the switch and the run that is asked for.
// admin/ may include net/, http/, policy/, control/, store/ and diff/; never another plane, nor tap/.
#pragma once

#include <vector>

#include "proxy/net/tls.h"
#include "proxy/settings.h"

namespace understudy::admin {

struct PlaneResources {
  int listener_fd = -1;       // listening; -1 = none: the plane idles
  int switch_fd = -1;         // writable
  std::vector<int> slot_fds;  // read-only, one per slot of the tap, by index; UserAccounts at the start; -1 = not there
  int shadow_accounts_fd = -1;      // read-only
  int supervisor_accounts_fd = -1;  // read-only
  int lifeline_fd = -1;             // readable (closed at the other end) when the supervisor is gone
  net::TlsClients tls{};
};

// settings.store.path is the path of the store, also for a run in memory. Runs until SIGTERM (answers under way have a
// second to finish, then it gives 0) or until the lifeline closes.
int run_admin_plane(const Settings& settings, const PlaneResources& resources);

}  // namespace understudy::admin
