#include "proxy/supervisor/run_directory.h"

#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace understudy::supervisor {

const std::string& RunDirectory::path(const std::string& user) {
  if (!path_.empty()) return path_;
  const char* temporary = std::getenv("TMPDIR");
  for (std::string base : {std::string("/dev/shm"), std::string(temporary ? temporary : "/tmp")}) {
    std::string name = base + "/understudy-XXXXXX";
    if (!::mkdtemp(name.data())) continue;
    path_ = name;
    const passwd* owner = user.empty() || ::geteuid() != 0 ? nullptr : ::getpwnam(user.c_str());
    if (owner && ::chown(path_.c_str(), owner->pw_uid, owner->pw_gid) != 0) break;
    return path_;
  }
  throw std::system_error(errno, std::generic_category(),
                          "cannot make a private directory for the store; set store.path");
}

RunDirectory::~RunDirectory() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace understudy::supervisor
