#include "proxy/user/plane.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <random>
#include <thread>

#include "proxy/user/worker.h"

namespace understudy::user {
namespace {

constexpr int watch_interval_ms = 100;
constexpr std::chrono::seconds resolve_interval{5};
constexpr std::chrono::seconds resolve_patience{1};  // at the start; then users are served without

std::atomic<bool> terminate_requested{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // set by a signal handler

policy::MirrorSettings rules_of(const MirrorSettings& mirror) {
  policy::MirrorSettings rules;
  rules.methods = mirror.methods;
  rules.paths = mirror.paths;
  rules.rate = mirror.rate;
  rules.holdout = mirror.holdout;
  return rules;
}

// A thread of its own: ends by itself once nobody wants to know any more. Nobody waits for it, since nobody can say how
// long the resolver takes.
void keep_resolving(std::weak_ptr<PrimaryAddresses> addresses, std::promise<void> first) {
  for (bool is_first = true;; is_first = false) {
    if (!is_first) std::this_thread::sleep_for(resolve_interval);
    const std::shared_ptr<PrimaryAddresses> wanted = addresses.lock();
    if (!wanted) return;
    wanted->refresh();
    if (is_first) first.set_value();
  }
}

}  // namespace

// The main thread watches (signals, lifeline); each worker has a thread of its own. After start nothing here wakes a
// worker: they look at the flags on their ticks.
int run_user_plane(const Settings& settings, const PlaneResources& resources) {
  terminate_requested = false;
  struct sigaction action{};
  action.sa_handler = [](int) { terminate_requested = true; };
  sigaction(SIGTERM, &action, nullptr);

  control::Shared<const control::ShadowAccounts> shadow(resources.shadow_accounts_fd, control::Mapping::Access::read);
  control::Shared<const control::Switch> mirror_switch(resources.switch_fd, control::Mapping::Access::read);
  const auto addresses = std::make_shared<PrimaryAddresses>(settings.primary.url);
  if (!addresses->is_literal()) {
    std::promise<void> first;
    const std::future<void> is_resolved = first.get_future();
    std::thread(keep_resolving, std::weak_ptr(addresses), std::move(first)).detach();
    is_resolved.wait_for(resolve_patience);
  }
  if (addresses->current().empty()) {
    std::fprintf(stderr, "understudy: primary.url: \"%s\" cannot be resolved yet; users get 502 until it can\n",
                 settings.primary.url.host.c_str());
  }
  policy::MirrorRules rules(rules_of(settings.mirror), static_cast<std::uint64_t>(net::Loop::clock_ns()));
  const auto threads = static_cast<unsigned>(resources.threads.size());
  AccessLog log(settings.log, threads);
  AddressCounts connections_of_address(settings.server.max_connections_per_address, std::random_device()());
  PlaneShared shared{settings,
                     *shadow,
                     *mirror_switch,
                     *addresses,
                     rules,
                     log,
                     connections_of_address,
                     threads,
                     {},
                     resources.tls.primary.get(),
                     {0},
                     terminate_requested};

  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < threads; ++i) workers.push_back(std::make_unique<Worker>(shared, resources.threads[i], i));
  std::atomic<unsigned> running{threads};
  std::vector<std::thread> running_threads;
  for (const auto& worker : workers) {
    running_threads.emplace_back([&running, &worker] {
      worker->run();
      running.fetch_sub(1, std::memory_order_release);
    });
  }

  sigset_t reopen;  // blocked in every thread since before this process began
  sigemptyset(&reopen);
  sigaddset(&reopen, SIGUSR1);
  const timespec at_once{};
  pollfd lifeline{resources.lifeline_fd, POLLIN, 0};
  const net::TlsClient* const tls = resources.tls.primary.get();
  while (running.load(std::memory_order_acquire) > 0) {
    const int ready = ::poll(&lifeline, 1, watch_interval_ms);
    if (ready > 0) shared.abandoned.store(true, std::memory_order_relaxed);
    if (::sigtimedwait(&reopen, nullptr, &at_once) == SIGUSR1) log.reopen();
    const std::string news = tls ? tls->news(net::Loop::clock_ns() / 1'000'000) : "";
    if (!news.empty()) std::fprintf(stderr, "understudy: primary: %s\n", news.c_str());
  }
  for (std::thread& thread : running_threads) thread.join();
  return 0;
}

}  // namespace understudy::user
