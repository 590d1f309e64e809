// `understudy gate`: asks for the verdict once a second until it is final.
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "proxy/commands/commands.h"
#include "proxy/commands/exit_status.h"
#include "proxy/commands/gate_decision.h"
#include "proxy/commands/output.h"
#include "proxy/commands/state.h"
#include "proxy/config_units.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds poll_interval{1'000};
// An instance that has just been started, or whose admin plane is being restarted, is waited for.
constexpr milliseconds unreachable_grace{5'000};

volatile sig_atomic_t interrupted = 0;

void on_interrupt(int) {
  interrupted = 1;
}

// Without SA_RESTART, so that waiting ends.
void catch_interrupt() {
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
}

void sleep_for(milliseconds duration) {
  const auto nanoseconds = std::chrono::nanoseconds(duration).count();
  const timespec time{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
  ::nanosleep(&time, nullptr);
}

bool read_terms(const GateRequest& request, GateTerms& terms) {
  const ParsedDuration timeout = parse_duration(request.timeout);
  if (!timeout.problem.empty()) {
    complain("--timeout: " + timeout.problem);
    return false;
  }
  terms.end = timeout.value;
  terms.min_compared = request.min_compared;
  terms.until_conclusive = request.until == "conclusive";
  if (terms.until_conclusive) return true;
  const ParsedDuration until = parse_duration(request.until);
  if (!until.problem.empty()) {
    complain("--until: " + until.problem + ", or \"conclusive\"");
    return false;
  }
  terms.end = std::min(terms.end, until.value);
  return true;
}

std::string render_text(const GateDecision& decision, const GateState& state) {
  std::string text = decision.headline + (state.run.empty() ? "" : " (run " + state.run + ")") + '\n';
  for (const std::string& reason : state.reasons) text += "  " + reason + '\n';
  return text;
}

}  // namespace

int gate(const GateRequest& request) {
  Format format{};
  GateTerms terms;
  if (!read_format(request.format, "markdown junit html", format) || !read_terms(request, terms)) return exit_usage;
  catch_interrupt();
  // A stored run does not change any more.
  if (!request.source.store.empty()) terms.end = milliseconds(0);

  const Clock::time_point start = Clock::now();
  Clock::time_point last_answer = start;
  while (interrupted == 0) {
    GateState state;
    Problem problem;
    const bool answered = fetch_verdict(request.source, state, problem);
    const Clock::time_point now = Clock::now();
    const auto elapsed = std::chrono::duration_cast<milliseconds>(now - start);
    if (answered) {
      last_answer = now;
      const GateDecision decision = decide(terms, state, elapsed);
      if (decision.is_final) {
        const std::string text = format == Format::json ? state.json + '\n' : render_text(decision, state);
        return write_output(text, request.output) ? decision.exit_status : exit_unreachable;
      }
    } else if (problem.is_usage) {
      complain(problem.text);
      return exit_usage;
    } else if (interrupted == 0 && (now - last_answer >= unreachable_grace || elapsed >= terms.end)) {
      complain(problem.text);
      return exit_unreachable;
    }
    if (interrupted == 0) sleep_for(std::clamp(terms.end - elapsed, milliseconds(1), poll_interval));
  }
  complain("interrupted before there was a verdict");
  return exit_interrupted;
}

}  // namespace understudy
