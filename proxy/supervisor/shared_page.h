// A structure in shared memory as the supervisor holds it: mapped, with a descriptor for its writer and one for its
// readers.
#pragma once

#include <unistd.h>

#include <string>

#include "proxy/control/shared_memory.h"

namespace understudy::supervisor {

template <class T>
class SharedPage {
 public:
  // `size` may be larger than T: what follows belongs to the writer. Throws std::system_error.
  explicit SharedPage(const std::string& name, std::size_t size = sizeof(T))
      : writable_(control::create_shared_memory(name, size)),
        readable_(control::read_only_descriptor(writable_)),
        page_(writable_, control::Mapping::Access::write) {}
  ~SharedPage() {
    ::close(writable_);
    ::close(readable_);
  }
  SharedPage(const SharedPage&) = delete;
  SharedPage& operator=(const SharedPage&) = delete;

  int writable() const { return writable_; }
  int readable() const { return readable_; }
  T& operator*() const { return *page_; }
  T* operator->() const { return page_.get(); }

 private:
  int writable_;
  int readable_;
  control::Shared<T> page_;
};

}  // namespace understudy::supervisor
