// How many connections each client address holds (server.limits.connections_per_address), for all threads of the plane
// and without a lock: two rows of counters, and an address is held to the lower of its two (a count-min sketch, Cormode
// and Muthukrishnan 2005). Two addresses may share a counter, so that one of many is held to less than it may have;
// none ever has more.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "proxy/net/stream.h"

namespace understudy::user {

class AddressCounts {
 public:
  // `limit` 0: everybody may have as many as there are. `seed`: random, so that nobody can choose whom to collide with.
  AddressCounts(std::uint32_t limit, std::uint64_t seed);

  // One connection more. False: the address holds as many as it may; it is not counted. Of IPv6 the first 64 bits
  // count, which is what one subscriber is given. Connections of unix sockets are not counted.
  bool enter(const net::Address& peer);
  void leave(const net::Address& peer);

 private:
  static constexpr std::size_t row_size = 1 << 16;
  struct Counters {
    std::atomic<std::uint32_t>* first = nullptr;  // null: not counted
    std::atomic<std::uint32_t>* second = nullptr;
  };
  Counters of(const net::Address& peer) const;

  std::uint32_t limit_;
  std::uint64_t seed_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> counters_;
};

}  // namespace understudy::user
