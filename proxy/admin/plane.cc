#include "proxy/admin/plane.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "proxy/admin/accounts.h"
#include "proxy/admin/answers.h"
#include "proxy/admin/mirror_request.h"
#include "proxy/admin/primary_probe.h"
#include "proxy/admin/readiness.h"
#include "proxy/admin/run_request.h"
#include "proxy/admin/server.h"
#include "proxy/admin/store_thread.h"

namespace understudy::admin {
namespace {

constexpr net::Milliseconds duty_interval{100};
constexpr net::Milliseconds confirm_interval{1};
constexpr std::int64_t confirm_patience_ms = 2'000;  // of a PUT that waits for the shadow plane
constexpr std::int64_t leave_patience_ms = 800;      // of SIGTERM, for answers under way
// Of who asks for evidence; a scrape has the last judgement to fall back on.
constexpr std::int64_t store_patience_ms = 8'000;
constexpr std::int64_t scrape_patience_ms = 1'000;

volatile sig_atomic_t terminate_requested = 0;

void request_termination(int) {
  terminate_requested = 1;
}

std::int64_t clock_ms() {
  return net::Loop::clock_ns() / 1'000'000;
}

// What was last judged for a scrape, also for one that could no longer wait for it.
class LatestCounts {
 public:
  void put(const JudgementCounts& counts) {
    const std::lock_guard lock(mutex_);
    counts_ = counts;
  }
  JudgementCounts get() const {
    const std::lock_guard lock(mutex_);
    return counts_;
  }

 private:
  mutable std::mutex mutex_;
  JudgementCounts counts_;
};

class Plane : public RequestHandler {
 public:
  Plane(const Settings& settings, const PlaneResources& resources)
      : settings_(settings),
        lifeline_fd_(resources.lifeline_fd),
        accounts_(resources),
        probe_(settings.primary, resources.tls.primary),
        store_(loop_, settings) {
    if (resources.listener_fd >= 0) server_.emplace(loop_, resources.listener_fd, *this);
  }

  void run() {
    if (server_) server_->start();
    loop_.spawn(attend());
    loop_.run();
  }

  net::Task<Response> handle(const Request& request) override;
  bool waits_for_the_disk() const { return store_.is_busy(); }

 private:
  net::Task<void> attend();
  net::Task<Response> answer_from_store(Route wanted, Observed observed);
  net::Task<Response> scrape(Route wanted, Observed observed);
  net::Task<Response> change(Resource resource, const std::string& body);
  net::Task<Response> change_mirror(const std::string& body);
  net::Task<Response> change_run(std::string name);
  net::Task<bool> wait_for_run(std::uint64_t generation, std::int64_t deadline_ms);
  World observe_world(const Observed& observed);
  bool is_abandoned() const;

  const Settings& settings_;
  const int lifeline_fd_;
  Accounts accounts_;
  PrimaryProbe probe_;
  net::Loop loop_;
  LatestCounts judged_;
  StoreThread store_;  // its jobs write to judged_
  std::optional<Server> server_;
  bool leaving_ = false;
};

// The plane's life: probes while it lasts, then lets answers finish.
net::Task<void> Plane::attend() {
  while (!terminate_requested && !is_abandoned()) {
    const Observed observed = accounts_.observe();
    probe_.tick(observed.now_ms, std::max(observed.primary_connected_ms, observed.primary_refused_ms));
    co_await loop_.sleep(duty_interval);
  }
  leaving_ = true;
  if (!server_) co_return;
  server_->stop();
  const std::int64_t deadline_ms = clock_ms() + leave_patience_ms;
  while (server_->connections() > 0 && clock_ms() < deadline_ms && !is_abandoned())
    co_await loop_.sleep(duty_interval / 10);
  server_->abort();
  store_.give_up();
}

bool Plane::is_abandoned() const {
  pollfd lifeline{lifeline_fd_, POLLIN, 0};
  return ::poll(&lifeline, 1, 0) > 0;
}

net::Task<Response> Plane::handle(const Request& request) {
  const Route wanted = route(request, settings_.admin.token, settings_.admin.listen.host);
  if (!wanted.refusal && wanted.writes) {
    co_return co_await change(wanted.resource, request.body);
  }
  const Observed observed = accounts_.observe();
  if (!wanted.refusal && wanted.resource == Resource::metrics) {
    co_return co_await scrape(wanted, observed);
  }
  if (!wanted.refusal && needs_store(wanted.resource)) {
    co_return co_await answer_from_store(wanted, observed);
  }
  World world = observe_world(observed);
  co_return answer(wanted, world);
}

net::Task<Response> Plane::answer_from_store(Route wanted, Observed observed) {
  const auto response = std::make_shared<Response>();
  const StoreThread::Job job = [this, response, wanted, observed](Reports& reports) {
    World world{settings_, observed, {}, reports};
    *response = answer(wanted, world);
  };
  const bool is_done = co_await store_.carry_out(job, store_patience_ms);
  if (!is_done) {
    co_return problem(503, "the store does not answer: the disk is slow, or there is very much to judge; try again");
  }
  co_return std::move(*response);
}

// Says what was last judged: just now, or where that takes too long, by the scrape before.
net::Task<Response> Plane::scrape(Route wanted, Observed observed) {
  const StoreThread::Job job = [this, observed](Reports& reports) {
    JudgementCounts counts;  // nothing is proved where the store cannot be read
    const diff::ReportModel* model = reports.model(observed);
    if (model != nullptr && reports.fault().empty()) {
      counts = counts_of(model->judgement);
      counts.snapshot = model->snapshot;
    }
    judged_.put(counts);
  };
  co_await store_.carry_out(job, scrape_patience_ms);
  World world = observe_world(observed);
  world.processes = usage_of_planes(observed);
  world.judgement = judged_.get();
  co_return answer(wanted, world);
}

World Plane::observe_world(const Observed& observed) {
  ReadinessInput readiness;
  readiness.user_plane_alive = is_alive(observed.pids[static_cast<std::size_t>(control::Plane::user)]);
  readiness.draining = observed.draining;
  readiness.connected_ms = observed.primary_connected_ms;
  readiness.refused_ms = observed.primary_refused_ms;
  readiness.probe_connected_ms = probe_.connected_ms();
  readiness.probe_refused_ms = probe_.refused_ms();
  return {settings_, observed, unready_because(readiness), store_.reports()};
}

// Answers when no new request can reach the candidate: the shadow plane has seen the switch, or there is none.
net::Task<Response> Plane::change_mirror(const std::string& body) {
  const auto parsed = parse_mirror_request(body);
  if (const std::string* error = std::get_if<std::string>(&parsed)) co_return problem(400, *error);
  const std::uint64_t generation = accounts_.change(std::get<SwitchChange>(parsed));
  const std::int64_t deadline_ms = clock_ms() + confirm_patience_ms;
  while (!accounts_.is_seen(generation) && accounts_.shadow_lives()) {
    if (leaving_ || clock_ms() >= deadline_ms) {
      co_return problem(
          503,
          "the switch is set, but the shadow plane has not confirmed it yet; copies may still be sent until it does");
    }
    co_await loop_.sleep(confirm_interval);
  }
  co_return Response{200, "application/json", {}, mirror_json(accounts_.observe(), settings_.mirror)};
}

net::Task<Response> Plane::change(Resource resource, const std::string& body) {
  if (resource == Resource::mirror) {
    co_return co_await change_mirror(body);
  }
  std::string name;
  std::string error;
  if (resource == Resource::run) {
    const auto parsed = parse_run_request(body);
    if (const NamedRun* named = std::get_if<NamedRun>(&parsed)) {
      name = named->name;
    } else {
      error = std::get<std::string>(parsed);
    }
  } else {
    error = fresh_run_problem(body);
  }
  if (!error.empty()) co_return problem(400, error);
  co_return co_await change_run(name);
}

// Answers when every later exchange is the run's. One request at a time: the page has room for one.
net::Task<Response> Plane::change_run(std::string name) {
  const std::int64_t deadline_ms = clock_ms() + confirm_patience_ms;
  const bool has_turn = co_await wait_for_run(0, deadline_ms);
  bool is_open = false;
  if (has_turn) {
    const std::uint64_t generation = accounts_.request_run(name);
    is_open = co_await wait_for_run(generation, deadline_ms);
  }
  if (!is_open) {
    co_return problem(503, has_turn ? "the run is asked for, but the shadow plane has not opened it yet; look at "
                                      "GET /api/v1/run"
                                    : "an earlier request for a run has not been carried out yet; try again");
  }
  Route opened;
  opened.resource = Resource::run;
  const Observed observed = accounts_.observe();
  const Response response = co_await answer_from_store(opened, observed);
  if (response.status != 503) co_return response;
  co_return problem(
      503, "the run is open, but the store does not answer, so nothing can be said of it yet; look at GET /api/v1/run");
}

// For a request, or (0) for whatever was asked for before. False: not in time.
net::Task<bool> Plane::wait_for_run(std::uint64_t generation, std::int64_t deadline_ms) {
  while (generation == 0 ? !accounts_.every_run_is_open() : !accounts_.is_run_open(generation)) {
    if (leaving_ || clock_ms() >= deadline_ms) co_return false;
    co_await loop_.sleep(confirm_interval);
  }
  co_return true;
}

}  // namespace

int run_admin_plane(const Settings& settings, const PlaneResources& resources) {
  struct sigaction action{};
  action.sa_handler = request_termination;
  sigaction(SIGTERM, &action, nullptr);
  Plane plane(settings, resources);
  plane.run();
  // A disk that hangs holds up no end: there is nothing to be saved.
  if (plane.waits_for_the_disk()) std::_Exit(0);
  return 0;
}

}  // namespace understudy::admin
