#include "proxy/supervisor/limits.h"

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>

namespace understudy::supervisor {
namespace {

unsigned usable_cores() {
  cpu_set_t cores;
  if (::sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(std::max(1, CPU_COUNT(&cores)));
}

// Descriptors of the user plane beside its connections: standard streams, listeners twice, rings, pages, loops, the
// log.
std::uint64_t other_descriptors(const Settings& settings, unsigned sockets_per_address) {
  return 64 + 2ull * sockets_per_address * settings.server.listen.size() + 4ull * settings.server.threads;
}

}  // namespace

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  if (limit.rlim_cur < limit.rlim_max) {
    const rlimit raised{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

Settings within_limits(Settings settings, std::uint64_t descriptors, unsigned most_threads,
                       std::vector<std::string>& warnings) {
  unsigned& threads = settings.server.threads;
  const unsigned wanted_threads = threads == 0 ? usable_cores() : threads;
  if (wanted_threads > most_threads) {
    warnings.push_back("server.threads: " + std::to_string(wanted_threads) + " are too many; " +
                       std::to_string(most_threads) + " are started");
  }
  threads = std::min(wanted_threads, most_threads);

  const std::uint64_t other = other_descriptors(settings, most_threads);
  const std::uint64_t room = descriptors > other ? descriptors - other : 0;
  const std::uint64_t upstream = settings.primary.connections;
  // Where there is not enough for all, users get what the primary's connections leave, but at least half.
  const std::uint64_t allowed = std::max<std::uint64_t>({room > upstream ? room - upstream : 0, room / 2, 1});
  if (settings.server.max_connections > allowed) {
    warnings.push_back("server.limits.connections: " + std::to_string(settings.server.max_connections) +
                       " need more descriptors than the " + std::to_string(descriptors) + " this process may open; " +
                       std::to_string(allowed) + " are served (raise ulimit -n)");
    settings.server.max_connections = static_cast<std::uint32_t>(allowed);
  }
  return settings;
}

}  // namespace understudy::supervisor
