// The event loop of the test servers and clients: epoll, level-triggered, one thread, timers in a map. For tests only;
// the program has its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <vector>

namespace understudy::tools {

using Clock = std::chrono::steady_clock;

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_events(std::uint32_t events) = 0;  // EPOLL* bits
};

class Poller {
 public:
  Poller();
  ~Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;

  void add(int fd, std::uint32_t events, Watcher* watcher);
  void change(int fd, std::uint32_t events, Watcher* watcher);
  // Also forgets events of `watcher` that this turn of the loop has not delivered yet: it may be destroyed at once.
  void remove(int fd, Watcher* watcher);

  void at(Clock::time_point when, std::function<void()> call);

  // One turn: waits for events or the next timer, at most `limit`.
  void turn(std::chrono::milliseconds limit);

 private:
  int epoll_;
  std::multimap<Clock::time_point, std::function<void()>> timers_;
  std::vector<std::pair<Watcher*, std::uint32_t>> ready_;
};

}  // namespace understudy::tools
