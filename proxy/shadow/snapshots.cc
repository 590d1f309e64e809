#include "proxy/shadow/snapshots.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <exception>
#include <memory>
#include <utility>

#include "diff/evidence/verdict.h"
#include "proxy/shadow/turn.h"
#include "proxy/shadow/wall_clock.h"

namespace understudy::shadow {
namespace {

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

// --- the disk ------------------------------------------------------------------------------------------------------

void Snapshots::begin(Job job, std::function<std::optional<std::string>()> work) {
  job_ = job;
  thread_.begin([this, work = std::move(work)] {
    judging_dropped_.reset();
    rows_dropped_ = {};
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

// … and what follows from it.
void Snapshots::finish_job() {
  do {
    thread_.wait();
    take_outcome();
  } while (job_ != Job::none);
}

// Of the job that has ended.
void Snapshots::take_outcome() {
  const Job ended = std::exchange(job_, Job::none);
  if (ended == Job::none) return;
  if (error_ && ended == Job::join) {  // no memory, and half of it is joined
    std::fprintf(stderr, "us-shadow: %s\n", error_->c_str());
    std::abort();
  }
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
    case Job::join:
      return finish_joining();
    case Job::turn:
      take_earlier();
      settle_lost_evidence();
      return finish_turning();
    case Job::write:
      written_ = writing_;
      confirmed_written_ = confirmed_writing_;
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
  begin_to_join();
}

void Snapshots::begin_to_join() {
  drop_work();
  has_waited_ = true;
  of_run_ = std::make_unique<diff::Evidence>(std::move(evidence_));
  evidence_ = diff::Evidence(world_.settings.diff.slower);
  begin(Job::join, [this]() -> std::optional<std::string> {
    of_run_->restore(std::move(earlier_.rows));
    return std::nullopt;
  });
}

void Snapshots::finish_joining() {
  take_earlier();
  for (const std::string_view endpoint : std::exchange(not_compared_, {})) evidence_.record_not_compared(endpoint);
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

// Only when the last snapshot is written: its rows are no part of the next one's. The ledger is of the moment before
// the first row: what is compared meanwhile may be in the rows, and is reason enough for another snapshot.
void Snapshots::begin_to_take() {
  if (!writer_ || job_ != Job::none) return;
  const control::Ledger now = ledger_of_run();
  if (!is_open_) {
    begin_to_open();
  } else if (!written_once_ || !same(now, written_) || confirmed_ != confirmed_written_) {
    writing_ = now;
    confirmed_writing_ = confirmed_;
    taking_.emplace(evidence_, rows_limit);
  } else {
    begin(Job::look, [this] { return writer_->look(); });
  }
}

// The evidence is about to be another one, or the store. Before a job begins.
void Snapshots::drop_work() {
  judging_dropped_ = std::move(judging_);
  judged_ = ~std::uint64_t{0};
  if (!taking_) return;
  rows_dropped_ = taking_->take();
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
  const std::uint64_t seen = ledger.compared() + ledger.failed_in_all() + ledger.dropped_in_all() + confirmed_;
  if (seen == judged_ || net::Loop::clock_ns() < next_judging_ns_) return;
  judged_ = seen;
  judging_took_ns_ = 0;
  judging_ = std::make_unique<diff::Judging>(evidence_, world_.settings.diff,
                                             diff::Circumstances{ledger.eligible, ledger.dropped_in_all(), today(),
                                                                 world_.settings.secondary.repeats_production},
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
  verdict_ = diff::name_of(judging_->take().verdict);
  judging_.reset();
  next_judging_ns_ = net::Loop::clock_ns() + rest_factor * judging_took_ns_;
}

void Snapshots::report(const std::string& error) {
  control::add(world_.accounts.store_errors);
  if (error == last_error_) return;
  last_error_ = error;
  std::fprintf(stderr, "us-shadow: store: %s\n", error.c_str());
}

}  // namespace understudy::shadow
