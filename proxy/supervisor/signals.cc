#include "proxy/supervisor/signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace understudy::supervisor {

Signals::Signals() {
  sigset_t taken;
  sigemptyset(&taken);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD}) {
    ::signal(number, SIG_DFL);  // what somebody (nohup, a shell) had us ignore would never come
    sigaddset(&taken, number);
  }
  ::sigprocmask(SIG_BLOCK, &taken, nullptr);
  fd_ = ::signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
}

Signals::~Signals() {
  ::close(fd_);
}

std::multiset<int> Signals::wait(int timeout_ms) const {
  std::multiset<int> came;
  pollfd readable{fd_, POLLIN, 0};
  ::poll(&readable, 1, timeout_ms);
  signalfd_siginfo information;
  while (::read(fd_, &information, sizeof information) == sizeof information)
    came.insert(static_cast<int>(information.ssi_signo));
  return came;
}

}  // namespace understudy::supervisor
