#include "proxy/shadow/snapshots.h"

#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>
#include <utility>

#include "diff/evidence/verdict.h"

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

store::WriterOptions options_from(const Settings& settings) {
  store::WriterOptions options;
  options.path = settings.store.path;
  options.exemplar_octets = settings.store.exemplars;
  options.retention = settings.store.retention;
  options.run.version = UNDERSTUDY_VERSION;
  options.run.started_us = unix_us();
  options.run.primary = settings.primary.url.text;
  options.run.candidate = settings.candidate.url.text;
  if (settings.secondary.configured) options.run.secondary = settings.secondary.url.text;
  options.run.diff = settings.diff;
  return options;
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
    : world_(world), users_(std::move(users)), namer_(world.settings.diff.endpoints) {
  if (!world.settings.store.path.empty()) writer_.emplace(options_from(world.settings));
}

void Snapshots::restore() {
  if (writer_) begin_to_open();
  finish_job();
  settle_lost_evidence();
}

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
  begin(Job::open, [this] {
    earlier_ = {};
    const std::optional<std::string> error = writer_->open();
    return error ? error : writer_->restore(earlier_);
  });
}

void Snapshots::begin_to_write(const control::Ledger& now) {
  const auto snapshot = std::make_shared<store::Snapshot>();
  snapshot->changed = evidence_.take_changed_rows();
  snapshot->ledger = writing_ = now;
  snapshot->evidence_lost = control::get(world_.accounts.evidence_lost);
  snapshot->time_us = unix_us();
  writer_->gather();
  begin(Job::write, [this, snapshot] { return writer_->write(*snapshot); });
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
    if (ended == Job::write) evidence_.mark_all_changed();
    return report(*error_);
  }
  if (ended == Job::open) {
    is_open_ = true;
    evidence_.restore(earlier_.rows);
    for (const diff::EndpointRow& row : earlier_.rows.endpoints) namer_.admit(row.endpoint);
    load_base(earlier_.ledger_base, world_.accounts);
    earlier_ = {};
    settle_lost_evidence();
  } else {
    written_ = writing_;
    written_once_ = true;
    last_error_.clear();
  }
}

// Every compared exchange is in the evidence, but for what a crash took between two snapshots.
void Snapshots::settle_lost_evidence() {
  const std::uint64_t compared = ledger(true).compared();
  const std::uint64_t known = evidence_.compared();
  world_.accounts.evidence_lost.store(compared > known ? compared - known : 0, std::memory_order_relaxed);
}

void Snapshots::write() {
  count_lost_exemplars();
  if (!thread_.is_busy()) take_outcome();
  const control::Ledger now = ledger(true);
  judge(now);
  if (!writer_ || job_ != Job::none) return;
  if (!is_open_) {
    begin_to_open();
  } else if (!written_once_ || !same(now, written_)) {
    begin_to_write(now);
  }
}

void Snapshots::write_last() {
  finish_job();
  const bool was_open = is_open_;
  write();
  finish_job();
  if (was_open || !is_open_) return;
  write();
  finish_job();
}

void Snapshots::count_lost_exemplars() {
  if (!writer_) return;
  const std::uint64_t lost = writer_->exemplars_lost();
  control::add(world_.accounts.exemplars_lost, lost - std::exchange(exemplars_lost_, lost));
}

void Snapshots::judge(const control::Ledger& ledger) {
  const std::uint64_t seen = ledger.compared() + ledger.failed_in_all() + ledger.dropped_in_all();
  if (seen == judged_) return;
  judged_ = seen;
  const diff::Circumstances circumstances{ledger.eligible, ledger.dropped_in_all(), today()};
  const diff::Judgement judgement = diff::judge(evidence_, world_.settings.diff, circumstances);
  const std::uint64_t verdict = judgement.verdict == diff::Verdict::pass         ? 1
                                : judgement.verdict == diff::Verdict::regression ? 2
                                                                                 : 0;
  world_.accounts.verdict.store(verdict, std::memory_order_relaxed);
}

void Snapshots::report(const std::string& error) {
  control::add(world_.accounts.store_errors);
  if (error == last_error_) return;
  last_error_ = error;
  std::fprintf(stderr, "us-shadow: store: %s\n", error.c_str());
}

}  // namespace understudy::shadow
