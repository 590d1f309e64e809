// An instance of this program beside the command that needs one for a while: forked off, and ended by a signal. Posix
// calls alone. Caller: selftest.cc, on its one thread.
#pragma once

#include <sys/types.h>

#include "proxy/settings.h"

namespace understudy {

class SelftestInstance {
 public:
  // Runs the supervisor in a child process, which ends with this one.
  explicit SelftestInstance(const Settings& settings);
  // Ends it, at once if it still runs.
  ~SelftestInstance();
  SelftestInstance(const SelftestInstance&) = delete;
  SelftestInstance& operator=(const SelftestInstance&) = delete;

  bool is_running();
  // Asks it to leave as a service manager does: users' requests are finished. A second time: it leaves at once.
  void stop();

 private:
  pid_t pid_ = -1;
};

// A port of 127.0.0.1 that nobody listens on; 0 if there is none.
std::uint16_t free_loopback_port();

}  // namespace understudy
