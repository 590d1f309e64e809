#include "proxy/shadow/snapshots.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>
#include <utility>

#include "diff/evidence/verdict.h"
#include "proxy/control/run_name.h"
#include "proxy/http/field.h"
#include "proxy/shadow/turn.h"

namespace understudy::shadow {
namespace {

std::int64_t unix_us() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm day{};
  gmtime_r(&now, &day);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &day);
  return text;
}

store::WriterOptions options_from(const Settings& settings, std::uint64_t instance) {
  store::WriterOptions options;
  options.path = settings.store.path;
  options.exemplar_octets = settings.store.exemplars;
  options.retention = settings.store.retention;
  options.instance = instance;
  return options;
}

store::RunInfo run_from(const Settings& settings) {
  store::RunInfo run;
  run.version = UNDERSTUDY_VERSION;
  run.opened_us = run.started_us = unix_us();
  run.primary = settings.primary.url.text;
  run.candidate = settings.candidate.url.text;
  if (settings.secondary.configured) run.secondary = settings.secondary.url.text;
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

// Of one snapshot: about 15 MB.
constexpr std::size_t rows_limit = 16'384;

// The last snapshot of a run, in as many parts as it takes.
std::optional<std::string> write_whole(store::Writer& writer, store::Snapshot& snapshot, diff::Evidence& evidence) {
  for (;;) {
    diff::Evidence::RowTaking taking(evidence, rows_limit);
    while (!taking.step(rows_limit)) continue;
    snapshot.changed = taking.take();
    snapshot.closes = taking.is_whole();
    std::optional<std::string> error = writer.write(snapshot);
    if (error || snapshot.closes) return error;
    snapshot.is_anew = false;
    snapshot.epochs.clear();
  }
}

constexpr int last_writes = 3;
constexpr int last_writes_of_many_rows = 100;

// Of the processor, in one turn of the loop; and what is done between two looks at the clock.
constexpr std::int64_t turn_ns = 1'000'000;
constexpr std::size_t cells_of_step = 16;
// So many times as long as a judging took it is not done again.
constexpr std::int64_t rest_factor = 9;

// Works until it is finished (true), or the turn is over.
template <class Steps>
bool work_for_a_turn(Steps& steps) {
  const std::int64_t end_ns = processor_ns() + turn_ns;
  while (!steps.step(cells_of_step)) {
    if (processor_ns() >= end_ns) return false;
  }
  return true;
}

bool same(const control::Ledger& a, const control::Ledger& b) {
  return a.eligible == b.eligible && a.heldout == b.heldout && a.in_flight == b.in_flight && a.outcomes == b.outcomes;
}

// What earlier runs counted, once: a restarted plane finds it in the accounts.
void load_base(const control::Ledger& base, control::ShadowAccounts& accounts) {
  if (control::get(accounts.base_loaded) != 0) return;
  accounts.base_eligible.store(base.eligible, std::memory_order_relaxed);
  accounts.base_heldout.store(base.heldout, std::memory_order_relaxed);
  for (std::size_t i = 0; i < control::outcome_count; ++i) {
    accounts.base_outcomes[i].store(base.outcomes[i], std::memory_order_relaxed);
  }
  accounts.base_loaded.store(1, std::memory_order_release);
}

}  // namespace

Snapshots::Snapshots(World& world, std::vector<const control::UserAccounts*> users)
    : world_(world), users_(std::move(users)), namer_(world.settings.diff.endpoints), work_(world.loop) {
  control::ShadowAccounts& accounts = world.accounts;
  if (control::get(accounts.instance) == 0) {
    // A double's 53 bits: who reads it as JSON reads the same.
    accounts.instance.store((world.random.next() >> 11) | 1, std::memory_order_relaxed);
  }
  if (!world.settings.store.path.empty())
    writer_.emplace(options_from(world.settings, control::get(accounts.instance)));
}

void Snapshots::restore() {
  start_ = start();
  is_known_to_store_ = control::get(world_.accounts.base_loaded) != 0;
  set_run(choose_run(start_, {}));
  if (writer_) begin_to_open();
  finish_job();
  if (!is_open_) {
    settle_lost_evidence();
    publish();
  }
  opened_ns_ = 0;  // what is still in the tap is as good as what follows
  if (!is_open_) return;
  begin_to_take();
  while (taking_) go_on();
  finish_job();
}

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

bool Snapshots::admits_build(const std::string& build) {
  if (build == run_.build) {
    candidate_build_.forget();
    return true;
  }
  if (is_switching() || !candidate_build_.see(build)) return false;
  candidate_build_.forget();
  // Whoever named the run or asked for a fresh one means the build that answers.
  const bool was_asked_for = run_.why == "name" || run_.why == "request" || run_.why == "reset";
  if (run_.build.empty() && was_asked_for) {
    run_.build = build;
    written_once_ = false;
    return true;
  }
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
  if (is_known || is_switching() || evidence_.endpoints().empty()) return;
  turn_to({next_number(known_, run_.name), "candidate_returned", false});
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
    std::optional<std::string> error = last ? write_whole(*writer_, *last, *evidence) : writer_->remove(old);
    evidence.reset();
    if (!error) error = writer_->read_runs(runs_);
    return error ? error : writer_->restore(earlier_, name);
  });
}

void Snapshots::finish_turning() {
  opened_ns_ = net::Loop::clock_ns();
  judged_ = ~std::uint64_t{0};
  verdict_.clear();
  world_.accounts.verdict.store(0, std::memory_order_relaxed);
  candidate_build_.forget();
  publish();
  const std::uint64_t request = next_ ? next_->request : 0;
  next_.reset();
  carry_out(request);
}

// Of the run, from the store.
void Snapshots::take_earlier() {
  known_ = std::move(runs_);
  drop_work();
  evidence_.restore(earlier_.rows);
  for (const diff::EndpointRow& row : earlier_.rows.endpoints) namer_.admit(row.endpoint);
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

// --- the disk ------------------------------------------------------------------------------------------------------

void Snapshots::begin(Job job, std::function<std::optional<std::string>()> work) {
  job_ = job;
  thread_.begin([this, work = std::move(work)] {
    try {
      error_ = work();
    } catch (const std::exception& exception) {
      error_ = exception.what();
    }
  });
}

void Snapshots::begin_to_open() {
  // A number that another one gave, or that was given without the store, may mean another build there.
  const bool is_certain = has_everything_ || (start_.current == run_.name && is_known_to_store_);
  begin(Job::open, [this, is_certain, is_named = run_.named, name = run_.name] {
    earlier_ = {};
    std::optional<std::string> error = writer_->open();
    if (!error) error = writer_->read_runs(runs_);
    if (error) return error;
    const bool is_free = std::ranges::find(runs_, name, &store::RunRow::name) == runs_.end();
    const bool is_same = is_named || (is_certain && (is_free || writer_->wrote_last()));
    chosen_ = is_same ? name : next_number(runs_, start_.current);
    return writer_->restore(earlier_, chosen_);
  });
}

void Snapshots::begin_to_write() {
  is_partial_ = !taking_->is_whole();
  std::shared_ptr<store::Snapshot> snapshot = snapshot_of(writing_, taking_->take());
  taking_.reset();
  writer_->gather();
  // The thread frees what it has written.
  begin(Job::write, [this, snapshot = std::move(snapshot)]() mutable {
    std::optional<std::string> error = writer_->write(*snapshot);
    snapshot.reset();
    return error;
  });
}

std::shared_ptr<store::Snapshot> Snapshots::snapshot_of(const control::Ledger& now, diff::Rows rows) {
  auto snapshot = std::make_shared<store::Snapshot>();
  snapshot->changed = std::move(rows);
  snapshot->ledger = now;
  snapshot->evidence_lost = control::get(world_.accounts.evidence_lost);
  snapshot->evidence_skipped = control::get(world_.accounts.run_skipped);
  snapshot->time_us = unix_us();
  snapshot->run = std::make_shared<const store::RunInfo>(run_);
  snapshot->verdict = verdict_;
  snapshot->is_anew = is_anew_;
  snapshot->epochs = std::exchange(epochs_, {});
  snapshot->others = std::make_shared<const control::Ledger>(others_);
  return snapshot;
}

void Snapshots::finish_job() {
  thread_.wait();
  take_outcome();
}

// Of the job that has ended.
void Snapshots::take_outcome() {
  const Job ended = std::exchange(job_, Job::none);
  if (ended == Job::none) return;
  if (error_) {
    evidence_.mark_all_changed();
    is_partial_ = false;
    report(*error_);
    if (writer_->is_open() && writer_->is_gone()) is_open_ = false;
    if (ended != Job::turn) return;
    is_open_ = false;  // what is known of the run is read when the store can be
    return finish_turning();
  }
  switch (ended) {
    case Job::open:
      return finish_opening();
    case Job::turn:
      take_earlier();
      settle_lost_evidence();
      return finish_turning();
    case Job::write:
      written_ = writing_;
      written_once_ = !is_partial_;
      is_anew_ = false;
      last_error_.clear();
      return;
    case Job::look:
    case Job::none:
      return;
  }
}

void Snapshots::finish_opening() {
  is_open_ = true;
  written_once_ = false;
  run_.name = chosen_;
  if (has_everything_) {  // another file stands where the one was that this plane has written
    is_anew_ = true;
    known_ = std::move(runs_);
    evidence_.mark_all_changed();
    return publish();
  }
  if (run_.why == "first" && !runs_.empty()) run_.why = "restart";
  load_base(earlier_.ledger_base, world_.accounts);
  take_earlier();
  settle_lost_evidence();
  publish();
}

// Every compared exchange is in the evidence, but for what a crash took between two snapshots, and what is not the
// run's.
void Snapshots::settle_lost_evidence() {
  const std::uint64_t compared = ledger_of_run().compared();
  const std::uint64_t known = evidence_.compared() + control::get(world_.accounts.run_skipped);
  world_.accounts.evidence_lost.store(compared > known ? compared - known : 0, std::memory_order_relaxed);
}

control::Ledger Snapshots::ledger_of_run() const {
  return control::without(ledger(true), others_);
}

void Snapshots::write() {
  count_lost_exemplars();
  step();
  if (is_switching()) return;
  if (is_at_work()) return;
  begin_to_judge(ledger_of_run());
  if (!judging_) begin_to_take();
  go_on();
}

net::Task<void> Snapshots::run() {
  while (!stopped_) {
    if (!is_at_work()) {
      co_await work_.wait();
      continue;
    }
    {
      const Turn turn(world_.accounts);
      go_on();
    }
    co_await world_.loop.yield();
  }
}

void Snapshots::stop() {
  stopped_ = true;
  work_.notify_all();
}

// One turn. Where there is little to do it is all of it, and the snapshot is of one moment.
void Snapshots::go_on() {
  if (judging_ && go_on_judging()) {
    finish_judging();
    begin_to_take();
  }
  if (!judging_ && taking_ && work_for_a_turn(*taking_)) begin_to_write();
  if (is_at_work()) work_.notify_all();
}

// Only when the last snapshot is written: its rows are no part of the next one's. The ledger is of the moment before the
// first row: what is compared meanwhile may be in the rows, and is reason enough for another snapshot.
void Snapshots::begin_to_take() {
  if (!writer_ || job_ != Job::none) return;
  const control::Ledger now = ledger_of_run();
  if (!is_open_) {
    begin_to_open();
  } else if (!written_once_ || !same(now, written_)) {
    writing_ = now;
    taking_.emplace(evidence_, rows_limit);
  } else {
    begin(Job::look, [this] { return writer_->look(); });
  }
}

// The evidence is about to be another one, or the store.
void Snapshots::drop_work() {
  judging_.reset();
  judged_ = ~std::uint64_t{0};
  if (!taking_) return;
  taking_.reset();
  evidence_.mark_all_changed();
}

void Snapshots::write_last() {
  finish_job();
  // A store that is opened only now, or a run that is turned to, takes a second and a third go.
  for (int tries = 0; tries < last_writes || (is_partial_ && tries < last_writes_of_many_rows); ++tries) {
    next_judging_ns_ = 0;
    write();
    while (is_at_work()) go_on();
    finish_job();
  }
}

void Snapshots::count_lost_exemplars() {
  if (!writer_) return;
  const std::uint64_t lost = writer_->exemplars_lost();
  control::add(world_.accounts.exemplars_lost, lost - std::exchange(exemplars_lost_, lost));
}

void Snapshots::begin_to_judge(const control::Ledger& ledger) {
  const std::uint64_t seen = ledger.compared() + ledger.failed_in_all() + ledger.dropped_in_all();
  if (seen == judged_ || net::Loop::clock_ns() < next_judging_ns_) return;
  judged_ = seen;
  judging_took_ns_ = 0;
  judging_ = std::make_unique<diff::Judging>(
      evidence_, world_.settings.diff,
      diff::Circumstances{ledger.eligible, ledger.dropped_in_all(), today(), repeats_production(world_.settings)},
      diff::Judging::Detail::verdict);
}

bool Snapshots::go_on_judging() {
  const std::int64_t begin_ns = processor_ns();
  const bool is_over = work_for_a_turn(*judging_);
  for (const diff::Judging::Proof& proof : judging_->take_proofs()) {
    evidence_.note_proof(proof.endpoint, proof.path, proof.difference_class, proof.is_proved ? unix_us() : 0);
  }
  judging_took_ns_ += processor_ns() - begin_ns;
  return is_over;
}

void Snapshots::finish_judging() {
  const diff::Verdict said = judging_->take().verdict;
  judging_.reset();
  next_judging_ns_ = net::Loop::clock_ns() + rest_factor * judging_took_ns_;
  verdict_ = diff::name_of(said);
  const std::uint64_t verdict = said == diff::Verdict::pass ? 1 : said == diff::Verdict::regression ? 2 : 0;
  world_.accounts.verdict.store(verdict, std::memory_order_relaxed);
}

void Snapshots::report(const std::string& error) {
  control::add(world_.accounts.store_errors);
  if (error == last_error_) return;
  last_error_ = error;
  std::fprintf(stderr, "us-shadow: store: %s\n", error.c_str());
}

}  // namespace understudy::shadow
