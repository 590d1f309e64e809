// The clock on the wall, for what is stored and shown.
#pragma once

#include <cstdint>
#include <ctime>

namespace understudy::shadow {

// Microseconds since 1970.
inline std::int64_t unix_us() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace understudy::shadow
