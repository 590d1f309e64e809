// The user plane: HTTP in, HTTP out, nothing else. The supervisor starts it with everything opened.
// user/ may include net/, http/, policy/, tap/ and control/; never another plane.
#pragma once

#include <vector>

#include "proxy/net/tls.h"
#include "proxy/settings.h"

namespace understudy::user {

// What one thread serves and writes.
struct ThreadResources {
  std::vector<int> listeners;  // listening sockets, shared with other generations
  int slot_fd = -1;            // memory of its slot of the tap, writable
  unsigned slot = 0;           // index into ShadowAccounts::readers
};

struct PlaneResources {
  std::vector<ThreadResources> threads;
  int shadow_accounts_fd = -1;  // read-only
  int switch_fd = -1;           // read-only
  int lifeline_fd = -1;         // readable (closed at the other end) when the supervisor is gone
  net::TlsClients tls{};
};

// Runs until SIGTERM (then it drains and gives 0) or until the lifeline closes.
int run_user_plane(const Settings& settings, const PlaneResources& resources);

}  // namespace understudy::user
