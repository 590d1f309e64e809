// What a process uses, from /proc (proc(5)): the process_* metrics of each plane.
#pragma once

#include <cstdint>
#include <optional>

namespace understudy::admin {

struct ProcessUsage {
  double cpu_seconds = 0;
  double start_time_s = 0;  // since 1970
  std::uint64_t virtual_octets = 0;
  std::uint64_t resident_octets = 0;
  std::optional<std::uint64_t> open_fds;  // nothing where the kernel does not let us look
  std::optional<std::uint64_t> max_fds;
};

// Nothing if there is no such process.
std::optional<ProcessUsage> usage_of(int pid);

}  // namespace understudy::admin
