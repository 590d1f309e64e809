#include "proxy/store/schema.h"

#include <cstdint>

namespace understudy::store {
namespace {

constexpr std::int64_t application_id = 0x55535459;  // "USTY", at octet 68 of the file

// Counters are 64-bit patterns without a sign. Texts may hold any octets.
constexpr const char* tables = R"sql(
  CREATE TABLE run(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE ignore_rules(position INTEGER PRIMARY KEY, endpoint TEXT, path TEXT, reason TEXT, expires TEXT);
  CREATE TABLE ledger(account TEXT PRIMARY KEY, count INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE endpoints(
    endpoint TEXT PRIMARY KEY, requests INTEGER, compared INTEGER, triples INTEGER, differed INTEGER, failed INTEGER, overflowed INTEGER,
    latency_primary BLOB, latency_candidate BLOB, latency_secondary BLOB) WITHOUT ROWID;
  CREATE TABLE cells(
    id TEXT PRIMARY KEY, endpoint TEXT, path TEXT, class TEXT,
    raw INTEGER, raw_paired INTEGER, noise INTEGER, b INTEGER, c INTEGER, b_directional INTEGER, c_directional INTEGER,
    ordinal INTEGER, first_us INTEGER, last_us INTEGER, first_exemplar INTEGER, latest_exemplar INTEGER, latest_exemplar_us INTEGER,
    primary_pointer TEXT, other_pointer TEXT, primary_value TEXT, other_value TEXT) WITHOUT ROWID;
  CREATE TABLE exemplars(id INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, octets INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE INDEX exemplars_by_time ON exemplars(time_us, octets);
)sql";

}  // namespace

FileKind kind_of(Database& database) {
  const std::int64_t id = database.number("PRAGMA application_id");
  const std::int64_t version = database.number("PRAGMA user_version");
  const std::int64_t objects = database.number("SELECT count(*) FROM sqlite_master");
  if (!database.ok()) return database.is_other_file() ? FileKind::foreign : FileKind::unreadable;
  if (id == 0 && version == 0 && objects == 0) return FileKind::empty;
  if (id != application_id) return FileKind::foreign;
  return version == schema_version ? FileKind::ours : FileKind::newer;
}

std::string refusal(FileKind kind, const std::string& path, const Database& database) {
  switch (kind) {
    case FileKind::foreign:
      return path + ": is a file of another program; name another one in store.path";
    case FileKind::newer:
      return path + ": was written by a newer understudy; use that one, or name another file in store.path";
    case FileKind::unreadable:
      return path + ": cannot be read as a store: " + database.error();
    case FileKind::empty:
    case FileKind::ours:
      break;
  }
  return {};
}

void create_schema(Database& database) {
  Transaction transaction(database, Transaction::Kind::write);
  database.execute(tables);
  database.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
  database.execute(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
  transaction.commit();
}

std::optional<diff::DifferenceClass> class_named(std::string_view name) {
  for (std::size_t i = 0; i < diff::difference_class_count; ++i) {
    const auto difference_class = static_cast<diff::DifferenceClass>(i);
    if (diff::name_of(difference_class) == name) return difference_class;
  }
  return std::nullopt;
}

std::string account_name(control::Outcome outcome) {
  using namespace control;
  if (outcome == outcome_matched) return "matched";
  if (outcome == outcome_differed) return "differed";
  const std::size_t drop = outcome - 2u;
  if (drop < drop_reason_names.size()) return "dropped:" + std::string(drop_reason_names[drop]);
  const std::size_t fail = drop - drop_reason_names.size();
  const bool of_primary = fail < fail_reason_names.size();
  const std::string_view reason = fail_reason_names[of_primary ? fail : fail - fail_reason_names.size()];
  return (of_primary ? "failed:primary:" : "failed:candidate:") + std::string(reason);
}

}  // namespace understudy::store
