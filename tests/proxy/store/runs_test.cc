// Several runs in one store: their evidence stays apart, the ledger goes on, old ones go; and stores of the first
// edition.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>

#include "proxy/store/reader.h"
#include "proxy/store/writer.h"
#include "tests/proxy/store/store_values.h"
#include "tests/proxy/store/temporary_directory.h"

namespace understudy::store {
namespace {

constexpr std::int64_t now_us = 1'700'000'100'000'000;

std::shared_ptr<const RunInfo> run_named(const std::string& name, std::int64_t opened_us = now_us) {
  RunInfo run = options_for("").run;
  run.name = name;
  run.why = "name";
  run.named = true;
  run.build = "build of " + name;
  run.opened_us = opened_us;
  run.diff.exclude = 0.02;
  return std::make_shared<const RunInfo>(run);
}

// `count` exchanges that differ, in a run of their own.
Snapshot snapshot_of(const std::string& name, std::uint64_t count, std::int64_t opened_us = now_us) {
  diff::Evidence evidence;
  for (std::uint64_t i = 1; i <= count; ++i) record_difference(evidence, "GET /a", i, opened_us);
  Snapshot snapshot{evidence.take_changed_rows(), {}, 0, opened_us + 1};
  snapshot.ledger.eligible = snapshot.ledger.outcomes[control::outcome_differed] = count;
  snapshot.run = run_named(name, opened_us);
  return snapshot;
}

void run_sql(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

TEST(Runs, EvidenceOfTwoRunsStaysApartAndTheLedgerIsTheSum) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  Snapshot first = snapshot_of("v1", 3, now_us);
  first.closes = true;
  first.evidence_skipped = 2;
  first.verdict = "pass";
  first.epochs = {{now_us, "p1"}, {now_us + 5, "p2"}};
  ASSERT_EQ(writer.snapshot(first), std::nullopt);
  ASSERT_EQ(writer.snapshot(snapshot_of("v2", 5, now_us + 10)), std::nullopt);

  Reader reader(directory.file("s.db"));
  const auto current = reader.read();
  EXPECT_EQ(current->run.name, "v2");
  EXPECT_EQ(current->evidence.compared(), 5u);
  EXPECT_EQ(current->ledger.compared(), 5u);
  EXPECT_EQ(current->ledger_of_others.compared(), 3u);
  EXPECT_EQ(current->closed_us, 0);
  const auto earlier = reader.read("v1");
  EXPECT_EQ(earlier->evidence.compared(), 3u);
  EXPECT_EQ(earlier->run.build, "build of v1");
  EXPECT_EQ(earlier->run.diff.exclude, 0.02);
  EXPECT_EQ(earlier->run.diff.ignore.size(), 3u);
  EXPECT_EQ(earlier->evidence_skipped, 2u);
  EXPECT_EQ(earlier->closed_us, now_us + 1);
  ASSERT_EQ(earlier->epochs.size(), 2u);
  EXPECT_EQ(earlier->epochs[1].value, "p2");
  EXPECT_EQ(reader.read("v3")->written_us, 0);
  EXPECT_EQ(reader.read("v1"), earlier);

  const auto catalogue = reader.catalogue();
  EXPECT_EQ(catalogue->current, "v2");
  ASSERT_EQ(catalogue->runs.size(), 2u);
  EXPECT_EQ(catalogue->runs[0].name, "v1");
  EXPECT_EQ(catalogue->runs[0].verdict, "pass");
  EXPECT_EQ(catalogue->runs[0].compared, 3u);
  EXPECT_EQ(catalogue->runs[1].compared, 5u);
}

TEST(Runs, WhoGoesOnWithARunFindsItsRowsAndWhatTheOthersCounted) {
  TemporaryDirectory directory;
  {
    Writer writer(options_for(directory.file("s.db")));
    ASSERT_EQ(writer.open(), std::nullopt);
    ASSERT_EQ(writer.snapshot(snapshot_of("v1", 3)), std::nullopt);
    ASSERT_EQ(writer.snapshot(snapshot_of("v2", 5)), std::nullopt);
  }
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  std::vector<RunRow> runs;
  ASSERT_EQ(writer.read_runs(runs), std::nullopt);
  ASSERT_EQ(runs.size(), 2u);
  EXPECT_NE(runs[0].closed_us, 0);  // the second one's first snapshot closed it
  Restored restored;
  ASSERT_EQ(writer.restore(restored, "v1"), std::nullopt);
  ASSERT_TRUE(restored.run);
  EXPECT_EQ(restored.rows.endpoints.at(0).counters.compared, 3u);
  EXPECT_EQ(restored.ledger_of_others.compared(), 5u);
  EXPECT_EQ(restored.ledger_base.compared(), 8u);
  Restored fresh;
  ASSERT_EQ(writer.restore(fresh, "v3"), std::nullopt);
  EXPECT_FALSE(fresh.run);
  EXPECT_TRUE(fresh.rows.endpoints.empty());
  EXPECT_EQ(fresh.ledger_of_others.compared(), 8u);
}

TEST(Runs, WhatTheEvidenceKeepsBesideItsCountersComesBack) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  Snapshot snapshot = snapshot_of("v1", 1);
  snapshot.changed.cells.at(0).cell.proof = {7, 3};
  snapshot.changed.cells.at(0).cell.seen_at = 41;
  snapshot.changed.endpoints.at(0).state = "of the endpoint";
  snapshot.changed.endpoints.at(0).counters.dropped = 17;
  ASSERT_EQ(writer.snapshot(snapshot), std::nullopt);
  Restored restored;
  ASSERT_EQ(writer.restore(restored, "v1"), std::nullopt);
  EXPECT_EQ(restored.rows.cells.at(0).cell.proof, (diff::Signs{7, 3}));
  EXPECT_EQ(restored.rows.cells.at(0).cell.seen_at, 41u);
  EXPECT_EQ(restored.rows.endpoints.at(0).state, "of the endpoint");
  EXPECT_EQ(restored.rows.endpoints.at(0).counters.dropped, 17u);
}

TEST(Runs, TheOldestClosedOnesGoAndTheLedgerForgetsNothing) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  for (int i = 1; i <= 60; ++i)
    ASSERT_EQ(writer.snapshot(snapshot_of("r" + std::to_string(i), 1, now_us + i)), std::nullopt);
  Reader reader(directory.file("s.db"));
  const auto catalogue = reader.catalogue();
  ASSERT_EQ(catalogue->runs.size(), runs_limit);
  EXPECT_EQ(catalogue->runs.front().name, "r11");
  EXPECT_EQ(catalogue->runs.back().name, "r60");
  EXPECT_EQ(reader.read()->ledger_of_others.compared(), 59u);
  EXPECT_EQ(reader.read("r10")->written_us, 0);
}

TEST(Runs, ARunWithNothingInItCanBeRemoved) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  ASSERT_EQ(writer.snapshot(snapshot_of("1", 1)), std::nullopt);
  ASSERT_EQ(writer.remove("1"), std::nullopt);
  Reader reader(directory.file("s.db"));
  EXPECT_TRUE(reader.catalogue()->runs.empty());
  EXPECT_EQ(reader.read("2")->ledger_of_others.compared(), 1u);
}

TEST(Runs, AFileThatWasDeletedIsNoticedAndWrittenAnew) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  Writer writer(options_for(path));
  ASSERT_EQ(writer.open(), std::nullopt);
  ASSERT_EQ(writer.snapshot(snapshot_of("v1", 1)), std::nullopt);
  EXPECT_FALSE(writer.is_gone());
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  EXPECT_TRUE(writer.is_gone());
  const auto error = writer.snapshot(snapshot_of("v1", 2));
  ASSERT_TRUE(error);
  EXPECT_NE(error->find("was deleted"), std::string::npos);

  ASSERT_EQ(writer.open(), std::nullopt);
  Snapshot again = snapshot_of("v1", 3);
  again.is_anew = true;
  control::Ledger others;
  others.eligible = others.outcomes[control::outcome_matched] = 40;
  again.others = std::make_shared<const control::Ledger>(others);
  ASSERT_EQ(writer.snapshot(again), std::nullopt);
  Reader reader(path);
  EXPECT_EQ(reader.read()->evidence.compared(), 3u);
  EXPECT_EQ(reader.read()->ledger_of_others.compared(), 40u);
}

TEST(Runs, AnotherFileInItsPlaceIsNoticedToo) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db"), other = directory.file("other.db");
  Writer writer(options_for(path));
  ASSERT_EQ(writer.open(), std::nullopt);
  {
    Writer of_other(options_for(other));
    ASSERT_EQ(of_other.open(), std::nullopt);
    ASSERT_EQ(of_other.snapshot(snapshot_of("theirs", 4)), std::nullopt);
  }
  std::filesystem::rename(other, path);
  EXPECT_TRUE(writer.snapshot(snapshot_of("v1", 1)));
  ASSERT_EQ(writer.open(), std::nullopt);
  ASSERT_EQ(writer.snapshot(snapshot_of("v1", 1)), std::nullopt);
  EXPECT_EQ(Reader(path).read("theirs")->evidence.compared(), 4u);
}

// As the first edition made and filled it.
void make_store_of_first_edition(const std::string& path) {
  run_sql(path, R"sql(
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
    INSERT INTO run VALUES ('version','0.1.0'),('started_us','1700000000000000'),('primary','http://p'),('candidate','http://c'),
      ('secondary',''),('confidence','0.95'),('evidence_lost','4'),('written_us','1700000100000000');
    INSERT INTO ignore_rules VALUES (1,'GET /a','/clock','a clock','2030-01-01');
    INSERT INTO ledger VALUES ('eligible',9),('matched',7),('differed',2),('in_flight',0),('heldout',3);
    INSERT INTO endpoints VALUES ('GET /a',9,5,0,2,0,0,x'',x'',x'');
    INSERT INTO cells VALUES ('x','GET /a','/price','type_changed',2,0,0,0,0,2,0,1,1,2,11,12,2,'/price','/price','1','"1"');
    INSERT INTO cells VALUES ('y','GET /a','/price','a class of tomorrow',2,0,0,0,0,2,0,1,1,2,11,12,2,'/price','/price','1','"1"');
    PRAGMA application_id = 1431524441;
    PRAGMA user_version = 1;
  )sql");
}

void expect_first_edition(Reader& reader, const std::string& run) {
  const auto stored = reader.read(run);
  EXPECT_EQ(reader.error(), "");
  EXPECT_EQ(stored->run.name, "1");
  EXPECT_EQ(stored->run.version, "0.1.0");
  EXPECT_EQ(stored->run.candidate, "http://c");
  EXPECT_EQ(stored->run.diff.confidence, 0.95);
  ASSERT_EQ(stored->run.diff.ignore.size(), 1u);
  EXPECT_EQ(stored->evidence_lost, 4u);
  EXPECT_EQ(stored->written_us, 1'700'000'100'000'000);
  EXPECT_NE(stored->closed_us, 0);
  EXPECT_EQ(stored->evidence.compared(), 5u);
  EXPECT_EQ(stored->evidence.rows().cells.size(), 1u);
  EXPECT_EQ(stored->ledger.compared(), 9u);
  EXPECT_EQ(stored->ledger.heldout, 3u);
}

TEST(Runs, AStoreOfTheFirstEditionIsReadAsItIs) {
  TemporaryDirectory directory;
  make_store_of_first_edition(directory.file("s.db"));
  Reader reader(directory.file("s.db"));
  expect_first_edition(reader, "");
  EXPECT_EQ(reader.catalogue()->runs.at(0).why, "migrated");
}

TEST(Runs, AStoreWithoutTheClassesOfRulesIsReadAndGetsThem) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  {
    Writer writer(options_for(path));
    ASSERT_EQ(writer.open(), std::nullopt);
    ASSERT_EQ(writer.snapshot(snapshot_of("1", 2)), std::nullopt);
  }
  run_sql(path, "DROP TABLE ignore_classes");
  {
    Reader reader(path);
    const auto stored = reader.read();
    EXPECT_EQ(reader.error(), "");
    ASSERT_EQ(stored->run.diff.ignore.size(), 3u);
    EXPECT_EQ(stored->run.diff.ignore[2].classes, 0u);
  }
  Writer writer(options_for(path));
  ASSERT_EQ(writer.open(), std::nullopt);
  ASSERT_EQ(writer.snapshot(snapshot_of("1", 3)), std::nullopt);
  EXPECT_EQ(Reader(path).read()->run.diff.ignore[2].classes, diff::bit_of(diff::DifferenceClass::field_removed));
}

TEST(Runs, AClassOfTomorrowCoversNothing) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  {
    Writer writer(options_for(path));
    ASSERT_EQ(writer.open(), std::nullopt);
    ASSERT_EQ(writer.snapshot(snapshot_of("1", 2)), std::nullopt);
  }
  run_sql(path, "UPDATE ignore_classes SET class = 'a class of tomorrow'");
  const auto stored = Reader(path).read();
  ASSERT_EQ(stored->run.diff.ignore.size(), 3u);
  for (std::size_t i = 0; i < diff::difference_class_count; ++i)
    EXPECT_FALSE(stored->run.diff.ignore[2].covers(static_cast<diff::DifferenceClass>(i)));
}

TEST(Runs, AStoreOfTheFirstEditionIsMigratedUnderAReader) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  make_store_of_first_edition(path);
  Reader reader(path);
  expect_first_edition(reader, "");
  Writer writer(options_for(path));
  ASSERT_EQ(writer.open(), std::nullopt);
  Reader later(path);
  expect_first_edition(later, "1");
  reader.read("1");  // finds the tables changed
  expect_first_edition(reader, "1");
  ASSERT_EQ(writer.snapshot(snapshot_of("2", 2)), std::nullopt);
  expect_first_edition(reader, "1");
  EXPECT_EQ(reader.read()->run.name, "2");
  EXPECT_EQ(reader.read()->ledger_of_others.compared(), 9u);
}

}  // namespace
}  // namespace understudy::store
