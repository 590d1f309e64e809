#include "proxy/store/writer.h"

#include <fcntl.h>
#include <sys/file.h>
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
    stored_octets_ = static_cast<std::uint64_t>(database->number("SELECT sum(octets) FROM exemplars"));
    if (!database->ok()) error = options_.path + ": " + database->error();
  }
  if (!error.empty()) {
    database.reset();
    close();
    return error;
  }
  database_ = std::move(database);
  run_written_ = false;
  return std::nullopt;
}

// In this order: closing any descriptor of the file ends the locks that SQLite holds on it.
void Writer::close() {
  database_.reset();
  if (lock_fd_ >= 0) ::close(std::exchange(lock_fd_, -1));
}

std::optional<std::string> Writer::restore(Restored& restored) {
  if (!database_) return options_.path + ": is not open";
  Transaction transaction(*database_, Transaction::Kind::read);
  restored.rows = store::read_rows(*database_);
  restored.ledger_base = store::read_ledger(*database_);
  restored.evidence_lost = store::read_run(*database_).evidence_lost;
  transaction.commit();
  control::Ledger& base = restored.ledger_base;
  base.outcomes[control::dropped(control::DropReason::shutdown)] += std::exchange(base.in_flight, 0);
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
  Transaction transaction(*database_, Transaction::Kind::write);
  if (!run_written_) write_run(*database_, options_.run);
  write_rows(*database_, snapshot.changed);
  write_ledger(*database_, snapshot.ledger);
  write_progress(*database_, snapshot.evidence_lost, snapshot.time_us);
  std::uint64_t stored = stored_octets_ + write_exemplars();
  if (stored > options_.exemplar_octets || snapshots_ % snapshots_between_prunings == 0)
    stored = prune_exemplars(snapshot.time_us);
  if (!transaction.commit()) return result();

  run_written_ = true;
  ++snapshots_;
  stored_octets_ = stored;
  gathered_.clear();
  gathered_octets_ = 0;
  return std::nullopt;
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
