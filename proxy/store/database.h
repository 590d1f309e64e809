// A thin layer over SQLite, for writer.cc and reader.cc; database.cc is the only file that knows its interface. One
// thread.
//
// The first fault sticks: every later step is a no-op and gives nothing, until clear_error(). So a transaction is
// written down as if nothing could fail, and looked at once, at its commit.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace understudy::store {

struct Blob {
  std::string_view octets;
};

class Statement;
class Transaction;

class Database {
 public:
  enum class Mode {
    write,      // makes the file where there is none
    read,       // beside a writer, or after one
    read_as_is  // a file that nothing writes to, in a directory that cannot be written to
  };
  Database(const std::string& path, Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  void clear_error() { error_.clear(); }
  bool is_other_file() const { return is_other_file_; }  // the fault is that the file is no database at all

  void execute(const char* sql);
  std::int64_t number(const char* sql);  // the first column of the first row; 0 where there is none

 private:
  friend class Statement;
  friend class Transaction;
  void check(int code);

  sqlite3* handle_ = nullptr;
  std::string error_;
  bool is_other_file_ = false;
};

// Parameters are bound in order; integers of 64 bits keep their bits, whatever their sign.
class Statement {
 public:
  Statement(Database& database, std::string_view sql);
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // For statements that give no rows.
  template <class... Values>
  void run(const Values&... values) {
    start(values...);
    step();
  }

  // For statements that give rows: while (statement.step()) ...
  template <class... Values>
  void start(const Values&... values) {
    reset();
    int index = 0;
    (bind(++index, values), ...);
  }
  bool step();

  template <std::integral T = std::int64_t>
  T integer(int column) {
    return static_cast<T>(read_integer(column));
  }
  std::string octets(int column);

 private:
  void reset();
  void bind(int index, std::integral auto value) { bind_integer(index, static_cast<std::int64_t>(value)); }
  void bind(int index, std::string_view text);
  void bind(int index, Blob blob);
  void bind_integer(int index, std::int64_t value);
  std::int64_t read_integer(int column);

  Database& database_;
  sqlite3_stmt* handle_ = nullptr;
};

// Rolled back unless committed.
class Transaction {
 public:
  enum class Kind { read, write };
  Transaction(Database& database, Kind kind);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  bool commit();  // false: a fault on the way or now; nothing of it is in the file

 private:
  Database& database_;
  bool open_ = false;
};

}  // namespace understudy::store
