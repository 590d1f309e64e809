// Connections of one thread to the primary: kept alive between exchanges, opened on demand, at most so many for the
// whole plane.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/control/counters.h"
#include "proxy/net/stream.h"
#include "proxy/settings.h"

namespace understudy::user {

// Where the primary is, for all threads of the plane: the last good answer of the resolver.
class PrimaryAddresses {
 public:
  // Resolves once, blocking; without an answer the list is empty until a later refresh brings one.
  explicit PrimaryAddresses(const Url& url);
  // Asks again; keeps the last good answer where there is none. Called from a thread of its own. True if the list
  // changed.
  bool refresh();
  bool is_literal() const { return literal_; }

  const std::vector<net::Address>& current() const { return *current_.load(std::memory_order_acquire); }

 private:
  Url url_;
  bool literal_ = false;
  std::vector<std::unique_ptr<const std::vector<net::Address>>>
      all_;  // every list ever published: readers hold no lock
  std::atomic<const std::vector<net::Address>*> current_;
};

struct PrimaryConnection {
  net::Stream stream;
  bool reused = false;  // has carried an exchange before: it may have gone stale
  std::int64_t idle_since_ms = 0;
};

// Of all threads.
struct PrimaryConnectionCounts {
  std::atomic<std::uint32_t> open{0};
  std::atomic<std::uint32_t> waiting{0};  // for one that may be idle in another thread
};

class PrimaryPool {
 public:
  PrimaryPool(net::Loop& loop, const UpstreamSettings& settings, const PrimaryAddresses& addresses,
              PrimaryConnectionCounts& counts, control::UserAccounts& accounts);

  enum class Failure { none, refused, timed_out, exhausted };  // exhausted: of connections or of descriptors
  struct Acquired {
    std::unique_ptr<PrimaryConnection> connection;
    Failure failure = Failure::none;
  };
  // A kept connection, or null. `certain`: the kernel is asked whether it is still good (for requests that cannot be
  // repeated).
  std::unique_ptr<PrimaryConnection> take_idle(bool certain);
  // A fresh connection; tries the primary's addresses in turn. Where there are as many as may be, it waits for what
  // other threads keep idle.
  net::Task<Acquired> connect();

  void give_back(std::unique_ptr<PrimaryConnection> connection);
  void discard(std::unique_ptr<PrimaryConnection> connection);
  // Closes what idled too long or was closed by the primary. Called once in a while.
  void sweep();
  void close_idle();
  // Closes what is idle while another thread waits for it. Called on every tick.
  void yield_idle();

 private:
  bool reserve();

  net::Loop& loop_;
  const UpstreamSettings& settings_;
  const PrimaryAddresses& addresses_;
  PrimaryConnectionCounts& counts_;
  control::UserAccounts& accounts_;
  std::vector<std::unique_ptr<PrimaryConnection>> idle_;  // the warmest last
  std::size_t next_address_ = 0;
};

}  // namespace understudy::user
