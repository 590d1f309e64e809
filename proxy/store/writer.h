// The one writer of a store: the shadow plane, about once a second. Calls block for the time of the disk and never
// longer, but for keep() and gather(); every fault is a value that says what is wrong, and costs nothing but the
// snapshot: the caller keeps its numbers (Evidence::mark_all_changed) and tries again a second later.
//
//   store::Writer writer({path, settings.store.exemplars, settings.store.retention, run_info});
//   if (auto error = writer.open()) ...          // try again later; snapshot() fails until it is open
//   store::Restored earlier;
//   if (auto error = writer.restore(earlier)) ...
//   each second:  writer.snapshot({evidence.take_changed_rows(), ledger, evidence_lost, now_us})
//
// What a restart goes on from:
//   * a new supervisor: the rows of the run it goes on with, if any, and `ledger_base` as the base of the shared
//   accounts
//     (base_*), once (base_loaded).
//   * a new shadow plane under the same supervisor: rows alone; the shared accounts still hold live counters and base.
//   * in both: the run's ledger = the live ledger with base - `ledger_of_others`, and evidence_lost = its compared() -
//     evidence_skipped - sum of the restored endpoints' `compared`, because each snapshot holds rows and ledger of one
//     moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/evidence.h"
#include "proxy/control/ledger.h"
#include "proxy/store/exemplar.h"
#include "proxy/store/run_info.h"

namespace understudy::store {

class Database;

struct WriterOptions {
  std::string path;  // never empty: a run in memory has a path in a private directory
  std::uint64_t exemplar_octets =
      256ull << 20;  // all exemplars together, as stored; beyond: unreferenced, then oldest go
  std::chrono::seconds retention{14 * 86400};  // of exemplars; the counters stay as long as their run
  RunInfo run;                                 // whose snapshots are written that name no other
  std::uint64_t instance = 0;                  // who writes: see control::ShadowAccounts
};

struct Snapshot {
  diff::Rows changed;      // counters are absolute: a row replaces its older self
  control::Ledger ledger;  // of the run, of the same moment as the rows
  std::uint64_t evidence_lost = 0;
  std::int64_t time_us = 0;              // microseconds since 1970
  std::shared_ptr<const RunInfo> run{};  // null: WriterOptions::run
  std::uint64_t evidence_skipped = 0;
  std::string verdict{};
  bool closes = false;          // the run is over
  bool is_anew = false;         // whatever the file holds of that run goes first
  std::vector<Epoch> epochs{};  // to be added
  // Of the runs that the file does not know (it was deleted); written where it knows none.
  std::shared_ptr<const control::Ledger> others{};
};

struct Restored {
  diff::Rows rows;  // of the one run that was asked for
  std::optional<RunRow> run;
  // What the last snapshots' ledgers of all runs come to once they are over: what is in flight is dropped as
  // `shutdown`.
  control::Ledger ledger_base;
  control::Ledger ledger_of_others;  // the part of it that is not of the run
  std::uint64_t evidence_lost = 0;   // of the run, as of that snapshot
};

class Writer {
 public:
  // Exemplars that wait for a snapshot that succeeds; beyond, the oldest of them go. Beside them there may be as many
  // that are being written.
  static constexpr std::size_t pending_octets_limit = 16u << 20;

  explicit Writer(WriterOptions options);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Makes the file where there is none (mode 0600), refuses one that is not ours, is of a newer edition or has another
  // writer. To be called again after an error.
  std::optional<std::string> open();
  bool is_open() const { return database_ != nullptr; }

  // What runs the file holds, in the order of their opening.
  std::optional<std::string> read_runs(std::vector<RunRow>& runs);
  // Whether this instance wrote the last snapshot, or nobody did.
  bool wrote_last();
  // What was left of a run ("": WriterOptions::run) and of all; all zero for a new file or a new run.
  std::optional<std::string> restore(Restored& restored, std::string_view run = {});
  // A run of which nothing is worth keeping.
  std::optional<std::string> remove(std::string_view run);
  // Whether the file that is open is no longer the one at its path: it was deleted, or another one took its place. Then
  // nothing is written until open() has made a new one.
  bool is_gone() const;
  std::optional<std::string> look() const;  // the same in words

  // Takes a redacted exemplar; the next snapshot writes it, in the same transaction as the rows that name it.
  void keep(const Exemplar& exemplar);

  // One transaction: all or nothing, with the exemplars that were kept until now.
  std::optional<std::string> snapshot(const Snapshot& snapshot);
  // The same in two parts, so that another thread may wait for the disk: what is kept until gather() is written by
  // write(), beside which keep() may be called. What a write() could not write, the next gather() takes again.
  void gather();
  std::optional<std::string> write(const Snapshot& snapshot);

  std::uint64_t exemplars_lost() const {
    return exemplars_lost_;
  }  // gone from the waiting ones before a snapshot succeeded

 private:
  struct Pending {
    std::uint64_t id;
    std::int64_t time_us;
    std::string blob;
  };
  void close();
  void remove_log();
  void trim_pending();
  void write_run_of(const Snapshot& snapshot, const RunInfo& run);
  void close_others(const std::string& current, std::int64_t now_us);
  void prune_runs(const std::string& current);
  std::uint64_t write_exemplars();
  std::uint64_t prune_exemplars(std::int64_t now_us);
  std::optional<std::string> result();

  WriterOptions options_;
  int lock_fd_ = -1;  // on the file itself: held as long as it is open, so that it has one writer
  std::unique_ptr<Database> database_;
  std::deque<Pending> pending_;
  std::size_t pending_octets_ = 0;
  std::deque<Pending> gathered_;
  std::size_t gathered_octets_ = 0;
  std::uint64_t stored_octets_ = 0;  // of the exemplars in the file
  std::uint64_t exemplars_lost_ = 0;
  std::uint64_t snapshots_ = 0;
  std::uint64_t log_inode_ = 0;  // of the write-ahead log beside the file
  std::string run_written_;  // whose ignore rules are in the file
};

}  // namespace understudy::store
