// The supervisor's life, top-down: start, then a loop that waits for signals and takes one step, until everything has
// left. What it holds and hands out is in proxy/supervisor/: listeners, slots of the tap, shared pages, processes.
// Everything runs on the main thread; only waiting for signals blocks.
#include "proxy/supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <list>
#include <memory>
#include <utility>

#include "proxy/control/ledger.h"
#include "proxy/supervisor/configuration.h"
#include "proxy/supervisor/limits.h"
#include "proxy/supervisor/log.h"
#include "proxy/supervisor/process.h"
#include "proxy/supervisor/resources.h"
#include "proxy/supervisor/run_directory.h"
#include "proxy/supervisor/signals.h"
#include "proxy/supervisor/slots.h"
#include "proxy/supervisor/store_lock.h"
#include "proxy/tap/ring.h"

namespace understudy {
namespace supervisor {
namespace {

constexpr int cannot_start = 4;
constexpr int interrupted = 130;

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t user_patience_beyond_drain_ms = 5 * second_ms;
constexpr std::int64_t shadow_reload_patience_ms = 3 * second_ms;
constexpr std::int64_t shadow_stop_patience_ms = 5 * second_ms;
constexpr std::int64_t admin_patience_ms = 2 * second_ms;
constexpr std::int64_t new_generation_patience_ms = 3 * second_ms;
constexpr std::int64_t watch_interval_ms = second_ms;
constexpr int step_while_moving_ms = 20;

std::int64_t now_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

void set(control::Counter& counter, std::uint64_t value) {
  counter.store(value, std::memory_order_relaxed);
}

std::string name_of(const Process& process) {
  return "the " + std::string(control::plane_names[static_cast<std::size_t>(process.plane())]) + " plane";
}

// A user plane and what it was started with. Several live side by side while old ones drain; the last one is the
// newest.
struct Generation {
  std::shared_ptr<const Configuration> configuration;
  std::vector<unsigned> slots;
  Process process{control::Plane::user};
  std::int64_t begun_ms = 0;
  bool leaving = false;
};

class Supervisor {
 public:
  Supervisor(const Settings& settings, const RunOptions& options) : configured_(settings), options_(options) {}
  int run();

 private:
  bool start();
  void wait_and_step();

  Settings on_this_machine(const Settings& configured);
  bool begin_generation(const Settings& settings, std::string& error);

  void take_signals();
  void reopen_access_logs();
  void reap();
  void tell_death(const Process& process, int status);
  void enforce(Process& process);
  void start_what_is_due();
  void drain_old_generations();
  void forget_ended_generations();
  void reload();
  void refuse_reload(const std::string& why);
  void watch();

  void begin_shutdown();
  void hurry();
  void go_on_with_shutdown();

  void start_process(Process& process, const Configuration& configuration, const std::vector<unsigned>& slots);
  bool is_up(const Generation& generation) const;
  const Settings& settings() const { return current_->settings(); }
  int step_timeout_ms() const;

  enum class Stage { running, draining_users, flushing_shadow, stopping_admin, ended };

  Settings configured_;
  RunOptions options_;
  Log log_;
  Signals signals_;
  Resources resources_;
  Slots& slots_ = resources_.slots;
  control::SupervisorAccounts& accounts_ = *resources_.accounts;
  RunDirectory run_directory_;
  StoreLock store_lock_;
  std::uint64_t descriptor_limit_ = raise_descriptor_limit();

  std::shared_ptr<const Configuration> current_;
  std::list<Generation> generations_;
  Process shadow_{control::Plane::shadow};
  Process admin_{control::Plane::admin};

  Stage stage_ = Stage::running;
  std::int64_t now_ = now_ms();
  std::int64_t next_watch_ms_ = 0;
  std::uint64_t corrupt_seen_ = 0;
  bool reload_wanted_ = false;
  bool reload_waits_for_slots_ = false;
  bool hurried_ = false;
};

int Supervisor::run() {
  if (!start()) return cannot_start;
  while (stage_ != Stage::ended) wait_and_step();
  // The last line: nobody but the supervisor is left to write one.
  if (!options_.is_selftest)
    log_.last_line(control::to_json(control::read_ledger(slots_.all_accounts(), *resources_.shadow_accounts, true)));
  return hurried_ ? interrupted : 0;
}

bool Supervisor::start() {
  ::signal(SIGPIPE, SIG_IGN);
  log_.set_level(configured_.log.level);
  std::string error;
  if (!begin_generation(on_this_machine(configured_), error)) {
    log_.error(error);
    return false;
  }
  set(accounts_.started_unix_s, static_cast<std::uint64_t>(::time(nullptr)));
  set(accounts_.last_reload_unix_s, static_cast<std::uint64_t>(::time(nullptr)));
  set(accounts_.last_reload_successful, 1);
  start_what_is_due();
  return true;
}

void Supervisor::wait_and_step() {
  take_signals();
  now_ = now_ms();
  reap();
  for (Generation& generation : generations_) enforce(generation.process);
  enforce(shadow_);
  enforce(admin_);
  forget_ended_generations();
  drain_old_generations();
  if (stage_ == Stage::running && reload_wanted_) reload();
  start_what_is_due();
  if (stage_ != Stage::running) go_on_with_shutdown();
  if (now_ >= next_watch_ms_) watch();
}

// --- beginning: a configuration becomes a generation ---------------------------------------------------------------

// What the configuration means on this machine.
Settings Supervisor::on_this_machine(const Settings& configured) {
  std::vector<std::string> warnings;
  Settings effective = within_limits(configured, descriptor_limit_, Listeners::sockets_per_address, warnings);
  const std::string& user = effective.server.user;
  if (!user.empty() && ::geteuid() != 0)
    warnings.push_back("server.user: not started as root, so the planes keep this user");
  if (!effective.store.path.empty() && !store_lock_.take(effective.store.path)) {
    warnings.push_back("store.path: another understudy writes to " + effective.store.path +
                       "; the evidence of this one is kept in memory and ends with it; name another file");
    effective.store.path.clear();
  }
  for (const std::string& warning : warnings) log_.warn(warning);
  if (effective.store.path.empty()) effective.store.path = run_directory_.path(user) + "/understudy.db";
  return effective;
}

// The new generation is due at once. False: nothing has begun, and `error` says why (empty: no slots are free).
bool Supervisor::begin_generation(const Settings& settings, std::string& error) {
  auto configuration = std::make_shared<Configuration>(settings);
  std::vector<std::string> opened;
  if (!resources_.open_addresses(settings, opened, error)) return false;
  const unsigned threads = settings.server.threads;
  std::vector<unsigned> slots = slots_.take(threads, tap::ring_capacity(settings.mirror.memory / threads));
  if (slots.empty()) return false;
  for (const std::string& address : opened) log_.always(address);
  set(accounts_.slots, slots_.count());
  current_ = std::move(configuration);
  Generation& generation = generations_.emplace_back();
  generation.configuration = current_;
  generation.slots = std::move(slots);
  generation.begun_ms = now_;
  return true;
}

// --- what happens --------------------------------------------------------------------------------------------------

void Supervisor::take_signals() {
  for (const int signal : signals_.wait(step_timeout_ms())) {
    if (signal == SIGHUP && !options_.is_selftest) reload_wanted_ = true;
    if (signal == SIGUSR1) reopen_access_logs();
    if (signal != SIGTERM && signal != SIGINT) continue;
    if (stage_ == Stage::running) {
      begin_shutdown();
    } else {
      hurry();
    }
  }
}

// Also those that drain: their last lines belong into the file that stands under the name now.
void Supervisor::reopen_access_logs() {
  for (const Generation& generation : generations_) generation.process.tell(SIGUSR1);
}

int Supervisor::step_timeout_ms() const {
  const bool moving = stage_ != Stage::running || generations_.size() > 1 || shadow_.stopping() || admin_.stopping() ||
                      !shadow_.running() || !admin_.running() || !generations_.back().process.running();
  return moving ? step_while_moving_ms : static_cast<int>(std::max<std::int64_t>(0, next_watch_ms_ - now_ms()));
}

void Supervisor::reap() {
  int status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;) {
    Process* process = nullptr;
    if (pid == shadow_.pid()) process = &shadow_;
    if (pid == admin_.pid()) process = &admin_;
    for (Generation& generation : generations_) {
      if (pid == generation.process.pid()) process = &generation.process;
    }
    if (!process) continue;
    control::Counter& newest = accounts_.pids[static_cast<std::size_t>(process->plane())];
    if (control::get(newest) == static_cast<std::uint64_t>(pid)) set(newest, 0);
    if (process->ended(now_)) {
      control::add(accounts_.restarts[static_cast<std::size_t>(process->plane())]);
      tell_death(*process, status);
    }
  }
}

void Supervisor::tell_death(const Process& process, int status) {
  const std::string how = WIFSIGNALED(status) ? "was killed by signal " + std::to_string(WTERMSIG(status))
                                              : "ended with status " + std::to_string(WEXITSTATUS(status));
  const std::int64_t delay = process.restart_in_ms(now_);
  log_.warn(name_of(process) + " " + how + "; it is started again " +
            (delay == 0 ? "at once" : "in " + std::to_string(delay) + " ms"));
}

void Supervisor::enforce(Process& process) {
  if (process.enforce(now_)) log_.warn(name_of(process) + " did not leave in time and is killed");
}

void Supervisor::start_what_is_due() {
  for (Generation& generation : generations_) {
    if (generation.leaving || !generation.process.due(now_)) continue;
    start_process(generation.process, *generation.configuration, generation.slots);
  }
  if (hurried_ || stage_ > Stage::draining_users) return;
  if (shadow_.due(now_)) start_process(shadow_, *current_, slots_.all());
  if (admin_.due(now_)) start_process(admin_, *current_, slots_.all());
}

void Supervisor::start_process(Process& process, const Configuration& configuration,
                               const std::vector<unsigned>& slots) {
  process.start(resources_.for_plane(process.plane(), configuration, slots), now_);
  set(accounts_.pids[static_cast<std::size_t>(process.plane())], static_cast<std::uint64_t>(process.pid()));
  log_.debug(name_of(process) + " is process " + std::to_string(process.pid()));
}

// About once a second.
void Supervisor::watch() {
  next_watch_ms_ = now_ + watch_interval_ms;
  slots_.trim();
  const std::uint64_t corrupt = slots_.times_corrupt();
  if (corrupt > std::exchange(corrupt_seen_, corrupt) && shadow_.running()) {
    log_.error("the shadow plane's positions in the tap make no sense; it is replaced");
    shadow_.kill_to_restart();
  }
  const std::uint64_t limit = settings().mirror.memory_limit;
  const std::uint64_t memory = shadow_.running() ? anonymous_memory(shadow_.pid()) : 0;
  if (memory > limit) {
    log_.warn("the shadow plane holds " + std::to_string(memory >> 20) +
              " MiB, more than mirror.memory_limit allows (" + std::to_string(limit >> 20) + " MiB); it is replaced");
    shadow_.kill_to_restart();
  }
}

// --- reload --------------------------------------------------------------------------------------------------------

// A new user plane beside the old one, a new shadow and a new admin plane in the place of the old ones. Further SIGHUPs
// meanwhile are one.
void Supervisor::reload() {
  if (shadow_.stopping() || admin_.stopping() || reload_waits_for_slots_) return;
  const LoadedConfig loaded = load_config(options_.config_path, options_.overrides);
  for (const std::string& warning : loaded.warnings) log_.warn(warning);
  if (!loaded.errors.empty()) {
    for (const ConfigError& error : loaded.errors) log_.error(error.to_string());
    return refuse_reload("the configuration is not good");
  }
  std::string error;
  try {
    if (!begin_generation(on_this_machine(loaded.settings), error)) {
      if (!error.empty()) return refuse_reload(error);
      log_.warn("reload: all slots of the tap are taken; waiting until an old user plane has drained");
      resources_.close_addresses_but(settings());
      reload_waits_for_slots_ = true;
      return;
    }
  } catch (const std::exception& exception) {
    return refuse_reload(exception.what());
  }
  reload_wanted_ = false;
  log_.set_level(settings().log.level);
  shadow_.stop(SIGUSR2, now_, shadow_reload_patience_ms);
  admin_.stop(SIGTERM, now_, admin_patience_ms);
  set(accounts_.last_reload_successful, 1);
  set(accounts_.last_reload_unix_s, static_cast<std::uint64_t>(::time(nullptr)));
  log_.info("reload: the new configuration is in force");
}

void Supervisor::refuse_reload(const std::string& why) {
  reload_wanted_ = false;
  log_.error("reload refused, the running configuration stays: " + why);
  control::add(accounts_.reloads_failed);
  set(accounts_.last_reload_successful, 0);
  resources_.close_addresses_but(settings());
}

// Old generations serve until the newest one does: connections that come in between wait in the listening sockets,
// which all of them share.
void Supervisor::drain_old_generations() {
  if (generations_.size() < 2) return;
  const Generation& newest = generations_.back();
  const bool patient = now_ < newest.begun_ms + new_generation_patience_ms;
  if (!is_up(newest) && (patient || !newest.process.running())) return;
  for (Generation& generation : generations_) {
    if (&generation == &newest || std::exchange(generation.leaving, true)) continue;
    generation.process.stop(SIGTERM, now_,
                            generation.configuration->settings().server.drain.count() + user_patience_beyond_drain_ms);
  }
  resources_.close_addresses_but(settings());
}

// Each thread writes its process into its accounts when it serves.
bool Supervisor::is_up(const Generation& generation) const {
  return generation.process.running() &&
         std::all_of(generation.slots.begin(), generation.slots.end(), [&](unsigned slot) {
           return control::get(slots_.accounts(slot).pid) == static_cast<std::uint64_t>(generation.process.pid());
         });
}

void Supervisor::forget_ended_generations() {
  generations_.remove_if([this](const Generation& generation) {
    if (!generation.leaving || generation.process.running()) return false;
    slots_.give_back(generation.slots);
    reload_waits_for_slots_ = false;
    return true;
  });
}

// --- shutdown ------------------------------------------------------------------------------------------------------

// Users first, then what their last exchanges left in the tap, then the operators' view of it.
void Supervisor::begin_shutdown() {
  stage_ = Stage::draining_users;
  set(accounts_.draining, 1);
  log_.info("draining");
  for (Generation& generation : generations_) {
    generation.leaving = true;
    generation.process.stop(SIGTERM, now_,
                            generation.configuration->settings().server.drain.count() + user_patience_beyond_drain_ms);
  }
  resources_.close_users_addresses();
}

void Supervisor::hurry() {
  hurried_ = true;
  for (Generation& generation : generations_) generation.process.kill_now();
  shadow_.kill_now();
  admin_.kill_now();
}

void Supervisor::go_on_with_shutdown() {
  if (stage_ == Stage::draining_users && generations_.empty()) {
    stage_ = Stage::flushing_shadow;
    shadow_.stop(SIGTERM, now_, shadow_stop_patience_ms);
  }
  if (stage_ == Stage::flushing_shadow && !shadow_.running()) {
    stage_ = Stage::stopping_admin;
    settle_shutdown(*resources_.shadow_accounts, slots_.all_accounts());
    admin_.stop(SIGTERM, now_, admin_patience_ms);
  }
  if (stage_ == Stage::stopping_admin && !admin_.running()) stage_ = Stage::ended;
}

}  // namespace
}  // namespace supervisor

int run_supervisor(const Settings& settings, const RunOptions& options) {
  ::prctl(PR_SET_NAME, "understudy");
  // A descriptor of ours must never be taken for a standard stream.
  for (int fd = ::open("/dev/null", O_RDWR); fd >= 0; fd = ::open("/dev/null", O_RDWR)) {
    if (fd <= STDERR_FILENO) continue;
    ::close(fd);
    break;
  }
  try {
    return supervisor::Supervisor(settings, options).run();
  } catch (const std::exception& exception) {
    supervisor::Log().error(exception.what());
    return supervisor::cannot_start;
  }
}

}  // namespace understudy
