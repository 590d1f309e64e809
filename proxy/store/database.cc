#include "proxy/store/database.h"

#include <sqlite3.h>

namespace understudy::store {
namespace {

// Writer and readers of a WAL file do not wait for each other, except for moments at its start and end.
constexpr int busy_timeout_ms = 250;

// SQLite's URI form, the only way to say "immutable".
std::string as_is_uri(const std::string& path) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char octet : path) {
    const auto code = static_cast<unsigned char>(octet);
    if (code <= ' ' || code >= 0x7f || octet == '%' || octet == '?' || octet == '#') {
      uri.append({'%', digits[code >> 4], digits[code & 15]});
    } else {
      uri += octet;
    }
  }
  return uri + "?immutable=1";
}

}  // namespace

Database::Database(const std::string& path, Mode mode) {
  const int flags = SQLITE_OPEN_NOMUTEX | (mode == Mode::write  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                                           : mode == Mode::read ? SQLITE_OPEN_READONLY
                                                                : SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  check(sqlite3_open_v2(mode == Mode::read_as_is ? as_is_uri(path).c_str() : path.c_str(), &handle_, flags, nullptr));
  if (handle_) sqlite3_busy_timeout(handle_, busy_timeout_ms);
  execute("PRAGMA trusted_schema = OFF");
}

Database::~Database() {
  sqlite3_close(handle_);
}

void Database::execute(const char* sql) {
  if (ok()) check(sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr));
}

std::int64_t Database::number(const char* sql) {
  Statement statement(*this, sql);
  statement.start();
  return statement.step() ? statement.integer(0) : 0;
}

void Database::check(int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE || !ok()) return;
  error_ = handle_ ? sqlite3_errmsg(handle_) : sqlite3_errstr(code);
  if (error_.empty()) error_ = "unknown fault";
  is_other_file_ = code == SQLITE_NOTADB;
}

Statement::Statement(Database& database, std::string_view sql) : database_(database) {
  if (!database_.ok()) return;
  database_.check(sqlite3_prepare_v2(database_.handle_, sql.data(), static_cast<int>(sql.size()), &handle_, nullptr));
}

Statement::~Statement() {
  sqlite3_finalize(handle_);
}

bool Statement::step() {
  if (!database_.ok()) return false;
  const int code = sqlite3_step(handle_);
  database_.check(code);
  return code == SQLITE_ROW;
}

std::string Statement::octets(int column) {
  if (!database_.ok()) return {};
  const void* data = sqlite3_column_blob(handle_, column);
  const int size = sqlite3_column_bytes(handle_, column);
  return data ? std::string(static_cast<const char*>(data), static_cast<std::size_t>(size)) : std::string();
}

void Statement::reset() {
  if (database_.ok()) sqlite3_reset(handle_);  // its result is that of the step before, already known
}

void Statement::bind(int index, std::string_view text) {
  if (!database_.ok()) return;
  database_.check(
      sqlite3_bind_text64(handle_, index, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind(int index, Blob blob) {
  if (!database_.ok()) return;
  const char* data = blob.octets.data() ? blob.octets.data() : "";
  database_.check(sqlite3_bind_blob64(handle_, index, data, blob.octets.size(), SQLITE_TRANSIENT));
}

void Statement::bind_integer(int index, std::int64_t value) {
  if (database_.ok()) database_.check(sqlite3_bind_int64(handle_, index, value));
}

std::int64_t Statement::read_integer(int column) {
  return database_.ok() ? sqlite3_column_int64(handle_, column) : 0;
}

Transaction::Transaction(Database& database, Kind kind) : database_(database) {
  database_.execute(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
  open_ = database_.ok();
}

Transaction::~Transaction() {
  if (!open_) return;
  const std::string error = database_.error();
  database_.clear_error();
  database_.execute("ROLLBACK");  // SQLite may have done so already (a full disk); then this fails and means nothing
  database_.clear_error();
  database_.error_ = error;
}

bool Transaction::commit() {
  database_.execute("COMMIT");
  if (!database_.ok()) return false;
  open_ = false;
  return true;
}

}  // namespace understudy::store
