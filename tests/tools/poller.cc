#include "tests/tools/poller.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace understudy::tools {

namespace {
void control(int epoll, int operation, int fd, std::uint32_t events, Watcher* watcher) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = watcher;
  if (epoll_ctl(epoll, operation, fd, &event) != 0)
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
}
}  // namespace

Poller::Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
}

Poller::~Poller() {
  close(epoll_);
}

void Poller::add(int fd, std::uint32_t events, Watcher* watcher) {
  control(epoll_, EPOLL_CTL_ADD, fd, events, watcher);
}

void Poller::change(int fd, std::uint32_t events, Watcher* watcher) {
  control(epoll_, EPOLL_CTL_MOD, fd, events, watcher);
}

void Poller::remove(int fd, Watcher* watcher) {
  control(epoll_, EPOLL_CTL_DEL, fd, 0, watcher);
  for (auto& entry : ready_)
    if (entry.first == watcher) entry.first = nullptr;
}

void Poller::at(Clock::time_point when, std::function<void()> call) {
  timers_.emplace(when, std::move(call));
}

void Poller::turn(std::chrono::milliseconds limit) {
  if (!timers_.empty()) {
    // Rounded up, so that a timer is due when its turn comes.
    const auto until = std::chrono::ceil<std::chrono::milliseconds>(timers_.begin()->first - Clock::now());
    limit = std::clamp(until, std::chrono::milliseconds{0}, limit);
  }
  epoll_event events[256];
  const int count = epoll_wait(epoll_, events, 256, static_cast<int>(limit.count()));
  ready_.clear();
  for (int i = 0; i < count; ++i) {
    const std::uint32_t bits = events[i].events;  // a copy: the struct is packed
    ready_.emplace_back(static_cast<Watcher*>(events[i].data.ptr), bits);
  }
  for (std::size_t i = 0; i < ready_.size(); ++i)
    if (ready_[i].first != nullptr) ready_[i].first->on_events(ready_[i].second);
  ready_.clear();

  const auto now = Clock::now();
  while (!timers_.empty() && timers_.begin()->first <= now) {
    const auto call = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    call();
  }
}

}  // namespace understudy::tools
