// Whose evidence an exchange is, and the way from one run to another: the part of Snapshots (snapshots.h) that knows
// about runs.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <utility>

#include "proxy/control/run_name.h"
#include "proxy/http/field.h"
#include "proxy/shadow/snapshots.h"
#include "proxy/shadow/wall_clock.h"

namespace understudy::shadow {
namespace {

store::RunInfo run_from(const Settings& settings) {
  store::RunInfo run;
  run.version = UNDERSTUDY_VERSION;
  run.opened_us = run.started_us = unix_us();
  run.primary = settings.primary.url.text;
  run.candidate = settings.candidate.url.text;
  if (settings.secondary.configured) {
    run.secondary = settings.secondary.repeats_production ? run.primary : settings.secondary.url.text;
  }
  run.diff = settings.diff;
  return run;
}

// Never 0. FNV-1a: the same in every process.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash | 1;
}

std::string_view value_of(const diff::Response& response, std::string_view name) {
  for (const diff::Field& field : response.fields) {
    if (http::equals_ignore_case(field.name, name)) return field.value;
  }
  return {};
}

// What ended, ended; what is still in flight is for whoever comes next.
control::Ledger settled(control::Ledger ledger) {
  ledger.eligible -= std::min(ledger.eligible, std::exchange(ledger.in_flight, 0));
  return ledger;
}

// The last snapshot of a run, in as many parts as it takes.
std::optional<std::string> write_whole(store::Writer& writer, store::Snapshot& snapshot, diff::Evidence& evidence,
                                       std::size_t limit) {
  for (;;) {
    diff::Evidence::RowTaking taking(evidence, limit);
    while (!taking.step(limit)) continue;
    snapshot.changed = taking.take();
    snapshot.closes = taking.is_whole();
    std::optional<std::string> error = writer.write(snapshot);
    if (error || snapshot.closes) return error;
    snapshot.is_anew = false;
    snapshot.epochs.clear();
  }
}

}  // namespace

RunStart Snapshots::start() const {
  const control::ShadowAccounts& accounts = world_.accounts;
  const auto changed = [](const control::Counter& before, const std::string& now) {
    return control::get(before) != 0 && control::get(before) != hash_of(now);
  };
  RunStart start;
  start.current = control::current_run(accounts);
  if (start.current.empty()) start.current = control::load_words(accounts.run);  // its writer died amid a change
  if (!store::is_run_name(start.current)) start.current.clear();
  start.current_named = control::get(accounts.run_named) != 0;
  start.url_changed = changed(accounts.run_candidate, world_.settings.candidate.url.text);
  start.configured = world_.settings.candidate.run;
  start.configured_changed = changed(accounts.run_configured, start.configured);
  return start;
}

void Snapshots::set_run(const RunChoice& run) {
  run_ = run_from(world_.settings);
  run_.name = run.name;
  run_.why = run.why;
  run_.named = run.named;
  run_.build = run.build;
}

// For the admin plane, and for a plane that comes after this one.
void Snapshots::publish() {
  control::ShadowAccounts& accounts = world_.accounts;
  accounts.run_opened_us.store(static_cast<std::uint64_t>(run_.opened_us), std::memory_order_relaxed);
  accounts.run_named.store(run_.named ? 1 : 0, std::memory_order_relaxed);
  accounts.run_candidate.store(hash_of(world_.settings.candidate.url.text), std::memory_order_relaxed);
  accounts.run_configured.store(hash_of(world_.settings.candidate.run), std::memory_order_relaxed);
  control::publish_run(accounts, run_.name);
}

// --- whose evidence an exchange is ---------------------------------------------------------------------------------

bool Snapshots::admits(const Exchange& exchange, const Copy& copy) {
  const std::string& header = world_.settings.candidate.version_header;
  bool is_ours = false;
  std::string build;
  if (!header.empty()) {
    watch_primary(exchange);
    build = name_of_build(value_of(copy.candidate.response, header));
  }
  if (build.empty()) {
    const std::int64_t sent_ns =
        copy.candidate.started_ns != 0 ? copy.candidate.started_ns : exchange.primary.started_ns;
    is_ours = sent_ns >= opened_ns_;
  } else {
    is_ours = admits_build(build);
  }
  const bool is_compared =
      exchange.primary.state == Answer::State::whole && copy.candidate.state == Answer::State::whole;
  if (!is_ours && is_compared) {
    control::add(world_.accounts.run_skipped);
    control::add(world_.accounts.evidence_skipped);
  }
  return is_ours;
}

bool Snapshots::is_of_build(const Copy& copy) const {
  const std::string& header = world_.settings.candidate.version_header;
  if (header.empty()) return true;
  const std::string build = name_of_build(value_of(copy.candidate.response, header));
  return build.empty() || build == run_.build;
}

bool Snapshots::admits_build(const std::string& build) {
  if (build == run_.build) {
    candidate_build_.forget();
    return true;
  }
  const bool was_left = std::ranges::find(left_builds_, build) != left_builds_.end();
  const int needed = was_left ? BuildWatch::answers_needed_back : BuildWatch::answers_needed;
  if (is_switching() || !candidate_build_.see(build, needed)) return false;
  candidate_build_.forget();
  // Whoever named the run or asked for a fresh one means the build that answers.
  const bool was_asked_for = run_.why == "name" || run_.why == "request" || run_.why == "reset";
  if (run_.build.empty() && was_asked_for) {
    run_.build = build;
    written_once_ = false;
    return true;
  }
  std::erase(left_builds_, build);
  if (!run_.build.empty()) left_builds_.push_back(run_.build);
  turn_to(run_of_build(build, known_));
  return false;
}

void Snapshots::watch_primary(const Exchange& exchange) {
  const std::string_view value = value_of(exchange.primary.response, world_.settings.candidate.version_header);
  if (value.empty()) return;
  if (value == primary_value_) return primary_build_.forget();
  if (!primary_build_.see(value)) return;
  primary_build_.forget();
  primary_value_ = value;
  epochs_.push_back({unix_us(), primary_value_});
  written_once_ = false;
}

void Snapshots::candidate_returned() {
  const bool is_known = run_.named || !run_.build.empty();
  const bool has_evidence = job_ == Job::join || !evidence_.endpoints().empty();
  if (is_known || is_turning() || !has_evidence) return;
  turn_to({next_number(known_, run_.name), "candidate_returned", false});
}

void Snapshots::record_not_compared(std::string_view endpoint) {
  if (is_turning()) return;  // of the run that ends
  if (job_ == Job::join) {
    not_compared_.push_back(endpoint);
  } else {
    evidence_.record_not_compared(endpoint);
  }
}

// --- from one run to another ---------------------------------------------------------------------------------------

void Snapshots::turn_to(RunChoice run, std::uint64_t request) {
  if (run.name == run_.name) return carry_out(request);
  next_ = {std::move(run), request};
  has_waited_ = true;
}

void Snapshots::carry_out(std::uint64_t request) {
  if (request != 0) world_.accounts.run_seen.store(request, std::memory_order_release);
}

bool Snapshots::poll() {
  step();
  return !is_switching() && std::exchange(has_waited_, false);
}

void Snapshots::step() {
  if (!thread_.is_busy()) take_outcome();
  if (!is_switching()) take_request();
  if (next_ && job_ == Job::none) begin_to_turn();
}

void Snapshots::take_request() {
  const control::Switch& page = world_.control;
  const std::uint64_t generation = page.run_generation.load(std::memory_order_acquire);
  if (generation <= control::get(world_.accounts.run_seen)) return;
  const std::string name = control::load_words(page.run);
  std::atomic_thread_fence(std::memory_order_acquire);
  if (page.run_generation.load(std::memory_order_acquire) != generation) return;  // the next tick sees it whole
  if (name.empty()) return turn_to({next_number(known_, run_.name), "reset", false}, generation);
  if (!store::is_run_name(name)) return carry_out(generation);
  if (name == run_.name) {
    run_.named = true;
    run_.why = "request";
    world_.accounts.run_named.store(1, std::memory_order_relaxed);
    written_once_ = false;
  }
  turn_to({name, "request", true}, generation);
}

// The evidence so far goes to the disk and out of memory; what is known of the next run comes from there.
void Snapshots::begin_to_turn() {
  drop_work();
  const bool is_worth_keeping = run_.named || !evidence_.endpoints().empty();
  const std::string old = run_.name;
  std::shared_ptr<store::Snapshot> last;
  if (is_worth_keeping) last = snapshot_of(settled(ledger_of_run()), {});
  // Taken apart, and freed, beside the loop.
  auto evidence = std::make_shared<diff::Evidence>(std::move(evidence_));
  evidence_ = diff::Evidence(world_.settings.diff.slower);
  set_run(next_->run);
  has_everything_ = written_once_ = is_anew_ = false;
  if (!is_open_) {
    if (writer_ && is_worth_keeping)
      std::fprintf(stderr, "us-shadow: run %s ends without a store; its evidence is gone\n", old.c_str());
    others_ = settled(ledger(true));
    world_.accounts.run_skipped.store(0, std::memory_order_relaxed);
    world_.accounts.evidence_lost.store(0, std::memory_order_relaxed);
    begin(Job::look, [evidence = std::move(evidence)]() mutable {
      evidence.reset();
      return std::optional<std::string>();
    });
    return finish_turning();
  }
  if (last) writer_->gather();
  begin(Job::turn, [this, last, evidence = std::move(evidence), old, name = run_.name]() mutable {
    earlier_ = {};
    std::optional<std::string> error =
        last ? write_whole(*writer_, *last, *evidence, rows_limit) : writer_->remove(old);
    evidence.reset();
    if (!error) error = writer_->read_runs(runs_);
    if (!error) error = writer_->restore(earlier_, name);
    of_run_ = std::make_unique<diff::Evidence>(world_.settings.diff.slower);
    if (!error) of_run_->restore(std::move(earlier_.rows));
    return error;
  });
}

void Snapshots::finish_turning() {
  opened_ns_ = net::Loop::clock_ns();
  judged_ = ~std::uint64_t{0};
  verdict_.clear();
  candidate_build_.forget();
  publish();
  const std::uint64_t request = next_ ? next_->request : 0;
  next_.reset();
  carry_out(request);
}

// Of the run, from the store.
void Snapshots::take_earlier() {
  known_ = std::move(runs_);
  evidence_ = std::move(*of_run_);
  of_run_.reset();
  for (const auto& [name, endpoint] : evidence_.endpoints()) namer_.admit(name);
  if (earlier_.run) {
    run_.why = earlier_.run->why;
    run_.opened_us = earlier_.run->opened_us;
    run_.named = run_.named || earlier_.run->named;
    if (run_.build.empty()) run_.build = earlier_.run->build;
  } else {
    known_.emplace_back().name = run_.name;
    known_.back().named = run_.named;
    known_.back().build = run_.build;
  }
  others_ = earlier_.ledger_of_others;
  has_everything_ = true;
  const std::uint64_t skipped = earlier_.run ? earlier_.run->evidence_skipped : 0;
  control::Counter& counter = world_.accounts.run_skipped;
  // A plane that died has counted on since its last snapshot.
  const bool is_same_run = control::current_run(world_.accounts) == run_.name;
  counter.store(is_same_run ? std::max(skipped, control::get(counter)) : skipped, std::memory_order_relaxed);
  earlier_ = {};
}

}  // namespace understudy::shadow
