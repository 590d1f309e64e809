// One instance to a store: held by the supervisor for its whole life, so that no restart of a shadow plane opens a gap
// in which another instance takes the store over. Main thread.
//
// A lock of the open file description on an octet far behind the file's end, which SQLite never touches; it is gone
// with the process, however that ends.
#pragma once

#include <string>

namespace understudy::supervisor {

class StoreLock {
 public:
  StoreLock() = default;
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

  // In the place of the one that is held. False: another instance has it. What cannot be opened is nobody's: true.
  bool take(const std::string& path);

 private:
  void release();

  std::string path_;
  int fd_ = -1;
};

}  // namespace understudy::supervisor
