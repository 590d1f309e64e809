// Shared memory as a memfd: sealed in size, mode 0400, one writer. Read-only descriptors are made for the readers.
#pragma once

#include <cstddef>
#include <string>

namespace understudy::control {

// A descriptor of `size` zero octets (close-on-exec), writable through it. Throws std::system_error.
int create_shared_memory(const std::string& name, std::size_t size);
// A second descriptor of the same memory that can only be read. Throws std::system_error.
int read_only_descriptor(int fd);
// The memory's size in octets, as the kernel knows it.
std::size_t size_of_memory(int fd);

// A mapping of `size` octets from `offset`; unmapped at the end. `copies` = 2 maps the same octets twice in a row, so
// that a span that starts in the first copy may run on into the second.
class Mapping {
 public:
  enum class Access { read, write };
  Mapping() = default;
  Mapping(int fd, std::size_t offset, std::size_t size, Access access,
          unsigned copies = 1);  // throws std::system_error
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping();

  std::byte* data() const { return static_cast<std::byte*>(address_); }
  std::size_t size() const { return size_; }  // of one copy

 private:
  void* address_ = nullptr;
  std::size_t size_ = 0;
  unsigned copies_ = 1;
};

// A structure at the start of a shared memory.
template <class T>
class Shared {
 public:
  Shared() = default;
  Shared(int fd, Mapping::Access access) : mapping_(fd, 0, sizeof(T), access) {}
  T* get() const { return reinterpret_cast<T*>(mapping_.data()); }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }

 private:
  Mapping mapping_;
};

}  // namespace understudy::control
