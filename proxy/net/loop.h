// The event loop of one thread: epoll (edge-triggered), sleeping coroutines, and one coarse tick for all deadlines of
// streams. Everything here may be called on the loop's own thread only; `request_stop` is the one exception
// (async-signal-safe and from any thread).
#pragma once

#include <atomic>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "proxy/net/task.h"

namespace understudy::net {

using Milliseconds = std::chrono::milliseconds;

class Channel;

// Calls that the loop's streams made to the kernel, or to what carries their octets in its place; `again` are those
// answered EAGAIN (counted in send or recv too).
struct CallCounts {
  std::uint64_t recv = 0;
  std::uint64_t send = 0;
  std::uint64_t again = 0;
};

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs until request_stop() or until no spawned task is left. Suspended tasks stay suspended.
  void run();
  void request_stop() { stop_.store(true, std::memory_order_relaxed); }

  // Starts the task at once; the loop owns it until it ends.
  void spawn(Task<void> task);
  std::uint64_t live_tasks() const { return live_tasks_; }

  // CLOCK_MONOTONIC, read once per wake-up (now_ns) and at will (clock_ns).
  std::int64_t now_ns() const { return now_ns_; }
  std::int64_t now_ms() const { return now_ns_ / 1'000'000; }
  static std::int64_t clock_ns();

  // Called about every tick_interval while the loop runs; set once before run(). Plane-wide duties (signals, sweeps)
  // hang here.
  static constexpr Milliseconds tick_interval{100};
  void on_tick(std::function<void()> callback) { tick_callbacks_.push_back(std::move(callback)); }

  struct Sleep {
    Loop& loop;
    std::int64_t until_ns;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> sleeper) { loop.sleepers_.push({until_ns, loop.sequence_++, sleeper}); }
    void await_resume() const noexcept {}
  };
  Sleep sleep(std::chrono::nanoseconds duration) { return {*this, clock_ns() + duration.count()}; }

  // Lets every other ready coroutine run first.
  struct Yield {
    Loop& loop;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) { loop.ready_.push_back(waiting); }
    void await_resume() const noexcept {}
  };
  Yield yield() { return {*this}; }
  void resume_soon(std::coroutine_handle<> waiting) { ready_.push_back(waiting); }

  CallCounts calls;

 private:
  friend class Channel;
  friend class Stream;
  struct Spawned;
  struct Sleeper {
    std::int64_t until_ns;
    std::uint64_t sequence;
    std::coroutine_handle<> handle;
    bool operator>(const Sleeper& other) const {
      return until_ns != other.until_ns ? until_ns > other.until_ns : sequence > other.sequence;
    }
  };
  static Spawned run_spawned(Loop& loop, Task<void> task);

  int wait_timeout_ms() const;
  void run_ready();
  void wake_sleepers();
  void run_tick();

  // The wheel: a channel with a deadline is linked in the slot of the tick at which it is next looked at.
  static constexpr std::size_t wheel_slots = 512;
  void link(Channel& channel, std::int64_t at_ms);
  void unlink(Channel& channel);

  int epoll_ = -1;
  std::atomic<bool> stop_{false};
  std::int64_t now_ns_ = 0;
  std::int64_t next_tick_ms_ = 0;
  std::uint64_t live_tasks_ = 0;
  std::uint64_t sequence_ = 0;
  unsigned budget_ = 0;  // reads and writes that may still complete without going through the ready queue
  std::vector<std::coroutine_handle<>> ready_, running_;
  std::priority_queue<Sleeper, std::vector<Sleeper>, std::greater<>> sleepers_;
  std::vector<std::function<void()>> tick_callbacks_;
  std::vector<Channel*> wheel_ = std::vector<Channel*>(wheel_slots, nullptr);
  std::vector<Channel*> free_channels_;
  std::vector<Channel*> closed_channels_;  // freed after the batch of events that may still name them
};

}  // namespace understudy::net
