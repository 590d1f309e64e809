// The shared memories of a program, made and written by a test in the place of supervisor and planes.
#pragma once

#include <unistd.h>

#include "proxy/admin/plane.h"
#include "proxy/control/counters.h"
#include "proxy/control/shared_memory.h"

namespace understudy::admin {

template <class T>
class SharedMemory {
 public:
  explicit SharedMemory(const char* name)
      : fd_(control::create_shared_memory(name, sizeof(T))),
        readable_(control::read_only_descriptor(fd_)),
        memory_(fd_, control::Mapping::Access::write) {}
  ~SharedMemory() {
    close(fd_);
    close(readable_);
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  T* operator->() const { return memory_.get(); }
  T& operator*() const { return *memory_; }
  int writable() const { return fd_; }
  int readable() const { return readable_; }

 private:
  int fd_;
  int readable_;
  control::Shared<T> memory_;
};

struct SharedMemories {
  SharedMemory<control::UserAccounts> user{"user"};
  SharedMemory<control::ShadowAccounts> shadow{"shadow"};
  SharedMemory<control::SupervisorAccounts> supervisor{"supervisor"};
  SharedMemory<control::Switch> mirror{"switch"};

  PlaneResources resources() const {
    PlaneResources resources;
    resources.switch_fd = mirror.writable();
    resources.slot_fds = {-1, user.readable()};
    resources.shadow_accounts_fd = shadow.readable();
    resources.supervisor_accounts_fd = supervisor.readable();
    return resources;
  }
};

}  // namespace understudy::admin
