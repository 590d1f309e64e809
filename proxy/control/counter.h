// One number in shared memory: a single writing thread adds to it without a locked instruction, any process reads.
#pragma once

#include <atomic>
#include <cstdint>

namespace understudy::control {

using Counter = std::atomic<std::uint64_t>;
static_assert(Counter::is_always_lock_free);

inline void add(Counter& counter, std::uint64_t amount = 1) {
  counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}
inline std::uint64_t get(const Counter& counter) {
  return counter.load(std::memory_order_relaxed);
}

}  // namespace understudy::control
