// The signals that the supervisor lives by, taken in one place: blocked for good, read from a signalfd.
#pragma once

#include <set>

namespace understudy::supervisor {

class Signals {
 public:
  // SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGCHLD from here on come through wait() alone. Throws std::system_error.
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // What came within `timeout_ms`; returns at the first.
  std::multiset<int> wait(int timeout_ms) const;

 private:
  int fd_;
};

}  // namespace understudy::supervisor
