#include "proxy/store/writer.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>
#include <vector>

#include "proxy/store/database.h"
#include "proxy/store/schema.h"
#include "proxy/store/tables.h"

namespace understudy::store {
namespace {

// Looking for exemplars that nothing names any more costs a pass over the cells.
constexpr std::uint64_t snapshots_between_prunings = 60;

constexpr const char* unreferenced =
    "DELETE FROM exemplars WHERE id NOT IN (SELECT first_exemplar FROM cells UNION SELECT latest_exemplar FROM cells)";

std::string system_error(const std::string& path, int error) {
  return path + ": " + std::strerror(error);
}

// 0: there is none.
std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 ? status.st_ino : 0;
}

bool is_used_by_another(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) return false;
  const bool is_locked = flock(fd, LOCK_EX | LOCK_NB) != 0;
  ::close(fd);
  return is_locked;
}

}  // namespace

Writer::Writer(WriterOptions options) : options_(std::move(options)) {}

Writer::~Writer() {
  close();
}

std::optional<std::string> Writer::open() {
  close();
  lock_fd_ = ::open(options_.path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0) return system_error(options_.path, errno);
  if (flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    const std::string error =
        errno == EWOULDBLOCK ? options_.path + ": another understudy writes to it" : system_error(options_.path, errno);
    close();
    return error;
  }
  auto database = std::make_unique<Database>(options_.path, Database::Mode::write);
  const FileKind kind = kind_of(*database);
  std::string error = refusal(kind, options_.path, *database);
  if (error.empty()) {
    database->execute("PRAGMA journal_mode = WAL");
    database->execute("PRAGMA synchronous = NORMAL");
    if (kind == FileKind::empty) create_schema(*database);
    if (kind == FileKind::older) migrate_schema(*database);
    complete_schema(*database);
    stored_octets_ = static_cast<std::uint64_t>(database->number("SELECT sum(octets) FROM exemplars"));
    if (!database->ok()) error = options_.path + ": " + database->error();
  }
  if (!error.empty()) {
    database.reset();
    close();
    return error;
  }
  database_ = std::move(database);
  log_inode_ = inode_of(options_.path + "-wal");
  run_written_.clear();
  return std::nullopt;
}

// In this order: closing any descriptor of the file ends the locks that SQLite holds on it.
void Writer::close() {
  const bool leaves_log = database_ && is_gone();
  database_.reset();
  if (leaves_log) remove_log();
  if (lock_fd_ >= 0) ::close(std::exchange(lock_fd_, -1));
}

bool Writer::is_gone() const {
  struct stat open_one {
  }, at_path{};
  if (lock_fd_ < 0 || fstat(lock_fd_, &open_one) != 0) return false;
  if (open_one.st_nlink == 0) return true;
  if (stat(options_.path.c_str(), &at_path) != 0) return errno == ENOENT;
  return at_path.st_dev != open_one.st_dev || at_path.st_ino != open_one.st_ino;
}

std::optional<std::string> Writer::look() const {
  if (!is_gone()) return std::nullopt;
  return options_.path + ": was deleted or replaced while it was in use; it is written anew";
}

// The write-ahead log of the file that was at the path, which SQLite would take for that of the one that is there now.
void Writer::remove_log() {
  if (inode_of(options_.path + "-wal") != log_inode_ || is_used_by_another(options_.path)) return;
  for (const char* suffix : {"-wal", "-shm"}) ::unlink((options_.path + suffix).c_str());
}

std::optional<std::string> Writer::read_runs(std::vector<RunRow>& runs) {
  if (!database_) return options_.path + ": is not open";
  runs = store::read_runs(*database_);
  return result();
}

bool Writer::wrote_last() {
  if (!database_) return false;
  const std::string instance = read_meta(*database_, meta_instance);
  database_->clear_error();
  return instance.empty() || instance == std::to_string(options_.instance);
}

std::optional<std::string> Writer::restore(Restored& restored, std::string_view run) {
  if (!database_) return options_.path + ": is not open";
  if (run.empty()) run = options_.run.name;
  Transaction transaction(*database_, Transaction::Kind::read);
  restored.run = store::read_run(*database_, run);
  restored.rows = store::read_rows(*database_, run);
  restored.ledger_base = store::read_ledger_without(*database_, {});
  restored.ledger_of_others = store::read_ledger_without(*database_, run);
  restored.evidence_lost = restored.run ? restored.run->evidence_lost : 0;
  transaction.commit();
  for (control::Ledger* ledger : {&restored.ledger_base, &restored.ledger_of_others})
    ledger->outcomes[control::dropped(control::DropReason::shutdown)] += std::exchange(ledger->in_flight, 0);
  return result();
}

std::optional<std::string> Writer::remove(std::string_view run) {
  if (!database_) return options_.path + ": is not open";
  Transaction transaction(*database_, Transaction::Kind::write);
  remove_run(*database_, run);
  transaction.commit();
  return result();
}

void Writer::keep(const Exemplar& exemplar) {
  Pending& added = pending_.emplace_back(Pending{exemplar.id, exemplar.time_us, encode(exemplar)});
  pending_octets_ += added.blob.size();
  trim_pending();
}

void Writer::trim_pending() {
  while (pending_octets_ > pending_octets_limit) {
    pending_octets_ -= pending_.front().blob.size();
    pending_.pop_front();
    ++exemplars_lost_;
  }
}

void Writer::gather() {
  pending_.insert(pending_.begin(), std::make_move_iterator(gathered_.begin()),
                  std::make_move_iterator(gathered_.end()));
  pending_octets_ += gathered_octets_;
  trim_pending();
  gathered_ = std::exchange(pending_, {});
  gathered_octets_ = std::exchange(pending_octets_, 0);
}

std::optional<std::string> Writer::snapshot(const Snapshot& snapshot) {
  gather();
  return write(snapshot);
}

std::optional<std::string> Writer::write(const Snapshot& snapshot) {
  if (!database_) return options_.path + ": is not open";
  if (std::optional<std::string> gone = look()) return gone;
  Transaction transaction(*database_, Transaction::Kind::write);
  const RunInfo& run = snapshot.run ? *snapshot.run : options_.run;
  write_run_of(snapshot, run);
  write_rows(*database_, run.name, snapshot.changed);
  write_ledger(*database_, run.name, snapshot.ledger);
  std::uint64_t stored = stored_octets_ + write_exemplars();
  if (stored > options_.exemplar_octets || snapshots_ % snapshots_between_prunings == 0)
    stored = prune_exemplars(snapshot.time_us);
  if (!transaction.commit()) return result();

  log_inode_ = inode_of(options_.path + "-wal");
  run_written_ = run.name;
  ++snapshots_;
  stored_octets_ = stored;
  gathered_.clear();
  gathered_octets_ = 0;
  return std::nullopt;
}

void Writer::write_run_of(const Snapshot& snapshot, const RunInfo& run) {
  if (snapshot.is_anew) erase_run(*database_, run.name);
  if (snapshot.others && database_->number("SELECT count(*) FROM runs") == 0)
    write_ledger(*database_, {}, *snapshot.others);
  RunRow row;
  static_cast<RunInfo&>(row) = run;
  row.closed_us = snapshot.closes ? snapshot.time_us : 0;
  row.evidence_lost = snapshot.evidence_lost;
  row.evidence_skipped = snapshot.evidence_skipped;
  row.written_us = snapshot.time_us;
  row.verdict = snapshot.verdict;
  write_run(*database_, row);
  for (const Epoch& epoch : snapshot.epochs) write_epoch(*database_, run.name, epoch);
  write_meta(*database_, meta_instance, std::to_string(options_.instance));
  write_meta(*database_, meta_run, run.name);
  write_meta(*database_, meta_written, std::to_string(snapshot.time_us));
  if (run_written_ == run.name) return;
  write_ignore_rules(*database_, run);
  close_others(run.name, snapshot.time_us);
  prune_runs(run.name);
}

// There is one run at a time: what a killed plane left open is over now.
void Writer::close_others(const std::string& current, std::int64_t now_us) {
  Statement(*database_, "UPDATE runs SET closed_us = ? WHERE closed_us = 0 AND name <> ?").run(now_us, current);
}

void Writer::prune_runs(const std::string& current) {
  std::vector<std::string> doomed;
  Statement oldest(*database_,
                   "SELECT name FROM runs WHERE name <> ?1 ORDER BY closed_us DESC, opened_us DESC LIMIT -1 OFFSET ?2");
  oldest.start(current, runs_limit - 1);
  while (oldest.step()) doomed.push_back(oldest.octets(0));
  for (const std::string& run : doomed) remove_run(*database_, run);
}

std::uint64_t Writer::write_exemplars() {
  Statement insert(*database_, "INSERT OR REPLACE INTO exemplars VALUES (?,?,?,?)");
  for (const Pending& exemplar : gathered_)
    insert.run(exemplar.id, exemplar.time_us, exemplar.blob.size(), Blob{exemplar.blob});
  return gathered_octets_;
}

// What is too old, then what no difference names any more, then as many of the oldest as it takes. Gives the octets
// that stay.
std::uint64_t Writer::prune_exemplars(std::int64_t now_us) {
  Statement outdated(*database_, "DELETE FROM exemplars WHERE time_us < ?");
  outdated.run(now_us - std::chrono::microseconds(options_.retention).count());
  database_->execute(unreferenced);
  auto stored = static_cast<std::uint64_t>(database_->number("SELECT sum(octets) FROM exemplars"));
  if (stored <= options_.exemplar_octets) return stored;

  std::vector<std::int64_t> doomed;
  Statement oldest(*database_, "SELECT id, octets FROM exemplars ORDER BY time_us, octets");
  oldest.start();
  while (stored > options_.exemplar_octets && oldest.step()) {
    doomed.push_back(oldest.integer(0));
    stored -= oldest.integer<std::uint64_t>(1);
  }
  Statement remove(*database_, "DELETE FROM exemplars WHERE id = ?");
  for (const std::int64_t id : doomed) remove.run(id);
  return stored;
}

// The fault since the last call, if any; afterwards the database is ready for the next try.
std::optional<std::string> Writer::result() {
  if (database_->ok()) return std::nullopt;
  std::string error = options_.path + ": " + database_->error();
  database_->clear_error();
  return error;
}

}  // namespace understudy::store
