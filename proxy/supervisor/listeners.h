// The users' listening sockets: per address a fixed number of SO_REUSEPORT sockets, opened once and never closed while
// the address is configured, whatever the number of threads: worker k of T serves those with i mod T = k, so that a
// reload orphans no connection that the kernel has already put into the queue of one of them. The admin listener is a
// group of one.
#pragma once

#include <string>
#include <vector>

#include "proxy/settings.h"

namespace understudy::supervisor {

class Listeners {
 public:
  // Divisible by 1, 2, 3, 4, 6, 8 and 12; more threads than this are not started.
  static constexpr unsigned sockets_per_address = 24;

  explicit Listeners(unsigned sockets) : sockets_(sockets) {}
  ~Listeners();
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  // Opens every address that is not open yet. Where one cannot be opened nothing changes, and `error` says which, why
  // and what to do. `opened` gets the new addresses as the kernel knows them (port 0 becomes the port it gave).
  bool open(const std::vector<ListenAddress>& addresses, std::vector<std::string>& opened, std::string& error);
  // Closes what `addresses` no longer name.
  void keep_only(const std::vector<ListenAddress>& addresses);

  // What thread `thread` of `threads` serves.
  std::vector<int> of_thread(const std::vector<ListenAddress>& addresses, unsigned thread, unsigned threads) const;

 private:
  // One configured address; a name may stand for several addresses of the kernel's.
  struct Group {
    ListenAddress address;
    std::vector<int> sockets;
  };
  bool open_group(const ListenAddress& address, std::vector<std::string>& opened, std::string& error);
  void close_group(Group& group);

  unsigned sockets_;
  std::vector<Group> groups_;
};

}  // namespace understudy::supervisor
