#include "proxy/net/loop.h"

#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "proxy/net/stream.h"

namespace understudy::net {

namespace {
// Operations in a row that complete at once before the others get their turn.
constexpr unsigned operations_per_turn = 64;
constexpr int events_per_wait = 256;
// Full batches in a row that may go before an overdue tick.
constexpr int batches_before_tick = 256;
}  // namespace

// The frame of a spawned task: starts at once, destroys itself at the end.
struct Loop::Spawned {
  struct promise_type : RecycledFrame {
    Spawned get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
};

Loop::Loop() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  now_ns_ = clock_ns();
}

Loop::~Loop() {
  for (Channel* channel : closed_channels_) delete channel;
  for (Channel* channel : free_channels_) delete channel;
  ::close(epoll_);
}

std::int64_t Loop::clock_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void Loop::run() {
  epoll_event events[events_per_wait];
  next_tick_ms_ = clock_ns() / 1'000'000;
  int full_batches = 0;
  while (live_tasks_ > 0 && !stop_.load(std::memory_order_relaxed)) {
    const int count = epoll_wait(epoll_, events, events_per_wait, wait_timeout_ms());
    now_ns_ = clock_ns();
    for (int i = 0; i < count; ++i) {
      budget_ = operations_per_turn;
      static_cast<Channel*>(events[i].data.ptr)->on_event(events[i].events);
    }
    wake_sleepers();
    run_ready();
    // After a standstill (SIGSTOP, a processor given to others) everything that came meanwhile is heard before the
    // deadlines that passed meanwhile.
    full_batches = count == events_per_wait ? full_batches + 1 : 0;
    const bool more_may_wait = full_batches > 0 && full_batches < batches_before_tick;
    if (now_ms() >= next_tick_ms_ && !more_may_wait) run_tick();
    // A channel closed in this batch may have been named by a later event of the batch: only now it is free.
    for (Channel* channel : closed_channels_) free_channels_.push_back(channel);
    closed_channels_.clear();
  }
}

int Loop::wait_timeout_ms() const {
  if (!ready_.empty()) return 0;
  const std::int64_t now = clock_ns();
  std::int64_t wait_ns = next_tick_ms_ * 1'000'000 - now;
  if (!sleepers_.empty()) wait_ns = std::min(wait_ns, sleepers_.top().until_ns - now);
  return wait_ns <= 0 ? 0 : static_cast<int>((wait_ns + 999'999) / 1'000'000);
}

void Loop::wake_sleepers() {
  while (!sleepers_.empty() && sleepers_.top().until_ns <= now_ns_) {
    const std::coroutine_handle<> handle = sleepers_.top().handle;
    sleepers_.pop();
    budget_ = operations_per_turn;
    handle.resume();
  }
}

void Loop::run_ready() {
  running_.swap(ready_);
  for (std::coroutine_handle<> handle : running_) {
    budget_ = operations_per_turn;
    handle.resume();
  }
  running_.clear();
}

void Loop::run_tick() {
  const std::int64_t step = tick_interval.count();
  // A loop that was held up for longer than the wheel's turn looks at each slot once.
  next_tick_ms_ = std::max(next_tick_ms_, now_ms() - static_cast<std::int64_t>(wheel_slots) * step);
  for (; next_tick_ms_ <= now_ms(); next_tick_ms_ += step) {
    Channel* channel = std::exchange(wheel_[static_cast<std::size_t>(next_tick_ms_ / step) % wheel_slots], nullptr);
    while (channel) {
      Channel* following = channel->next;
      channel->previous = channel->next = nullptr;
      channel->looked_at_ms = 0;
      if (channel->deadline_ms != 0) {
        if (channel->deadline_ms <= now_ms() && !channel->made_progress()) {
          channel->deadline_ms = 0;
          channel->fail(ETIMEDOUT);
        } else {
          link(*channel, channel->deadline_ms);
        }
      }
      channel = following;
    }
  }
  for (auto& callback : tick_callbacks_) callback();
}

void Loop::link(Channel& channel, std::int64_t at_ms) {
  const std::int64_t step = tick_interval.count();
  const std::int64_t horizon = now_ms() + static_cast<std::int64_t>(wheel_slots - 2) * step;
  // Never into the slot that is being looked at right now: at the earliest into the one after it.
  const std::int64_t at = std::min(std::max(at_ms, now_ms() + step), horizon);
  const std::int64_t tick = (at + step - 1) / step;
  Channel*& slot = wheel_[static_cast<std::size_t>(tick) % wheel_slots];
  channel.looked_at_ms = tick * step;
  channel.previous = nullptr;
  channel.next = slot;
  if (slot) slot->previous = &channel;
  slot = &channel;
}

void Loop::unlink(Channel& channel) {
  if (channel.looked_at_ms == 0) return;
  if (channel.previous) {
    channel.previous->next = channel.next;
  } else {
    wheel_[static_cast<std::size_t>(channel.looked_at_ms / tick_interval.count()) % wheel_slots] = channel.next;
  }
  if (channel.next) channel.next->previous = channel.previous;
  channel.previous = channel.next = nullptr;
  channel.looked_at_ms = 0;
}

void Loop::spawn(Task<void> task) {
  ++live_tasks_;
  run_spawned(*this, std::move(task));
}

Loop::Spawned Loop::run_spawned(Loop& loop, Task<void> task) {
  co_await task;
  --loop.live_tasks_;
}

}  // namespace understudy::net
