#include "proxy/control/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace understudy::control {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

int create_shared_memory(const std::string& name, std::size_t size) {
  const int fd = memfd_create(("understudy-" + name).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (fd < 0) fail("memfd_create");
  if (ftruncate(fd, static_cast<off_t>(size)) != 0 || fchmod(fd, 0400) != 0 ||
      fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    const int error = errno;
    close(fd);
    errno = error;
    fail("cannot make shared memory");
  }
  return fd;
}

int read_only_descriptor(int fd) {
  const int copy = open(("/proc/self/fd/" + std::to_string(fd)).c_str(), O_RDONLY | O_CLOEXEC);
  if (copy < 0) fail("cannot reopen shared memory read-only");
  return copy;
}

std::size_t size_of_memory(int fd) {
  struct stat status{};
  if (fstat(fd, &status) != 0) fail("fstat");
  return static_cast<std::size_t>(status.st_size);
}

Mapping::Mapping(int fd, std::size_t offset, std::size_t size, Access access, unsigned copies)
    : size_(size), copies_(copies) {
  // A reader that maps beyond the end would die of SIGBUS.
  if (offset + size > size_of_memory(fd)) {
    errno = EINVAL;
    fail("shared memory is smaller than expected");
  }
  const int protection = access == Access::write ? PROT_READ | PROT_WRITE : PROT_READ;
  address_ = mmap(nullptr, size * copies, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address_ == MAP_FAILED) fail("mmap");
  for (unsigned copy = 0; copy < copies; ++copy) {
    if (mmap(static_cast<char*>(address_) + copy * size, size, protection, MAP_SHARED | MAP_FIXED, fd,
             static_cast<off_t>(offset)) == MAP_FAILED) {
      const int error = errno;
      munmap(address_, size * copies);
      errno = error;
      fail("mmap of shared memory");
    }
  }
}

Mapping::Mapping(Mapping&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)), size_(other.size_), copies_(other.copies_) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(size_, other.size_);
  std::swap(copies_, other.copies_);
  return *this;
}

Mapping::~Mapping() {
  if (address_) munmap(address_, size_ * copies_);
}

}  // namespace understudy::control
