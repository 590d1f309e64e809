// See selftest_instance.h.
#include "proxy/commands/selftest_instance.h"

#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "proxy/supervisor.h"

namespace understudy {

SelftestInstance::SelftestInstance(const Settings& settings) {
  std::fflush(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ != 0) return;
  // Ctrl-C is for the parent, which asks for what was found before it ends this one.
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(0);
  RunOptions options;
  options.is_selftest = true;
  ::_exit(run_supervisor(settings, options));
}

SelftestInstance::~SelftestInstance() {
  if (!is_running()) return;
  stop();
  stop();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

bool SelftestInstance::is_running() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) != 0) pid_ = -1;
  return pid_ > 0;
}

void SelftestInstance::stop() {
  if (pid_ > 0) ::kill(pid_, SIGTERM);
}

std::uint16_t free_loopback_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return 0;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool good = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  return good ? ntohs(address.sin_port) : std::uint16_t{0};
}

}  // namespace understudy
