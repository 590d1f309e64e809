#include "proxy/admin/readiness.h"

#include <algorithm>

namespace understudy::admin {

std::string unready_because(const ReadinessInput& input) {
  if (input.draining) return "draining: the program is stopping";
  if (!input.user_plane_alive) return "the user plane is not running";
  const std::int64_t connected = std::max(input.connected_ms, input.probe_connected_ms);
  const std::int64_t refused = std::max(input.refused_ms, input.probe_refused_ms);
  if (connected == 0 && refused == 0) return "the primary has not been reached yet";
  return connected >= refused ? std::string() : "the last connect to the primary failed";
}

}  // namespace understudy::admin
