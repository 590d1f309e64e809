#include "proxy/user/address_counts.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "proxy/policy/random.h"

namespace understudy::user {

AddressCounts::AddressCounts(std::uint32_t limit, std::uint64_t seed) : limit_(limit), seed_(seed) {
  if (limit != 0) counters_ = std::make_unique<std::atomic<std::uint32_t>[]>(2 * row_size);
}

AddressCounts::Counters AddressCounts::of(const net::Address& peer) const {
  std::uint64_t key = 0;
  if (peer.storage.ss_family == AF_INET) {
    key = reinterpret_cast<const sockaddr_in&>(peer.storage).sin_addr.s_addr;
  } else if (peer.storage.ss_family == AF_INET6) {
    std::memcpy(&key, &reinterpret_cast<const sockaddr_in6&>(peer.storage).sin6_addr, sizeof key);
  } else {
    return {};
  }
  if (!counters_) return {};
  const std::uint64_t hash = policy::mix(seed_ ^ policy::mix(key));
  return {&counters_[hash % row_size], &counters_[row_size + (hash >> 32) % row_size]};
}

bool AddressCounts::enter(const net::Address& peer) {
  const Counters counters = of(peer);
  if (!counters.first) return true;
  const std::uint32_t held = std::min(counters.first->fetch_add(1, std::memory_order_relaxed),
                                      counters.second->fetch_add(1, std::memory_order_relaxed));
  if (held < limit_) return true;
  leave(peer);
  return false;
}

void AddressCounts::leave(const net::Address& peer) {
  const Counters counters = of(peer);
  if (!counters.first) return;
  counters.first->fetch_sub(1, std::memory_order_relaxed);
  counters.second->fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace understudy::user
