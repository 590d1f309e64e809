// The shadow plane: reads the tap, plays copies to candidate and secondary, compares, writes the store. It listens on
// nothing. shadow/ may include net/, http/, policy/, tap/, control/, store/ and diff/; never another plane.
#pragma once

#include <vector>

#include "proxy/net/tls.h"
#include "proxy/settings.h"

namespace understudy::shadow {

struct SlotResources {
  unsigned slot = 0;  // index into ShadowAccounts::readers
  int slot_fd = -1;   // read-only
};

struct PlaneResources {
  // Every slot that there is or was, drained ones too: the store's ledger is read from the accounts of all.
  std::vector<SlotResources> slots;
  int shadow_accounts_fd = -1;  // writable
  int switch_fd = -1;           // read-only
  int lifeline_fd = -1;
  net::TlsClients tls{};
};

// Runs until SIGTERM (the program stops: everything published is claimed and what cannot be finished in time is counted
// as `shutdown`), SIGUSR2 (a reload: it claims no more, has a second to finish, counts the rest as `reload`) or until
// the lifeline closes. Snapshots before it leaves.
int run_shadow_plane(const Settings& settings, const PlaneResources& resources);

}  // namespace understudy::shadow
