// Reads a store while its writer writes, after it was killed, and before there is one: the admin plane and `understudy
// report --store`. One thread. Never changes the file.
//
// A store is in WAL mode: to be read it needs its "-wal" and "-shm" files, which SQLite makes beside it. Where the
// directory cannot be written to and there is no "-wal" with octets in it, the file is read as it is; where there is
// one and it cannot be opened, error() says so.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "diff/evidence/evidence.h"
#include "proxy/control/ledger.h"
#include "proxy/store/exemplar.h"
#include "proxy/store/run_info.h"

namespace understudy::store {

class Database;

// The last snapshot of one run, ready to be judged: diff::make_report(evidence, run.diff, summarise(ledger),
// evidence_lost, today).
struct Stored {
  RunInfo run;
  diff::Evidence evidence;
  control::Ledger ledger;            // of the run, at the moment of the snapshot
  control::Ledger ledger_of_others;  // of all other runs together, also of those that are not kept any more
  std::uint64_t evidence_lost = 0;
  std::uint64_t evidence_skipped = 0;
  std::int64_t written_us = 0;  // 0: there is no snapshot of that run
  std::int64_t closed_us = 0;   // 0: the run is open
  std::vector<Epoch> epochs;
};

// What a store says beside the evidence.
struct Catalogue {
  std::uint64_t instance = 0;  // who wrote last: see control::ShadowAccounts
  std::string current;         // run; empty: nothing was ever written
  std::vector<RunRow> runs;    // in the order of their opening
};

class Reader {
 public:
  explicit Reader(std::string path);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // The newest snapshot of a run ("": the current one); the same object as before where nothing has changed, and cheap
  // then. Never null: an empty one if there is no store yet, or no such run. After a fault the one before, and error()
  // says why.
  std::shared_ptr<const Stored> read(const std::string& run = {});
  std::shared_ptr<const Catalogue> catalogue();
  const std::string& error() const { return error_; }
  // Whether there is a file at the path at all.
  bool exists() const;

  // Nothing if it is not kept (any more), or on a fault.
  std::optional<Exemplar> exemplar(std::uint64_t id);

 private:
  bool connect();
  bool keep_if_good();
  void forget_unless(std::int64_t version);

  std::string path_;
  std::string error_;
  std::unique_ptr<Database> database_;
  std::uint64_t device_ = 0,
                inode_ = 0;  // of the file that database_ has open: another one at the same path is another store
  bool is_faulty_ = false;  // the connection: the next call opens another one
  std::int64_t data_version_ = 0;
  // As of data_version_; of a few runs, by the name that was asked for.
  std::map<std::string, std::shared_ptr<const Stored>> stored_;
  std::shared_ptr<const Catalogue> catalogue_;
};

}  // namespace understudy::store
