#include "proxy/store/reader.h"

#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
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
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && status.st_size > 0;
}

// Without a place for "-shm" SQLite cannot take part in the WAL protocol; with no WAL to read, it need not.
bool must_read_as_is(const std::string& path) {
  return access(directory_of(path).c_str(), W_OK) != 0 && !has_octets(path + "-wal");
}

// A store of the first edition does not say which one it is: it has one.
std::string current_run(Database& database) {
  const std::string name = read_meta(database, meta_run);
  if (!name.empty()) return name;
  const std::vector<RunRow> runs = read_runs(database);
  return runs.empty() ? std::string() : runs.back().name;
}

constexpr std::size_t runs_kept = 4;

}  // namespace

Reader::Reader(std::string path) : path_(std::move(path)) {}

Reader::~Reader() = default;

bool Reader::exists() const {
  return has_octets(path_);
}

std::shared_ptr<const Stored> Reader::read(const std::string& run) {
  const auto before = [&] {
    const auto known = stored_.find(run);
    return known == stored_.end() ? std::make_shared<const Stored>() : known->second;
  };
  if (!connect()) return before();
  const std::int64_t version = database_->number("PRAGMA data_version");
  if (database_->ok() && version == data_version_ && stored_.contains(run)) return before();

  auto stored = std::make_shared<Stored>();
  Transaction transaction(*database_, Transaction::Kind::read);
  const std::string name = run.empty() ? current_run(*database_) : run;
  const std::optional<RunRow> row = read_run(*database_, name);
  if (row) {
    stored->evidence = diff::Evidence(row->diff.slower);  // what was counted around another one is not read
    stored->evidence.restore(read_rows(*database_, name));
    stored->ledger = read_ledger(*database_, name);
    stored->run = *row;
    stored->evidence_lost = row->evidence_lost;
    stored->evidence_skipped = row->evidence_skipped;
    stored->written_us = row->written_us;
    stored->closed_us = row->closed_us;
    stored->epochs = read_epochs(*database_, name);
  }
  stored->ledger_of_others = read_ledger_without(*database_, name);
  transaction.commit();
  if (!keep_if_good()) return before();
  forget_unless(version);
  if (stored_.size() >= runs_kept) stored_.clear();
  stored_[run] = stored;
  return stored;
}

std::shared_ptr<const Catalogue> Reader::catalogue() {
  const auto before = [&] { return catalogue_ ? catalogue_ : std::make_shared<const Catalogue>(); };
  if (!connect()) return before();
  const std::int64_t version = database_->number("PRAGMA data_version");
  if (database_->ok() && version == data_version_ && catalogue_) return catalogue_;

  auto catalogue = std::make_shared<Catalogue>();
  Transaction transaction(*database_, Transaction::Kind::read);
  const std::string instance = read_meta(*database_, meta_instance);
  std::from_chars(instance.data(), instance.data() + instance.size(), catalogue->instance);
  catalogue->current = current_run(*database_);
  catalogue->runs = read_runs(*database_);
  transaction.commit();
  if (!keep_if_good()) return before();
  forget_unless(version);
  catalogue_ = catalogue;
  return catalogue;
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

// What was read under another version is no longer what the file says.
void Reader::forget_unless(std::int64_t version) {
  if (version == data_version_) return;
  stored_.clear();
  catalogue_.reset();
  data_version_ = version;
}

// After a fault the file is opened again: its writer may have brought it to this edition.
bool Reader::keep_if_good() {
  if (database_->ok()) return true;
  error_ = path_ + ": " + database_->error();
  is_faulty_ = true;  // not closed here: the transaction at hand has yet to end
  return false;
}

// True: database_ has the file open that is at the path now, and it is a store.
bool Reader::connect() {
  error_.clear();
  struct stat status {};
  if (stat(path_.c_str(), &status) != 0 || status.st_size == 0) {
    database_.reset();
    stored_.clear();
    catalogue_.reset();
    return false;
  }
  const bool is_same_file = status.st_dev == device_ && status.st_ino == inode_;
  if (database_ && is_same_file && !is_faulty_) return true;
  is_faulty_ = false;

  database_ =
      std::make_unique<Database>(path_, must_read_as_is(path_) ? Database::Mode::read_as_is : Database::Mode::read);
  const FileKind kind = kind_of(*database_);
  if (kind == FileKind::older) show_as_migrated(*database_);
  if (kind != FileKind::ours && kind != FileKind::older) {
    // An empty file is one that its writer is just making.
    error_ = refusal(kind, path_, *database_);
    database_.reset();
    return false;
  }
  if (!is_same_file) {
    stored_.clear();
    catalogue_.reset();
  }
  device_ = status.st_dev;
  inode_ = status.st_ino;
  data_version_ = 0;
  return true;
}

}  // namespace understudy::store
