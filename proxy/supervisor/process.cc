#include "proxy/supervisor/process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

namespace understudy::supervisor {
namespace {

constexpr std::int64_t quick_death_ms = 10'000;
constexpr std::int64_t first_delay_ms = 100;
constexpr std::int64_t longest_delay_ms = 5'000;

// What to execute to get this very program again: its path where that still leads to it, so that it stands in process
// lists and profilers can follow; else the kernel's link, which outlives a replaced or removed file.
const char* own_program(char (&path)[PATH_MAX]) {
  constexpr const char* link = "/proc/self/exe";
  const ssize_t length = ::readlink(link, path, sizeof path - 1);
  if (length <= 0) return link;
  path[length] = '\0';
  struct stat running{};
  struct stat found{};
  const int fd = ::open(link, O_RDONLY | O_CLOEXEC);
  const bool same = fd >= 0 && ::fstat(fd, &running) == 0 && ::stat(path, &found) == 0 &&
                    running.st_dev == found.st_dev && running.st_ino == found.st_ino;
  if (fd >= 0) ::close(fd);
  return same ? path : link;
}

[[noreturn]] void execute(const PlaneDescriptors& descriptors, const std::vector<std::string>& arguments) {
  // The planes keep what they were handed, and nothing that somebody let the supervisor inherit.
  ::close_range(3, ~0u, CLOSE_RANGE_CLOEXEC);
  for (const int fd : descriptors.all()) ::fcntl(fd, F_SETFD, 0);
  // SIGUSR1 waits until the plane asks for it (proxy/user/plane.cc): one that comes early must not end it.
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  char path[PATH_MAX];
  ::execv(own_program(path), pointers.data());
  ::_exit(127);
}

}  // namespace

std::int64_t BackOff::delay_after_death(std::int64_t lived_ms) {
  if (lived_ms >= quick_death_ms) next_delay_ms_ = 0;
  const std::int64_t delay = next_delay_ms_;
  next_delay_ms_ = std::clamp(2 * delay, first_delay_ms, longest_delay_ms);
  return delay;
}

void Process::start(const PlaneDescriptors& descriptors, std::int64_t now_ms) {
  const std::vector<std::string> arguments = to_arguments(descriptors);
  const pid_t child = ::fork();
  if (child == 0) execute(descriptors, arguments);
  pid_ = std::max<pid_t>(child, 0);
  planned_ = false;
  started_ms_ = now_ms;
  kill_at_ms_ = 0;
  restart_at_ms_ = child > 0 ? 0 : now_ms + longest_delay_ms;
}

void Process::stop(int signal, std::int64_t now_ms, std::int64_t patience_ms) {
  restart_at_ms_ = 0;
  if (!running()) return;
  planned_ = true;
  kill_at_ms_ = now_ms + patience_ms;
  ::kill(pid_, signal);
}

void Process::kill_now() {
  restart_at_ms_ = 0;
  planned_ = true;
  if (running()) ::kill(pid_, SIGKILL);
}

void Process::tell(int signal) const {
  if (running()) ::kill(pid_, signal);
}

void Process::kill_to_restart() const {
  if (running()) ::kill(pid_, SIGKILL);
}

bool Process::enforce(std::int64_t now_ms) {
  if (!running() || kill_at_ms_ == 0 || now_ms < kill_at_ms_) return false;
  kill_at_ms_ = 0;
  ::kill(pid_, SIGKILL);
  return true;
}

bool Process::ended(std::int64_t now_ms) {
  pid_ = 0;
  if (planned_) return false;
  restart_at_ms_ = now_ms + back_off_.delay_after_death(now_ms - started_ms_);
  return true;
}

std::uint64_t anonymous_memory(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  while (status >> word) {
    if (word == "RssAnon:") {
      std::uint64_t kibibytes = 0;
      status >> kibibytes;
      return kibibytes * 1024;
    }
    status.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return 0;
}

}  // namespace understudy::supervisor
