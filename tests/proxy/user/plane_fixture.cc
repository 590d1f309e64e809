#include "tests/proxy/user/plane_fixture.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "proxy/net/address.h"
#include "proxy/user/plane.h"

namespace understudy::test {
namespace {

constexpr int patience_ms = 20'000;
constexpr unsigned plane_threads = 2;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Socket Socket::connect_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return Socket(-1);
  }
  return Socket(fd);
}

void Socket::send(std::string_view octets) {
  while (!octets.empty()) {
    const ssize_t n = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    octets.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool Socket::fill() {
  pollfd waiting{fd_, POLLIN, 0};
  if (::poll(&waiting, 1, patience_ms) <= 0) {
    ADD_FAILURE() << "nothing came";
    return false;
  }
  char octets[65536];
  const ssize_t n = ::recv(fd_, octets, sizeof octets, 0);
  if (n < 0) was_reset_ = true;
  if (n <= 0) return false;
  held_.append(octets, static_cast<std::size_t>(n));
  return true;
}

std::string Socket::read_until(std::string_view mark) {
  for (;;) {
    const std::size_t at = held_.find(mark);
    if (at != std::string::npos) {
      std::string found = held_.substr(0, at + mark.size());
      held_.erase(0, at + mark.size());
      return found;
    }
    if (!fill()) return {};
  }
}

std::string Socket::read_exactly(std::size_t size) {
  while (held_.size() < size && fill()) {
  }
  std::string found = held_.substr(0, size);
  held_.erase(0, found.size());
  return found;
}

std::string Socket::read_at_once() {
  char octets[65536];
  const ssize_t n = ::recv(fd_, octets, sizeof octets, MSG_DONTWAIT);
  if (n > 0) held_.append(octets, static_cast<std::size_t>(n));
  return std::exchange(held_, {});
}

std::string Socket::read_all(bool* reset) {
  while (fill()) {
  }
  if (reset) *reset = was_reset_;
  return std::exchange(held_, {});
}

void Socket::shutdown_write() {
  ::shutdown(fd_, SHUT_WR);
}

void Socket::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void Socket::reset() {
  const linger abort{1, 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
  close();
}

Origin::Origin() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  EXPECT_EQ(::bind(fd_, reinterpret_cast<const sockaddr*>(&address), size), 0);
  EXPECT_EQ(::listen(fd_, 128), 0);
  ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_all(); });
}

Origin::~Origin() {
  stop_listening();
  for (std::thread& player : players_) player.join();
}

void Origin::stop_listening() {
  if (!acceptor_.joinable()) return;
  ::shutdown(fd_, SHUT_RDWR);
  acceptor_.join();
  ::close(fd_);
}

void Origin::accept_all() {
  for (;;) {
    const int fd = ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int number = connections_++;
    players_.emplace_back([this, fd, number] {
      Socket socket(fd);
      script_(socket, number);
    });
  }
}

UserPlane::UserPlane() {
  settings.primary.url.host = "127.0.0.1";
  settings.primary.url.port = origin.port();
  settings.primary.url.authority = "127.0.0.1:" + std::to_string(origin.port());
  settings.mirror.holdout = 0;
}

void UserPlane::start() {
  shadow_fd_ = control::create_shared_memory("shadow", sizeof(control::ShadowAccounts));
  switch_fd_ = control::create_shared_memory("switch", sizeof(control::Switch));
  shadow = std::make_unique<control::Shared<control::ShadowAccounts>>(shadow_fd_, control::Mapping::Access::write);
  ASSERT_EQ(::pipe(lifeline_), 0);
  user::PlaneResources resources;
  resources.shadow_accounts_fd = shadow_fd_;
  resources.switch_fd = switch_fd_;
  resources.lifeline_fd = lifeline_[0];
  std::string error;
  net::Address address = net::resolve("127.0.0.1", 0, error).at(0);
  for (unsigned i = 0; i < plane_threads; ++i) {
    const net::OpenedSocket listener = net::open_listener(address, true, 128);
    ASSERT_GE(listener.fd, 0) << listener.error;
    address = net::local_address(listener.fd);
    port_ = ntohs(reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
    slot_fds_.push_back(control::create_shared_memory("slot", tap::slot_memory_size(tap::ring_capacity(ring_octets))));
    resources.threads.push_back({{listener.fd}, slot_fds_.back(), i});
    readers_.push_back(std::make_unique<tap::RingReader>(slot_fds_.back(), (*shadow)->readers[i]));
  }
  plane_ = std::thread([settings = settings, resources] { user::run_user_plane(settings, resources); });
}

UserPlane::~UserPlane() {
  if (plane_.joinable()) drain();
  wait_for_end();
  for (const int fd : {shadow_fd_, switch_fd_, lifeline_[0], lifeline_[1]}) {
    if (fd >= 0) ::close(fd);
  }
  for (const int fd : slot_fds_) ::close(fd);
}

void UserPlane::drain() {
  ::raise(SIGTERM);
}

void UserPlane::wait_for_end() {
  if (plane_.joinable()) plane_.join();
}

std::string UserPlane::ask(const std::string& request) {
  Socket socket = client();
  socket.send(request);
  return socket.read_all();
}

std::vector<TapFrame> UserPlane::read_exchange() {
  std::vector<TapFrame> frames;
  const std::int64_t give_up = net::Loop::clock_ns() + patience_ms * 1'000'000ll;
  while (net::Loop::clock_ns() < give_up) {
    for (const auto& reader : readers_) {
      tap::FrameView view;
      while (reader->peek(view) == tap::RingReader::State::frame) {
        reader->claim(view);
        frames.push_back({view.type, view.exchange,
                          std::string(reinterpret_cast<const char*>(view.payload.data()), view.payload.size())});
        reader->release(view);
        if (view.type == tap::FrameType::end || view.type == tap::FrameType::abandon) return frames;
      }
    }
    std::this_thread::yield();
  }
  ADD_FAILURE() << "no exchange came to its end";
  return frames;
}

std::uint64_t UserPlane::sum(const std::function<std::uint64_t(const control::UserAccounts&)>& of) const {
  std::uint64_t total = 0;
  for (const auto& reader : readers_) total += of(reader->accounts());
  return total;
}

}  // namespace understudy::test
