// Connections of one thread to the primary: kept alive between exchanges, opened on demand, at most so many for the
// whole plane. Where the primary has several addresses, requests go to them in turn; one that takes no connection is
// set aside until a probe does get one.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/control/counters.h"
#include "proxy/net/stream.h"
#include "proxy/net/tls.h"
#include "proxy/settings.h"
#include "proxy/user/primary_addresses.h"

namespace understudy::user {

struct PrimaryConnection {
  net::Stream stream;
  PrimaryAddress* address = nullptr;
  bool reused = false;  // has carried an exchange before: it may have gone stale
  std::int64_t idle_since_ms = 0;
};

// Of all threads.
struct PrimaryConnectionCounts {
  std::atomic<std::uint32_t> open{0};
  std::atomic<std::uint32_t> waiting{0};  // for one that may be idle in another thread
  // Those that wait in vain ask for one that a slow client keeps: how often they have, and how many of these asks, from
  // the first on, have been heard or are over.
  std::atomic<std::uint64_t> asked{0};
  std::atomic<std::uint64_t> heard{0};
};

class PrimaryPool {
 public:
  PrimaryPool(net::Loop& loop, const UpstreamSettings& settings, const PrimaryAddresses& addresses,
              PrimaryConnectionCounts& counts, control::UserAccounts& accounts, const net::TlsClient* tls = nullptr);

  enum class Failure { none, refused, timed_out, tls, exhausted };  // exhausted: of connections or of descriptors
  struct Acquired {
    std::unique_ptr<PrimaryConnection> connection;
    Failure failure = Failure::none;
    control::FailReason reason() const;  // of a failure
  };
  // A kept connection to the address whose turn it is, or null. `certain`: the kernel is asked whether it is still good
  // (for requests that cannot be repeated).
  std::unique_ptr<PrimaryConnection> take_idle(bool certain);
  // A fresh connection; tries the addresses from the one whose turn it is. Where there are as many as may be, it waits
  // for what other threads keep idle.
  net::Task<Acquired> connect();

  void give_back(std::unique_ptr<PrimaryConnection> connection);
  // For a tunnel: the connection is no longer one of those that requests share.
  net::Stream detach(std::unique_ptr<PrimaryConnection> connection);
  void discard(std::unique_ptr<PrimaryConnection> connection);
  // Closes what idled too long, was closed by the primary, or leads where the primary's name no longer does. Called
  // once in a while.
  void sweep();
  void close_idle();
  // No more probes: they would hold up the end of the loop. One that is under way does so for a second at most.
  void stop() { stopping_ = true; }
  // Closes what is idle while another thread waits for it. Called on every tick.
  void yield_idle();
  // Connections are wanted that slow clients keep.
  bool is_short() const {
    return counts_.heard.load(std::memory_order_relaxed) < counts_.asked.load(std::memory_order_relaxed);
  }
  // True: one of them, if there is one, is now this thread's to take back.
  bool claim_wanted();

 private:
  bool reserve();
  bool reserve_or_replace();
  void hear_up_to(std::uint64_t count);
  std::size_t in_turn(const PrimaryAddresses::List& list) const;
  bool leads_to_primary(const PrimaryAddress& address) const;
  void set_aside(PrimaryAddress& address);
  net::Task<void> probe(PrimaryAddress& address);

  net::Loop& loop_;
  const UpstreamSettings& settings_;
  const PrimaryAddresses& addresses_;
  PrimaryConnectionCounts& counts_;
  control::UserAccounts& accounts_;
  const net::TlsClient* tls_;                             // null for http
  std::vector<std::unique_ptr<PrimaryConnection>> idle_;  // the warmest last
  std::size_t turn_ = 0;                                  // which address comes next
  bool stopping_ = false;
};

}  // namespace understudy::user
