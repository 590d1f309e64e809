// One plane's process: started, stopped with patience, restarted with back-off. Times are milliseconds of
// CLOCK_MONOTONIC, handed in.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "proxy/planes.h"

namespace understudy::supervisor {

// How long to wait before a plane that died unplanned is started again: not at all the first time; while it dies again
// within ten seconds, 100 ms, doubling to five seconds.
class BackOff {
 public:
  std::int64_t delay_after_death(std::int64_t lived_ms);

 private:
  std::int64_t next_delay_ms_ = 0;
};

class Process {
 public:
  explicit Process(control::Plane plane) : plane_(plane) {}

  control::Plane plane() const { return plane_; }
  pid_t pid() const { return pid_; }  // 0 = not running
  bool running() const { return pid_ != 0; }
  bool stopping() const { return running() && planned_; }

  // Forks and executes; tried again with back-off where that fails.
  void start(const PlaneDescriptors& descriptors, std::int64_t now_ms);
  // Asks it to leave; after `patience_ms` it is killed. Nothing where it does not run.
  void stop(int signal, std::int64_t now_ms, std::int64_t patience_ms);
  // Kills it; planned as stop() is.
  void kill_now();
  // Sends a signal that does not end it. Nothing where it does not run.
  void tell(int signal) const;
  // Kills it as if it had died by itself: it will be due again.
  void kill_to_restart() const;
  // Kills what was asked to leave and has not. True: just now.
  bool enforce(std::int64_t now_ms);

  // waitpid() gave its pid. True: nobody asked for it, and it is due again only after its back-off.
  bool ended(std::int64_t now_ms);
  // Not running, and nothing is left to wait for.
  bool due(std::int64_t now_ms) const { return !running() && now_ms >= restart_at_ms_; }
  std::int64_t restart_in_ms(std::int64_t now_ms) const { return restart_at_ms_ - now_ms; }

 private:
  control::Plane plane_;
  pid_t pid_ = 0;
  bool planned_ = false;
  std::int64_t started_ms_ = 0;
  std::int64_t kill_at_ms_ = 0;  // 0 = not asked to leave
  std::int64_t restart_at_ms_ = 0;
  BackOff back_off_;
};

// Anonymous resident memory of a process in octets; 0 where it cannot be read.
std::uint64_t anonymous_memory(pid_t pid);

}  // namespace understudy::supervisor
