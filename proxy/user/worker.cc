#include "proxy/user/worker.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <functional>
#include <utility>

#include "proxy/user/session.h"
#include "proxy/user/tunnel.h"

namespace understudy::user {
namespace {

constexpr std::size_t kept_workspaces = 1024;
constexpr std::int64_t sweep_interval_ms = 1'000;
// While draining, a connection that has been quiet for so long is closed.
constexpr std::int64_t drain_quiet_ms = 500;
constexpr net::Milliseconds accept_pause{100};
// What a connection costs beside its buffers: coroutines, session, channel (rounded up from what bench/run limits
// shows).
constexpr std::size_t session_octets = 8 * 1024;
constexpr std::int64_t untold_memory = 64 * 1024;

std::uint64_t seed() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_nsec) ^ static_cast<std::uint64_t>(now.tv_sec) << 32 ^
         static_cast<std::uint64_t>(getpid()) << 16;
}

// What mirror.sticky tells users apart by; empty where the request does not say.
std::string_view user_of(const http::RequestHead& head, const StickyKey& key) {
  if (key.kind == StickyKey::Kind::none) return {};
  if (key.kind == StickyKey::Kind::cookie) return http::find_cookie(head.fields, key.name);
  const http::Field* field = http::find_field(head.fields, key.name);
  return field ? field->value : std::string_view();
}

}  // namespace

Worker::Worker(PlaneShared& shared, const ThreadResources& resources, unsigned index)
    : shared_(shared),
      index_(index),
      ring_(resources.slot_fd, shared.shadow.readers[resources.slot]),
      pool_(loop_, shared.settings.primary, shared.addresses, shared.primary_connections, ring_.accounts(),
            shared.primary_tls),
      random_(seed() + index),
      formatter_(shared.log.json()) {
  for (const int fd : resources.listeners) listeners_.push_back(std::make_unique<net::Listener>(loop_, fd));
  accounts().pid.store(static_cast<std::uint64_t>(getpid()), std::memory_order_relaxed);
  // A predecessor that was killed took its connections along.
  count_all_as_closed();
  max_sessions_ = std::max(1u, shared.settings.server.max_connections / std::max(1u, shared.threads));
}

Worker::~Worker() = default;

void Worker::run() {
  loop_.on_tick([this] { on_tick(); });
  for (const auto& listener : listeners_) loop_.spawn(accept_from(*listener));
  loop_.run();
  // What a drain left open ends with this thread.
  count_all_as_closed();
}

void Worker::count_all_as_closed() {
  accounts().connections_closed.store(control::get(accounts().connections_opened), std::memory_order_relaxed);
  accounts().tunnels_closed.store(control::get(accounts().tunnels_opened), std::memory_order_relaxed);
}

net::Task<void> Worker::accept_from(net::Listener& listener) {
  for (;;) {
    co_await listener.ready();
    // Asked when somebody is there, for each listener waits by itself, and others may have taken the last place.
    while (!has_room()) {
      co_await loop_.sleep(accept_pause);
    }
    const net::Listener::Accepted accepted = listener.accept_now();
    if (accepted.error == EAGAIN) continue;
    if (accepted.error == ECANCELED) break;
    if (accepted.error != 0) {
      // No descriptors or no memory: those who are here go on, those who knock wait.
      co_await loop_.sleep(accept_pause);
      continue;
    }
    if (!shared_.connections_of_address.enter(accepted.peer)) {
      control::add(accounts().connections_refused);
      net::Stream(loop_, accepted.fd).reset();
      continue;
    }
    ++sessions_;
    control::add(accounts().connections_opened);
    loop_.spawn(run_session(accepted.fd, accepted.peer));
  }
  listener.close();
}

net::Task<void> Worker::run_session(int fd, net::Address peer) {
  Session session(*this, net::Stream(loop_, fd), peer);
  co_await session.run();
  --sessions_;
  shared_.connections_of_address.leave(peer);
  control::add(accounts().connections_closed);
}

bool Worker::has_room() {
  if (draining_) return true;
  return sessions_ < max_sessions_ && memory_eighths() < 8;
}

bool Worker::has_memory_for_copies() {
  return memory_eighths() < 7;
}

bool Worker::is_short_of_memory() {
  return memory_eighths() >= 4;
}

std::int64_t Worker::own_memory() const {
  return static_cast<std::int64_t>(http::Buffer::octets_of_thread() + sessions_ * session_octets);
}

void Worker::tell_memory() {
  const std::int64_t own = own_memory();
  shared_.memory.fetch_add(own - told_memory_, std::memory_order_relaxed);
  told_memory_ = own;
}

// How much of server.limits.memory the plane holds. The others' share is as they last told: they do so when it has
// changed by more than a little, and on every tick.
std::uint64_t Worker::memory_eighths() {
  const std::int64_t own = own_memory();
  if (std::abs(own - told_memory_) > untold_memory) tell_memory();
  const std::int64_t all = shared_.memory.load(std::memory_order_relaxed) - told_memory_ + own;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(all, 0)) * 8 / settings().server.max_memory;
}

policy::Selection Worker::select(const http::RequestHead& head) {
  const control::Switch& page = shared_.mirror_switch;
  policy::MirrorSwitch state{settings().mirror.enabled, settings().mirror.percent};
  if (control::get(page.enabled_set)) state.enabled = control::get(page.off) == 0;
  if (control::get(page.percent_set)) state.percent = static_cast<double>(control::get(page.percent_micros)) / 1e6;
  if (!state.enabled || head.websocket) return {};  // a tunnel has no copy
  const MirrorSettings& mirror = settings().mirror;
  const bool has_marker = !mirror.marker.empty() && http::find_field(head.fields, mirror.marker) != nullptr;
  const policy::Asked asked{head.method, http::path_of(head.target), has_marker, user_of(head, mirror.sticky)};
  const policy::Selection selection = shared_.rules.decide(asked, state, loop_.now_ns(), random_);
  if (selection.kind == policy::Selection::Kind::held_out) control::add(accounts().heldout);
  return selection;
}

std::unique_ptr<Workspace> Worker::take_workspace() {
  if (workspaces_.empty()) return std::make_unique<Workspace>();
  std::unique_ptr<Workspace> workspace = std::move(workspaces_.back());
  workspaces_.pop_back();
  return workspace;
}

void Worker::give_back(std::unique_ptr<Workspace> workspace) {
  workspace->from_client.clear();
  workspace->clear();
  if (workspaces_.size() < kept_workspaces) workspaces_.push_back(std::move(workspace));
}

void Worker::log(const AccessRecord& record) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  const std::string_view line =
      formatter_.format(record, static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000);
  if (!shared_.log.ring(index_).put(line)) control::add(accounts().log_dropped);
}

// Where requests wait because all connections to the primary are in use: those whose clients have kept them waiting for
// longest are freed.
void Worker::take_back_primaries() {
  if (!pool_.is_short()) return;
  std::vector<std::pair<net::Milliseconds, Session*>> slow;
  for (Session* session = busy_; session; session = session->link_.next) {
    const net::Milliseconds waited = session->kept_waiting();
    if (waited >= free_wait) slow.emplace_back(waited, session);
  }
  std::sort(slow.begin(), slow.end(), std::greater());
  for (const auto& [waited, session] : slow) {
    if (!pool_.claim_wanted()) break;
    session->take_back_primary();
  }
}

// --- Drain
// -------------------------------------------------------------------------------------------------------------------------------

void Worker::enter_idle(Session& session) {
  session.idle_since_ms_ = loop_.now_ms();
  enter_list(idle_, session, &Session::link_);
}

void Worker::leave_idle(Session& session) {
  leave_list(idle_, session, &Session::link_);
}

void Worker::enter_busy(Session& session) {
  enter_list(busy_, session, &Session::link_);
}

void Worker::leave_busy(Session& session) {
  leave_list(busy_, session, &Session::link_);
}

void Worker::enter_tunnel(Tunnel& tunnel) {
  control::add(accounts().tunnels_opened);
  enter_list(tunnels_, tunnel, &Tunnel::link_);
}

void Worker::leave_tunnel(Tunnel& tunnel) {
  control::add(accounts().tunnels_closed);
  leave_list(tunnels_, tunnel, &Tunnel::link_);
}

void Worker::on_tick() {
  const std::int64_t now = loop_.now_ms();
  control::UserAccounts& counters = accounts();
  counters.recv_calls.store(loop_.calls.recv, std::memory_order_relaxed);
  counters.send_calls.store(loop_.calls.send, std::memory_order_relaxed);
  counters.again_calls.store(loop_.calls.again, std::memory_order_relaxed);
  if (is_short_of_memory()) workspaces_.clear();
  tell_memory();
  pool_.yield_idle();
  take_back_primaries();
  if (now >= next_sweep_ms_) {
    next_sweep_ms_ = now + sweep_interval_ms;
    pool_.sweep();
  }
  if (shared_.abandoned.load(std::memory_order_relaxed)) loop_.request_stop();
  if (!shared_.draining.load(std::memory_order_relaxed)) return;
  if (!draining_) begin_drain();
  // Under way, responses say "Connection: close"; a quiet connection is ended once it has been quiet for a while, so
  // that a request which is already on its way is still answered.
  for (Session* session = idle_; session; session = session->link_.next) {
    if (now - std::max(session->idle_since_ms_, drain_began_ms_) >= drain_quiet_ms) session->client_.fail(ECANCELED);
  }
  if (now - drain_began_ms_ <= settings().server.drain.count()) return;
  // Tunnels first, so that they are counted and logged; the rest on the next tick.
  if (!tunnels_) loop_.request_stop();
  for (Tunnel* tunnel = tunnels_; tunnel; tunnel = tunnel->link_.next) tunnel->break_off();
}

// Connections that the kernel has accepted for us are still taken; then the listeners go.
void Worker::begin_drain() {
  draining_ = true;
  drain_began_ms_ = loop_.now_ms();
  for (const auto& listener : listeners_) listener->stop_when_empty();
  pool_.close_idle();
  pool_.stop();
}

}  // namespace understudy::user
