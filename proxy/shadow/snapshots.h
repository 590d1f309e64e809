// The evidence of the current run, and its way into the store and back: goes on from what was left of the run, writes
// what has changed about once a second, turns to another run where run_register.h or an operator says so. The disk is
// waited for by a thread beside the loop. Owned by ShadowPlane; the judge records into it.
//
// Evidence of two runs is never mixed: while another run is being opened (the old one's last snapshot is written, what
// is known of the new one is read) the judge waits, and what was sent before it was open, or is the answer of another
// build, is compared for the ledger alone.
//
// What takes long where there are many differences goes on in steps of about a millisecond of the processor, between
// which the loop does everything else: once a second the evidence is judged (the verdict alone; nothing is put in
// words), then what has changed is copied for the thread that writes it, at most rows_limit cells at a time. So the
// endpoints of a snapshot are of different moments, each with its cells of one; the ledger is read first. What is
// compared in between may be in the rows, and is in the ledger of the next snapshot. A clean end writes everything.
// What the store has of a run is made an evidence of by the thread: as long as it has that, the judge waits. Only the
// start waits for the disk.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diff/endpoint/namer.h"
#include "diff/evidence/evidence.h"
#include "diff/evidence/verdict.h"
#include "proxy/control/ledger.h"
#include "proxy/net/side_thread.h"
#include "proxy/net/stream.h"
#include "proxy/shadow/exchange.h"
#include "proxy/shadow/run_register.h"
#include "proxy/shadow/world.h"
#include "proxy/store/writer.h"

namespace understudy::shadow {

class Snapshots {
 public:
  // `users`: the accounts of every slot, by slot number, null where there is none.
  Snapshots(World& world, std::vector<const control::UserAccounts*> users);

  // Opens the store, if one is configured, and goes on from what it holds; one that cannot be opened is tried again
  // with every write(). Call once, before anything is recorded. Blocks for the time of the disk.
  void restore();

  diff::Evidence& evidence() { return evidence_; }
  diff::EndpointNamer& namer() { return namer_; }
  // What was recorded earlier was confirmed, or refuted: there is something to judge and write, though no new exchange.
  void note_confirmation() { ++confirmed_; }
  store::Writer* writer() { return writer_ ? &*writer_ : nullptr; }

  // Whether the evidence of this copy, whose answers are there, belongs to the current run; it is of another build, or
  // was sent before the run was opened, where not. May open another run. Where it gives false and both answers are
  // whole, it has counted the copy in evidence_skipped.
  bool admits(const Exchange& exchange, const Copy& copy);
  // The candidate's answer does not name another build than the run's.
  bool is_of_build(const Copy& copy) const;
  // Nothing may be recorded meanwhile: the evidence is about to be another run's, or the thread has it.
  bool is_switching() const { return is_turning() || job_ == Job::join; }
  // An exchange ended without being compared; see Evidence. At any time.
  void record_not_compared(std::string_view endpoint);
  // The candidate was away and is there again: another run, unless a name or the candidate says which build it is.
  void candidate_returned();
  // Each tick: what the disk has done, whom an operator asks for. True: the judge may go on, and has waited.
  bool poll();

  // Begins to judge, and then to write a snapshot, if anything has changed since the last one, and the disk has taken
  // that. Goes on in run().
  void write();
  // To be spawned once.
  net::Task<void> run();
  void stop();
  // … and waits for the disk.
  void write_last();

 private:
  static constexpr std::size_t rows_limit = 16'384;  // of one snapshot: about 15 MB
  // join: what the store has of the run with what was recorded before it could be opened; look: whether the file is
  // still there; turn: from one run to another.
  enum class Job : std::uint8_t { none, open, join, write, look, turn };
  struct Next {
    RunChoice run;
    std::uint64_t request = 0;  // generation, where an operator asks; else 0
  };
  void begin(Job job, std::function<std::optional<std::string>()> work);
  void begin_to_open();
  void begin_to_write();
  void finish_job();
  void take_outcome();
  void finish_opening();
  void begin_to_join();
  void finish_joining();
  bool is_turning() const { return next_ || job_ == Job::turn; }
  void finish_turning();
  void step();
  void take_request();
  void carry_out(std::uint64_t request);
  void turn_to(RunChoice run, std::uint64_t request = 0);
  void begin_to_turn();
  void set_run(const RunChoice& run);
  void take_earlier();
  void publish();
  RunStart start() const;
  std::shared_ptr<store::Snapshot> snapshot_of(const control::Ledger& now, diff::Rows rows);
  control::Ledger ledger_of_run() const;
  bool admits_build(const std::string& build);
  void watch_primary(const Exchange& exchange);
  void settle_lost_evidence();
  void report(const std::string& error);
  bool is_at_work() const { return judging_ || taking_; }
  void go_on();
  void begin_to_judge(const control::Ledger& ledger);
  bool go_on_judging();
  void finish_judging();
  void begin_to_take();
  void drop_work();
  void count_lost_exemplars();
  control::Ledger ledger(bool with_base) const { return control::read_ledger(users_, world_.accounts, with_base); }

  World& world_;
  std::vector<const control::UserAccounts*> users_;
  diff::Evidence evidence_;
  diff::EndpointNamer namer_;
  std::optional<store::Writer> writer_;
  store::RunInfo run_;                // the current one
  RunStart start_;                    // of this plane
  bool is_known_to_store_ = false;    // what start_ names was chosen with the store's names in sight
  std::vector<store::RunRow> known_;  // as the store had them when it was last looked at, and the current one
  std::optional<Next> next_;          // to be turned to
  bool has_waited_ = false;           // the judge, for that
  std::int64_t opened_ns_ = 0;        // CLOCK_MONOTONIC; what was sent before is not the run's
  control::Ledger others_;            // of all other runs
  BuildWatch candidate_build_, primary_build_;
  std::vector<std::string> left_builds_;  // of the candidate, by this plane
  std::string primary_value_;             // production's build; empty = not known
  std::vector<store::Epoch> epochs_;      // that are not written yet
  std::string verdict_;
  control::Ledger written_;  // of the last snapshot
  control::Ledger writing_;  // of that whose rows are taken or written
  bool is_open_ = false;
  bool has_everything_ = false;  // what the store has of the run is in memory
  bool is_anew_ = false;         // … and has to be written whole: the file is another one
  bool written_once_ = false;
  // Differences that were asked for again, as yet: all of them, in the snapshot under way, in the last one.
  std::uint64_t confirmed_ = 0;
  std::uint64_t confirmed_writing_ = 0;
  std::uint64_t confirmed_written_ = 0;
  std::uint64_t judged_ = ~std::uint64_t{0};  // exchanges and confirmations that the last verdict was made from
  std::string last_error_;
  std::uint64_t exemplars_lost_ = 0;  // … that are counted
  // What goes on in steps: one, and then the other.
  std::unique_ptr<diff::Judging> judging_;
  std::optional<diff::Evidence::RowTaking> taking_;
  net::Event work_;
  bool stopped_ = false;
  std::int64_t next_judging_ns_ = 0;
  std::int64_t judging_took_ns_ = 0;  // of the processor
  bool is_partial_ = false;           // rows are left for the next snapshot
  // What the thread is at, and what it leaves.
  Job job_ = Job::none;
  std::optional<std::string> error_;
  store::Restored earlier_;
  std::string chosen_;
  std::vector<store::RunRow> runs_;
  std::unique_ptr<diff::Evidence> of_run_;  // … with what the store has of the run
  // What was under way and came to nothing: freed by the thread, because it may be much.
  std::unique_ptr<diff::Judging> judging_dropped_;
  diff::Rows rows_dropped_;
  // Of the run, while the thread has its evidence. The names are the namer's.
  std::vector<std::string_view> not_compared_;
  net::SideThread thread_;
};

}  // namespace understudy::shadow
