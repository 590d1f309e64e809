// A private directory in memory for a run that keeps no store (store.path = ""): removed when the run ends.
#pragma once

#include <string>

namespace understudy::supervisor {

class RunDirectory {
 public:
  RunDirectory() = default;
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  // Its path, made at the first call: below /dev/shm, else below TMPDIR or /tmp. `user`: who owns it where the program
  // runs as root; empty = root. Throws std::system_error.
  const std::string& path(const std::string& user);

 private:
  std::string path_;
};

}  // namespace understudy::supervisor
