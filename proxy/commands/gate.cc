// `understudy gate`: asks for the verdict once a second until it is final.
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>

#include "diff/report/words.h"
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
  const ParsedDuration patience = parse_duration(request.patience);
  if (!patience.problem.empty()) {
    complain("--patience: " + patience.problem);
    return false;
  }
  terms.patience = patience.value;
  terms.allow_undecided = request.allow_undecided;
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

bool is_about_one_difference(const std::string& reason) {
  return reason.starts_with("undecided: ") || reason.starts_with("unverified: ");
}

std::string render_text(const GateDecision& decision, const GateState& state) {
  std::string text = decision.headline + (state.run.empty() ? "" : " (run " + state.run + ")") + '\n';
  for (const std::string& reason : state.reasons) {
    if (!state.has_open || !is_about_one_difference(reason)) text += "  " + reason + '\n';
  }
  for (const std::string& difference : state.open) text += "  " + difference + '\n';
  for (const std::string& note : state.rule_notes) text += "  note: " + note + '\n';
  if (state.verdict == "regression") return text;
  for (const std::string& caveat : state.caveats) text += "  not judged: " + caveat + '\n';
  return text;
}

// One line that is written over, for people who wait; none where nobody looks.
class ProgressLine {
 public:
  ~ProgressLine() { clear(); }
  void show(const GateState& state) {
    if (!is_terminal_) return;
    std::string line = state.silent_since.empty()
                           ? state.verdict + " after " + std::to_string(state.compared) + " comparisons, " +
                                 std::to_string(state.judged) + " of " + std::to_string(state.endpoints) +
                                 " endpoints judged; " +
                                 diff::describe_needed(state.needed, state.least_seconds, state.most_seconds)
                           : describe_silence(state);
    std::erase_if(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
    is_shown_ = true;
  }
  void clear() {
    if (is_shown_) std::fputs("\r\x1b[K", stderr);
    is_shown_ = false;
  }

 private:
  const bool is_terminal_ = ::isatty(STDERR_FILENO) == 1;
  bool is_shown_ = false;
};

std::int64_t unix_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

int finish(const GateDecision& decision, const GateState& state, Format format, const std::string& output) {
  if (decision.exit_status == exit_unreachable) {
    complain(decision.headline);
    return exit_unreachable;
  }
  const std::string text = format == Format::json ? state.json + '\n' : render_text(decision, state);
  return write_output(text, output) ? decision.exit_status : exit_unreachable;
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
  GateWatch watch(terms);
  ProgressLine progress;
  std::int64_t last_answer_us = 0;
  bool with_open = false;  // the last question: whatever is open is to be told whole
  while (interrupted == 0) {
    GateState state;
    Problem problem;
    const bool answered = fetch_verdict(request.source, with_open, state, problem);
    const auto elapsed = std::chrono::duration_cast<milliseconds>(Clock::now() - start);
    if (answered) {
      last_answer_us = unix_us();
      const GateDecision decision = watch.answered(state, elapsed);
      const bool lacks_open = state.verdict == "inconclusive" && decision.exit_status != exit_unreachable;
      if (decision.is_final && lacks_open && !with_open) {
        with_open = true;
        continue;
      }
      progress.clear();
      if (decision.is_final) return finish(decision, state, format, request.output);
      progress.show(state);
    } else if (problem.is_usage) {
      progress.clear();
      complain(problem.text);
      return exit_usage;
    } else if (interrupted == 0 && watch.gives_up(elapsed)) {
      progress.clear();
      complain(problem.text +
               (watch.has_answered() ? "; it answered last at " + diff::timestamp(last_answer_us) : std::string()));
      return exit_unreachable;
    }
    if (interrupted == 0) sleep_for(std::clamp(terms.end - elapsed, milliseconds(1), poll_interval));
  }
  progress.clear();
  complain("interrupted before there was a verdict");
  return exit_interrupted;
}

}  // namespace understudy
