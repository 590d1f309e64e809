#include "proxy/store/schema.h"

#include <cstdint>

namespace understudy::store {
namespace {

constexpr std::int64_t application_id = 0x55535459;  // "USTY", at octet 68 of the file

// Counters are 64-bit patterns without a sign. Texts may hold any octets. The ledger's run "" is the sum of the runs
// that are not kept any more.
constexpr const char* tables = R"sql(
  CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE runs(
    name TEXT PRIMARY KEY, opened_us INTEGER, closed_us INTEGER, why TEXT, named INTEGER, build TEXT,
    version TEXT, started_us INTEGER, primary_url TEXT, candidate_url TEXT, secondary_url TEXT,
    confidence TEXT, exclude TEXT, exclude_noisy TEXT, slower TEXT,
    evidence_lost INTEGER, evidence_skipped INTEGER, written_us INTEGER, verdict TEXT) WITHOUT ROWID;
  CREATE TABLE epochs(run TEXT, time_us INTEGER, value TEXT, PRIMARY KEY(run, time_us)) WITHOUT ROWID;
  CREATE TABLE ignore_rules(
    run TEXT, position INTEGER, endpoint TEXT, path TEXT, reason TEXT, expires TEXT, PRIMARY KEY(run, position)) WITHOUT ROWID;
  CREATE TABLE ledger(run TEXT, account TEXT, count INTEGER NOT NULL, PRIMARY KEY(run, account)) WITHOUT ROWID;
  CREATE TABLE endpoints(
    run TEXT, endpoint TEXT, requests INTEGER, compared INTEGER, triples INTEGER, differed INTEGER, failed INTEGER,
    overflowed INTEGER, dropped INTEGER, latency_primary BLOB, latency_candidate BLOB, latency_secondary BLOB,
    state BLOB, PRIMARY KEY(run, endpoint)) WITHOUT ROWID;
  CREATE TABLE cells(
    run TEXT, id TEXT, endpoint TEXT, path TEXT, class TEXT,
    raw INTEGER, raw_paired INTEGER, noise INTEGER, b INTEGER, c INTEGER, b_directional INTEGER, c_directional INTEGER,
    ordinal INTEGER, first_us INTEGER, last_us INTEGER, first_exemplar INTEGER, latest_exemplar INTEGER, latest_exemplar_us INTEGER,
    primary_pointer TEXT, other_pointer TEXT, primary_value TEXT, other_value TEXT, state BLOB, PRIMARY KEY(run, id)) WITHOUT ROWID;
)sql";
// What came to edition 2 later: a program of that edition that does not know it reads and writes the file as before.
constexpr const char* added_tables = R"sql(
  CREATE TABLE IF NOT EXISTS ignore_classes(
    run TEXT, position INTEGER, class TEXT, PRIMARY KEY(run, position, class)) WITHOUT ROWID;
)sql";
constexpr const char* exemplar_table = R"sql(
  CREATE TABLE exemplars(id INTEGER PRIMARY KEY, time_us INTEGER NOT NULL, octets INTEGER NOT NULL, data BLOB NOT NULL);
  CREATE INDEX exemplars_by_time ON exemplars(time_us, octets);
)sql";

// What the tables of edition 1 say, in the columns of this one. {} stands for where they are.
struct Carried {
  const char* table;
  const char* select;
};
constexpr Carried carried[] = {
    {"meta", "SELECT key, value FROM {}run WHERE key = 'written_us'"},
    {"runs",
     "SELECT '1' AS name, max(CASE key WHEN 'started_us' THEN CAST(value AS INTEGER) END) AS opened_us,"
     " ifnull(max(CASE key WHEN 'written_us' THEN CAST(value AS INTEGER) END), 1) AS closed_us, 'migrated' AS why,"
     " 0 AS named, '' AS build, max(CASE key WHEN 'version' THEN value END) AS version,"
     " max(CASE key WHEN 'started_us' THEN CAST(value AS INTEGER) END) AS started_us,"
     " max(CASE key WHEN 'primary' THEN value END) AS primary_url,"
     " max(CASE key WHEN 'candidate' THEN value END) AS candidate_url,"
     " max(CASE key WHEN 'secondary' THEN value END) AS secondary_url,"
     " max(CASE key WHEN 'confidence' THEN value END) AS confidence, '' AS exclude, '' AS exclude_noisy, '' AS slower,"
     " ifnull(max(CASE key WHEN 'evidence_lost' THEN CAST(value AS INTEGER) END), 0) AS evidence_lost,"
     " 0 AS evidence_skipped, max(CASE key WHEN 'written_us' THEN CAST(value AS INTEGER) END) AS written_us,"
     " '' AS verdict FROM {}run HAVING count(*) > 0"},
    {"epochs", "SELECT '1' AS run, 0 AS time_us, '' AS value WHERE 0"},
    {"ignore_rules", "SELECT '1' AS run, position, endpoint, path, reason, expires FROM {}ignore_rules"},
    {"ledger", "SELECT '1' AS run, account, count FROM {}ledger"},
    {"endpoints",
     "SELECT '1' AS run, endpoint, requests, compared, triples, differed, failed, overflowed, 0 AS dropped,"
     " latency_primary, latency_candidate, latency_secondary, x'' AS state FROM {}endpoints"},
    {"cells",
     "SELECT '1' AS run, id, endpoint, path, class, raw, raw_paired, noise, b, c, b_directional, c_directional,"
     " ordinal, first_us, last_us, first_exemplar, latest_exemplar, latest_exemplar_us,"
     " primary_pointer, other_pointer, primary_value, other_value, x'' AS state FROM {}cells"},
};
constexpr const char* tables_of_edition_1[] = {"run", "ignore_rules", "ledger", "endpoints", "cells"};
constexpr std::string_view aside = "edition_1_";

std::string select_from(const Carried& part, std::string_view place) {
  std::string sql = part.select;
  for (std::size_t at = sql.find("{}"); at != std::string::npos; at = sql.find("{}")) sql.replace(at, 2, place);
  return sql;
}

void set_version(Database& database) {
  database.execute(("PRAGMA user_version = " + std::to_string(schema_version)).c_str());
}

}  // namespace

FileKind kind_of(Database& database) {
  const Transaction one_moment(database, Transaction::Kind::read);  // somebody may be making the store just now
  const std::int64_t id = database.number("PRAGMA application_id");
  const std::int64_t version = database.number("PRAGMA user_version");
  const std::int64_t objects = database.number("SELECT count(*) FROM sqlite_master");
  if (!database.ok()) return database.is_other_file() ? FileKind::foreign : FileKind::unreadable;
  if (id == 0 && version == 0 && objects == 0) return FileKind::empty;
  if (id != application_id) return FileKind::foreign;
  if (version == 1) return FileKind::older;
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
    case FileKind::older:
      break;
  }
  return {};
}

void create_schema(Database& database) {
  Transaction transaction(database, Transaction::Kind::write);
  database.execute(tables);
  database.execute(exemplar_table);
  database.execute(("PRAGMA application_id = " + std::to_string(application_id)).c_str());
  set_version(database);
  transaction.commit();
}

void migrate_schema(Database& database) {
  Transaction transaction(database, Transaction::Kind::write);
  for (const std::string table : tables_of_edition_1)
    database.execute(("ALTER TABLE " + table + " RENAME TO " + std::string(aside) + table).c_str());
  database.execute(tables);
  for (const Carried& part : carried)
    database.execute(("INSERT INTO " + std::string(part.table) + ' ' + select_from(part, aside)).c_str());
  for (const std::string table : tables_of_edition_1)
    database.execute(("DROP TABLE " + std::string(aside) + table).c_str());
  set_version(database);
  transaction.commit();
}

void complete_schema(Database& database) {
  database.execute(added_tables);
}

bool has_ignore_classes(Database& database) {
  return database.number("SELECT count(*) FROM sqlite_master WHERE name = 'ignore_classes'") != 0;
}

// A name without a schema means the temporary one first.
void show_as_migrated(Database& database) {
  database.execute("PRAGMA temp_store = MEMORY");
  for (const Carried& part : carried)
    database.execute(("CREATE TEMP VIEW " + std::string(part.table) + " AS " + select_from(part, "main.")).c_str());
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
