#include "proxy/supervisor/listeners.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "proxy/net/address.h"

namespace understudy::supervisor {
namespace {

constexpr int backlog = 4096;  // the kernel clamps it to net.core.somaxconn

std::uint16_t port_of(const net::Address& address) {
  return ntohs(address.storage.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_port
                                                     : reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
}

void set_port(net::Address& address, std::uint16_t port) {
  (address.storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port
                                         : reinterpret_cast<sockaddr_in&>(address.storage).sin_port) = htons(port);
}

// A socket file that nobody listens on any more is what a killed predecessor left.
void remove_stale_socket(const std::string& path, const net::Address& address) {
  struct stat status{};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  if (::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) != 0 && errno == ECONNREFUSED)
    ::unlink(path.c_str());
  ::close(fd);
}

// Opens `count` sockets on one address, or none. With SO_REUSEPORT a port that a stranger of the same user has opened
// in the same way would be shared with it in silence: a first socket without the option finds out.
bool open_sockets(net::Address address, unsigned count, std::vector<int>& sockets, std::string& error) {
  const bool shared = count > 1;
  if (shared && port_of(address) != 0) {
    const net::OpenedSocket probe = net::open_listener(address, false, backlog);
    if (probe.fd < 0) {
      error = probe.error;
      return false;
    }
    ::close(probe.fd);
  }
  for (unsigned i = 0; i < count; ++i) {
    const net::OpenedSocket opened = net::open_listener(address, shared, backlog);
    if (opened.fd < 0) {
      error = opened.error;
      return false;
    }
    sockets.push_back(opened.fd);
    if (address.storage.ss_family != AF_UNIX && port_of(address) == 0)
      set_port(address, port_of(net::local_address(opened.fd)));
  }
  return true;
}

}  // namespace

Listeners::~Listeners() {
  keep_only({});
}

bool Listeners::open(const std::vector<ListenAddress>& addresses, std::vector<std::string>& opened,
                     std::string& error) {
  const std::size_t before = groups_.size();
  for (const ListenAddress& address : addresses) {
    const auto same = [&address](const Group& group) { return group.address == address; };
    if (std::any_of(groups_.begin(), groups_.end(), same) || open_group(address, opened, error)) continue;
    for (std::size_t i = before; i < groups_.size(); ++i) close_group(groups_[i]);
    groups_.resize(before);
    return false;
  }
  return true;
}

bool Listeners::open_group(const ListenAddress& address, std::vector<std::string>& opened, std::string& error) {
  Group group{address, {}};
  std::string reason;
  std::vector<net::Address> found;
  if (address.unix_path.empty()) {
    found = net::resolve(address.host, address.port, reason);
  } else {
    found.push_back(net::unix_address(address.unix_path));
    remove_stale_socket(address.unix_path, found.front());
  }
  bool good = !found.empty();
  for (const net::Address& one : found) {
    const std::size_t first = group.sockets.size();
    good = good && open_sockets(one, address.unix_path.empty() ? sockets_ : 1, group.sockets, reason);
    if (good) opened.push_back(net::local_address(group.sockets[first]).text());
  }
  if (good) {
    groups_.push_back(std::move(group));
    return true;
  }
  for (const int fd : group.sockets) ::close(fd);
  error = "cannot listen on " + address.text + ": " + reason + "; free that address or configure another one";
  return false;
}

void Listeners::keep_only(const std::vector<ListenAddress>& addresses) {
  const auto gone = [&](Group& group) {
    if (std::find(addresses.begin(), addresses.end(), group.address) != addresses.end()) return false;
    close_group(group);
    return true;
  };
  groups_.erase(std::remove_if(groups_.begin(), groups_.end(), gone), groups_.end());
}

void Listeners::close_group(Group& group) {
  for (const int fd : group.sockets) ::close(fd);
  if (!group.address.unix_path.empty()) ::unlink(group.address.unix_path.c_str());
}

std::vector<int> Listeners::of_thread(const std::vector<ListenAddress>& addresses, unsigned thread,
                                      unsigned threads) const {
  std::vector<int> sockets;
  for (const Group& group : groups_) {
    if (std::find(addresses.begin(), addresses.end(), group.address) == addresses.end()) continue;
    for (std::size_t i = thread; i < group.sockets.size(); i += threads) sockets.push_back(group.sockets[i]);
  }
  return sockets;
}

}  // namespace understudy::supervisor
