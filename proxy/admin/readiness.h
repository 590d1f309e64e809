// Whether users can be served: the answer of /readyz. Pure.
#pragma once

#include <cstdint>
#include <string>

namespace understudy::admin {

struct ReadinessInput {
  bool user_plane_alive = false;
  bool draining = false;
  // CLOCK_MONOTONIC; 0 = never. Connects to the primary by the user plane, and by the probe while the user plane makes
  // none.
  std::int64_t connected_ms = 0, refused_ms = 0;
  std::int64_t probe_connected_ms = 0, probe_refused_ms = 0;
};

// Why not; empty = ready.
std::string unready_because(const ReadinessInput& input);

}  // namespace understudy::admin
