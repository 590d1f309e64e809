#include "proxy/supervisor/store_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace understudy::supervisor {
namespace {

constexpr off_t locked_octet = off_t{1} << 46;

bool is_same_file(int fd, const std::string& path) {
  struct stat open_one {
  }, at_path{};
  return ::fstat(fd, &open_one) == 0 && ::stat(path.c_str(), &at_path) == 0 && open_one.st_dev == at_path.st_dev &&
         open_one.st_ino == at_path.st_ino;
}

}  // namespace

StoreLock::~StoreLock() {
  release();
}

void StoreLock::release() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  path_.clear();
}

bool StoreLock::take(const std::string& path) {
  if (fd_ >= 0 && path == path_ && is_same_file(fd_, path)) return true;
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd >= 0) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = locked_octet;
    lock.l_len = 1;
    if (::fcntl(fd, F_OFD_SETLK, &lock) != 0 && (errno == EAGAIN || errno == EACCES)) {
      ::close(fd);
      return false;
    }
  }
  release();
  fd_ = fd;
  path_ = path;
  return true;
}

}  // namespace understudy::supervisor
