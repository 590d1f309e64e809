// `understudy selftest`: production against itself for a while. Starts an instance whose candidate is production's own
// build, looks at its report about once a second, ends it, and says what the environment itself makes different.
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "proxy/commands/commands.h"
#include "proxy/commands/exit_status.h"
#include "proxy/commands/load_configuration.h"
#include "proxy/commands/output.h"
#include "proxy/commands/selftest_instance.h"
#include "proxy/commands/selftest_plan.h"
#include "proxy/commands/selftest_result.h"
#include "proxy/commands/state.h"
#include "proxy/config_address.h"
#include "proxy/config_units.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds look_interval{1'000};
// Looking takes at most so much of the time, however large the report.
constexpr int look_share = 20;
constexpr milliseconds step{50};

volatile sig_atomic_t signals_caught = 0;

void on_signal(int) {
  signals_caught = signals_caught + 1;
}

// Without SA_RESTART, so that waiting ends.
void catch_signals() {
  signals_caught = 0;
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (const int number : {SIGINT, SIGTERM}) ::sigaction(number, &action, nullptr);
}

void sleep_for(milliseconds duration) {
  const auto nanoseconds = std::chrono::nanoseconds(duration).count();
  const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  ::nanosleep(&time, nullptr);
}

// Where this very command asks: admin.listen where this machine's loopback leads to it, else a port of its own.
bool settle_admin(Settings& settings, StateSource& source) {
  AdminSettings& admin = settings.admin;
  if (!admin.configured || !is_loopback(admin.listen) || admin.listen.host.empty() || admin.listen.port == 0) {
    const std::uint16_t port = free_loopback_port();
    if (port == 0) return false;
    admin.listen = parse_listen("127.0.0.1:" + std::to_string(port)).value;
    admin.configured = true;
  }
  source.admin = admin.listen.text;
  source.token = admin.token;
  return true;
}

bool fetch(const StateSource& source, SelftestReport& report) {
  std::string json;
  Problem problem;
  return fetch_report(source, Format::json, json, problem) && parse_selftest_report(json, report);
}

// Until `duration` has passed, a signal came, or the instance has ended; false: it has ended by itself.
bool watch(SelftestInstance& instance, const StateSource& source, milliseconds duration, SelftestResult& result,
           SelftestCourse& course) {
  const Clock::time_point start = Clock::now();
  Clock::time_point next_look = start;
  for (;;) {
    const Clock::time_point now = Clock::now();
    const bool is_last = signals_caught != 0 || now - start >= duration;
    if (is_last || now >= next_look) {
      result.seconds = std::chrono::duration<double>(now - start).count();
      if (fetch(source, result.report)) course.note(result.report, result.seconds);
      const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - now);
      next_look = now + std::max(look_interval, look_share * took);
    }
    if (!instance.is_running()) return false;
    if (is_last) return true;
    const auto left = std::chrono::duration_cast<milliseconds>(std::min(next_look, start + duration) - Clock::now());
    sleep_for(std::clamp(left, milliseconds(1), step));
  }
}

// A signal from here on makes it leave at once.
void end(SelftestInstance& instance) {
  const sig_atomic_t before = signals_caught;
  bool hurried = false;
  instance.stop();
  while (instance.is_running()) {
    if (signals_caught != before && !hurried) {
      instance.stop();
      hurried = true;
    }
    sleep_for(step);
  }
}

std::string listened_on(const Settings& settings) {
  std::string text;
  for (const ListenAddress& address : settings.server.listen) text += (text.empty() ? "" : ", ") + address.text;
  return text;
}

}  // namespace

int selftest(const SelftestRequest& request) {
  Format format{};
  if (!read_format(request.format, "markdown junit html", format)) return exit_usage;
  const ParsedDuration duration = parse_duration(request.duration);
  if (!duration.problem.empty()) {
    complain("--for: " + duration.problem);
    return exit_usage;
  }
  LoadedConfig config;
  if (!load_configuration(request.run, config)) return exit_usage;
  SelftestPlan plan = plan_selftest(config.settings);
  if (!plan.problem.empty()) {
    complain(plan.problem);
    return exit_usage;
  }
  StateSource source;
  if (!settle_admin(plan.settings, source)) {
    complain("there is no free port on 127.0.0.1 to watch from; name one with --admin");
    return exit_unreachable;
  }
  for (const std::string& note : plan.notes) complain(note);
  complain("production against itself for " + format_duration(duration.value) + ": send users to " +
           listened_on(plan.settings) + "; Ctrl-C ends it sooner and shows what was found");

  catch_signals();
  SelftestResult result;
  result.repeated_at = plan.repeated_at;
  SelftestCourse course;
  SelftestInstance instance(plan.settings);
  if (!watch(instance, source, duration.value, result, course)) {
    complain("the instance ended before its time");
    return exit_unreachable;
  }
  const bool is_interrupted = signals_caught != 0;
  end(instance);
  result.fields = selftest_fields(result.report, course);
  result.to_pass = exchanges_to_pass(result.report, plan.settings.diff);
  result.pace = course.pace();
  if (!write_output(render_selftest(result, format), request.output)) return exit_unreachable;
  return is_interrupted ? exit_interrupted : exit_status_of(result);
}

}  // namespace understudy
