// How long the plane's loop is held up by one turn of work, in time of the processor, so that it says the same on a
// machine that is busy with other things. Used on the plane's thread: the tick, the judge, and what snapshots.h does in
// steps.
#pragma once

#include <atomic>
#include <cstdint>
#include <ctime>

#include "proxy/control/counters.h"

namespace understudy::shadow {

// Of this thread, in nanoseconds.
inline std::int64_t processor_ns() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// From its making to its end. Keeps the longest in the accounts.
class Turn {
 public:
  explicit Turn(control::ShadowAccounts& accounts) : accounts_(&accounts), begin_ns_(processor_ns()) {}
  ~Turn() {
    if (accounts_ == nullptr) return;
    const auto took_us = static_cast<std::uint64_t>(taken_ns() / 1000);
    if (took_us > control::get(accounts_->longest_turn_us)) {
      accounts_->longest_turn_us.store(took_us, std::memory_order_relaxed);
    }
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  std::int64_t taken_ns() const { return processor_ns() - begin_ns_; }
  // The plane ends: nothing waits for it any more.
  void forget() { accounts_ = nullptr; }

 private:
  control::ShadowAccounts* accounts_;
  std::int64_t begin_ns_;
};

}  // namespace understudy::shadow
