// One thread of the user plane and its whole world: loop, listeners, connections to the primary, slot of the tap,
// counters, log ring. Nothing here is shared with another thread except through PlaneShared, whose members are
// read-only or single relaxed atomics.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "proxy/control/counters.h"
#include "proxy/control/shared_memory.h"
#include "proxy/net/stream.h"
#include "proxy/policy/selection.h"
#include "proxy/settings.h"
#include "proxy/tap/ring.h"
#include "proxy/user/access_log.h"
#include "proxy/user/address_counts.h"
#include "proxy/user/plane.h"
#include "proxy/user/primary_pool.h"
#include "proxy/user/workspace.h"

namespace understudy::user {

// What all threads of the plane see.
struct PlaneShared {
  const Settings& settings;
  const control::ShadowAccounts& shadow;
  const control::Switch& mirror_switch;
  PrimaryAddresses& addresses;
  policy::MirrorRules& rules;
  AccessLog& log;
  AddressCounts& connections_of_address;
  unsigned threads;
  PrimaryConnectionCounts primary_connections;
  const net::TlsClient* primary_tls;    // null for http
  std::atomic<std::int64_t> memory{0};  // octets, as the threads last told
  const std::atomic<bool>& draining;    // set once, by SIGTERM
  std::atomic<bool> abandoned{false};   // the supervisor is gone: leave at once
};

class Session;
class Tunnel;

class Worker {
 public:
  Worker(PlaneShared& shared, const ThreadResources& resources, unsigned index);
  ~Worker();

  // Serves until the plane drains and every session has ended, or the drain time is over.
  void run();

  // --- for sessions ---
  net::Loop& loop() { return loop_; }
  const Settings& settings() const { return shared_.settings; }
  control::UserAccounts& accounts() { return ring_.accounts(); }
  tap::RingWriter& ring() { return ring_; }
  PrimaryPool& pool() { return pool_; }
  bool draining() const { return draining_; }
  std::int64_t drain_began_ms() const { return drain_began_ms_; }
  std::uint64_t next_connection_id() { return ++connection_ids_; }

  // What the rules and the switch say of this request; counts what is held out.
  policy::Selection select(const http::RequestHead& head);
  // Near server.limits.memory copies are given up before users are kept waiting.
  bool has_memory_for_copies();
  // From half of it on buffers are to stay small.
  bool is_short_of_memory();

  std::unique_ptr<Workspace> take_workspace();
  void give_back(std::unique_ptr<Workspace> workspace);

  bool logs() const { return shared_.log.enabled(); }
  void log(const AccessRecord& record);

  // Sessions that wait for a request; drained ones are told here.
  void enter_idle(Session& session);
  void leave_idle(Session& session);
  // Sessions with an exchange under way.
  void enter_busy(Session& session);
  void leave_busy(Session& session);
  // Tunnels, which are broken off where a drain has lasted long enough.
  void enter_tunnel(Tunnel& tunnel);
  void leave_tunnel(Tunnel& tunnel);

 private:
  net::Task<void> accept_from(net::Listener& listener);
  net::Task<void> run_session(int fd, net::Address peer);
  void count_all_as_closed();
  void take_back_primaries();
  void on_tick();
  void begin_drain();
  bool has_room();
  void tell_memory();
  std::int64_t own_memory() const;
  std::uint64_t memory_eighths();

  PlaneShared& shared_;
  unsigned index_;
  net::Loop loop_;
  tap::RingWriter ring_;
  PrimaryPool pool_;
  policy::Random random_;
  AccessLogFormatter formatter_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::vector<std::unique_ptr<Workspace>> workspaces_;
  Session* idle_ = nullptr;
  Session* busy_ = nullptr;
  Tunnel* tunnels_ = nullptr;
  std::uint64_t connection_ids_ = 0;
  std::uint32_t sessions_ = 0;
  std::uint32_t max_sessions_ = 0;
  std::int64_t told_memory_ = 0;  // is in PlaneShared::memory
  bool draining_ = false;
  std::int64_t drain_began_ms_ = 0;
  std::int64_t next_sweep_ms_ = 0;
};

}  // namespace understudy::user
