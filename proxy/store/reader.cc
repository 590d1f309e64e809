#include "proxy/store/reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "proxy/store/database.h"
#include "proxy/store/schema.h"
#include "proxy/store/tables.h"

namespace understudy::store {
namespace {

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

bool has_octets(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

// Without a place for "-shm" SQLite cannot take part in the WAL protocol; with no WAL to read, it need not.
bool must_read_as_is(const std::string& path) {
  return access(directory_of(path).c_str(), W_OK) != 0 && !has_octets(path + "-wal");
}

}  // namespace

Reader::Reader(std::string path) : path_(std::move(path)), stored_(std::make_shared<const Stored>()) {}

Reader::~Reader() = default;

bool Reader::exists() const {
  return has_octets(path_);
}

std::shared_ptr<const Stored> Reader::read() {
  if (!connect()) return stored_;
  const std::int64_t version = database_->number("PRAGMA data_version");
  if (database_->ok() && version == data_version_) return stored_;

  auto stored = std::make_shared<Stored>();
  Transaction transaction(*database_, Transaction::Kind::read);
  stored->evidence.restore(read_rows(*database_));
  stored->ledger = read_ledger(*database_);
  RunRecord record = read_run(*database_);
  transaction.commit();
  if (!database_->ok()) {
    error_ = path_ + ": " + database_->error();
    database_->clear_error();
    return stored_;
  }
  stored->run = std::move(record.run);
  stored->evidence_lost = record.evidence_lost;
  stored->written_us = record.written_us;
  stored_ = std::move(stored);
  data_version_ = version;
  return stored_;
}

std::optional<Exemplar> Reader::exemplar(std::uint64_t id) {
  if (!connect()) return std::nullopt;
  Statement select(*database_, "SELECT data FROM exemplars WHERE id = ?");
  select.start(id);
  std::optional<Exemplar> exemplar;
  if (select.step()) exemplar = decode(select.octets(0));
  database_->clear_error();
  return exemplar;
}

// True: database_ has the file open that is at the path now, and it is a store.
bool Reader::connect() {
  error_.clear();
  struct stat status{};
  if (stat(path_.c_str(), &status) != 0 || status.st_size == 0) {
    database_.reset();
    stored_ = std::make_shared<const Stored>();
    return false;
  }
  if (database_ && status.st_dev == device_ && status.st_ino == inode_) return true;

  database_ =
      std::make_unique<Database>(path_, must_read_as_is(path_) ? Database::Mode::read_as_is : Database::Mode::read);
  const FileKind kind = kind_of(*database_);
  if (kind != FileKind::ours) {
    // An empty file is one that its writer is just making.
    error_ = refusal(kind, path_, *database_);
    database_.reset();
    return false;
  }
  stored_ = std::make_shared<const Stored>();
  device_ = status.st_dev;
  inode_ = status.st_ino;
  data_version_ = 0;
  return true;
}

}  // namespace understudy::store
