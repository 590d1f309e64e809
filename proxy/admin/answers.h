// The answer to every request that changes nothing (what changes something has to wait): from what was observed and
// what is stored. No sockets, no shared memory; on the loop's thread, or beside it where the store is needed.
#pragma once

#include <string>

#include "proxy/admin/message.h"
#include "proxy/admin/metrics.h"
#include "proxy/admin/observed.h"
#include "proxy/admin/reports.h"
#include "proxy/admin/routes.h"
#include "proxy/settings.h"

namespace understudy::admin {

struct World {
  const Settings& settings;
  const Observed& observed;
  std::string unready_because;  // empty = ready
  Reports& reports;             // where needs_store()
  // Looked up for /metrics alone.
  ProcessUsages processes{};
  JudgementCounts judgement{};
};

// Whether the answer takes the disk's time. /metrics has what it needs of the store in World::judgement.
bool needs_store(Resource resource);

Response answer(const Route& route, World& world);

}  // namespace understudy::admin
