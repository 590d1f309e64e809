#include "proxy/user/worker.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "proxy/user/session.h"

namespace understudy::user {
namespace {

constexpr std::size_t kept_workspaces = 1024;
constexpr std::int64_t sweep_interval_ms = 1'000;
// While draining, a connection that has been quiet for so long is closed.
constexpr std::int64_t drain_quiet_ms = 500;
constexpr net::Milliseconds accept_pause{100};

std::uint64_t seed() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_nsec) ^ static_cast<std::uint64_t>(now.tv_sec) << 32 ^
         static_cast<std::uint64_t>(getpid()) << 16;
}

}  // namespace

Worker::Worker(PlaneShared& shared, const ThreadResources& resources, unsigned index)
    : shared_(shared),
      index_(index),
      ring_(resources.slot_fd, shared.shadow.readers[resources.slot]),
      pool_(loop_, shared.settings.primary, shared.addresses, shared.primary_connections, ring_.accounts()),
      random_(seed() + index),
      formatter_(shared.log.json()) {
  for (const int fd : resources.listeners) listeners_.push_back(std::make_unique<net::Listener>(loop_, fd));
  accounts().pid.store(static_cast<std::uint64_t>(getpid()), std::memory_order_relaxed);
  // A predecessor that was killed took its connections along.
  accounts().connections_closed.store(control::get(accounts().connections_opened), std::memory_order_relaxed);
  max_sessions_ = std::max(1u, shared.settings.server.max_connections / std::max(1u, shared.threads));
}

Worker::~Worker() = default;

void Worker::run() {
  loop_.on_tick([this] { on_tick(); });
  for (const auto& listener : listeners_) loop_.spawn(accept_from(*listener));
  loop_.run();
}

net::Task<void> Worker::accept_from(net::Listener& listener) {
  for (;;) {
    while (!has_room()) {
      co_await loop_.sleep(accept_pause);
    }
    const net::Listener::Accepted accepted = co_await listener.accept();
    if (accepted.error == ECANCELED) break;
    if (accepted.error != 0) {
      // No descriptors or no memory: those who are here go on, those who knock wait.
      co_await loop_.sleep(accept_pause);
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
  control::add(accounts().connections_closed);
}

bool Worker::has_room() const {
  return sessions_ < max_sessions_ || draining_;
}

policy::Selection Worker::select(std::string_view method, std::string_view path, bool has_marker) {
  const control::Switch& page = shared_.mirror_switch;
  policy::MirrorSwitch state{settings().mirror.enabled, settings().mirror.percent};
  if (control::get(page.enabled_set)) state.enabled = control::get(page.off) == 0;
  if (control::get(page.percent_set)) state.percent = static_cast<double>(control::get(page.percent_micros)) / 1e6;
  const policy::Selection selection = shared_.rules.decide(method, path, has_marker, state, loop_.now_ns(), random_);
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

// --- Drain
// -------------------------------------------------------------------------------------------------------------------------------

void Worker::enter_idle(Session& session) {
  session.idle_since_ms_ = loop_.now_ms();
  session.idle_previous_ = nullptr;
  session.idle_next_ = idle_;
  if (idle_) idle_->idle_previous_ = &session;
  idle_ = &session;
}

void Worker::leave_idle(Session& session) {
  (session.idle_previous_ ? session.idle_previous_->idle_next_ : idle_) = session.idle_next_;
  if (session.idle_next_) session.idle_next_->idle_previous_ = session.idle_previous_;
}

void Worker::on_tick() {
  const std::int64_t now = loop_.now_ms();
  control::UserAccounts& counters = accounts();
  counters.recv_calls.store(loop_.calls.recv, std::memory_order_relaxed);
  counters.send_calls.store(loop_.calls.send, std::memory_order_relaxed);
  counters.again_calls.store(loop_.calls.again, std::memory_order_relaxed);
  pool_.yield_idle();
  if (now >= next_sweep_ms_) {
    next_sweep_ms_ = now + sweep_interval_ms;
    pool_.sweep();
  }
  if (shared_.abandoned.load(std::memory_order_relaxed)) loop_.request_stop();
  if (!shared_.draining.load(std::memory_order_relaxed)) return;
  if (!draining_) begin_drain();
  // Under way, responses say "Connection: close"; a quiet connection is ended once it has been quiet for a while, so
  // that a request which is already on its way is still answered.
  for (Session* session = idle_; session; session = session->idle_next_) {
    if (now - std::max(session->idle_since_ms_, drain_began_ms_) >= drain_quiet_ms) session->client_.fail(ECANCELED);
  }
  if (now - drain_began_ms_ > settings().server.drain.count()) loop_.request_stop();
}

// Connections that the kernel has accepted for us are still taken; then the listeners go.
void Worker::begin_drain() {
  draining_ = true;
  drain_began_ms_ = loop_.now_ms();
  for (const auto& listener : listeners_) listener->stop_when_empty();
  pool_.close_idle();
}

}  // namespace understudy::user
