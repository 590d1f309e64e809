#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "proxy/store/ledger_summary.h"
#include "proxy/store/reader.h"
#include "proxy/store/writer.h"
#include "tests/proxy/store/store_values.h"
#include "tests/proxy/store/temporary_directory.h"

namespace understudy::store {
namespace {

constexpr std::int64_t now_us = 1'700'000'100'000'000;

TEST(Store, LatencyIsReadBackAsCountedAroundTheRunsOwnLimit) {
  TemporaryDirectory directory;
  const WriterOptions options = options_for(directory.file("s.db"));
  Writer writer(options);
  ASSERT_EQ(writer.open(), std::nullopt);
  diff::Evidence evidence(options.run.diff.slower);
  diff::Observation observation;
  observation.endpoint = "GET /a";
  observation.fingerprint = observation.exchange_id = 1;
  observation.time_us = now_us;
  observation.secondary.emplace();
  observation.latency_s = {0.001, 0.002, 0.001};
  evidence.record(observation);
  ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us}), std::nullopt);

  Reader reader(directory.file("s.db"));
  const auto stored = reader.read();
  EXPECT_EQ(stored->evidence.endpoints().at("GET /a").slowness.exchanges, 1);
}

TEST(Store, AReaderFindsWhatTheWriterWrote) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  diff::Evidence evidence;
  record_difference(evidence, "GET /orders/{id}", 0xfedcba9876543210, now_us);
  record_difference(evidence, std::string("GET /odd\0\xff'\"", 13), 2, now_us + 1);
  const diff::Rows written = evidence.rows();
  ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), distinct_ledger(), 3, now_us}), std::nullopt);

  Reader reader(directory.file("s.db"));
  const auto stored = reader.read();
  EXPECT_EQ(reader.error(), "");
  EXPECT_EQ(stored->written_us, now_us);
  EXPECT_EQ(stored->evidence_lost, 3u);
  EXPECT_EQ(control::to_json(stored->ledger), control::to_json(distinct_ledger()));
  EXPECT_EQ(stored->run.version, "1.2.3");
  EXPECT_EQ(stored->run.candidate, "http://127.0.0.1:9002");
  EXPECT_EQ(stored->run.secondary, "");
  EXPECT_EQ(stored->run.diff.confidence, 0.95);
  EXPECT_EQ(stored->run.diff.exclude, 0.02);
  EXPECT_EQ(stored->run.diff.exclude_noisy, 0.1);
  EXPECT_EQ(stored->run.diff.slower, 0.25);
  ASSERT_EQ(stored->run.diff.ignore.size(), 3u);
  EXPECT_EQ(stored->run.diff.ignore[0].reason, "a clock");
  EXPECT_EQ(stored->run.diff.ignore[1].path, "header:date");
  EXPECT_EQ(stored->run.diff.ignore, options_for("").run.diff.ignore) << "with their classes";

  const diff::Rows read = stored->evidence.rows();
  ASSERT_EQ(read.endpoints.size(), 2u);
  ASSERT_EQ(read.cells.size(), 3u);  // of two endpoints, and of both together
  for (const diff::CellRow& cell : read.cells) EXPECT_EQ(cell.path, "/price");
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(read.endpoints[i].endpoint, written.endpoints[i].endpoint);
    EXPECT_EQ(read.endpoints[i].counters, written.endpoints[i].counters);
    EXPECT_EQ(read.endpoints[i].latency, written.endpoints[i].latency);
    EXPECT_EQ(read.cells[i].id, written.cells[i].id);
    EXPECT_EQ(read.cells[i].path, "/price");
    EXPECT_EQ(read.cells[i].difference_class, diff::DifferenceClass::type_changed);
    EXPECT_EQ(read.cells[i].cell.counters, written.cells[i].cell.counters);
    EXPECT_EQ(read.cells[i].cell.first_exemplar, written.cells[i].cell.first_exemplar);
    EXPECT_EQ(read.cells[i].cell.primary_pointer, "/price");
    EXPECT_EQ(read.cells[i].cell.other_value, "\"1\"");
    EXPECT_EQ(read.cells[i].cell.first_us, written.cells[i].cell.first_us);
  }
}

TEST(Store, ARowReplacesItsOlderSelf) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  diff::Evidence evidence;
  Reader reader(directory.file("s.db"));
  for (std::uint64_t count = 1; count <= 3; ++count) {
    record_difference(evidence, "GET /a", count, now_us);
    ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us}), std::nullopt);
    EXPECT_EQ(reader.read()->evidence.compared(), count);
  }
  EXPECT_EQ(reader.read()->evidence.rows().cells.size(), 1u);
}

TEST(Store, NothingChangedGivesTheSameObject) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  ASSERT_EQ(writer.snapshot({}), std::nullopt);
  Reader reader(directory.file("s.db"));
  const auto first = reader.read();
  EXPECT_EQ(reader.read(), first);
  ASSERT_EQ(writer.snapshot({}), std::nullopt);
  EXPECT_NE(reader.read(), first);
}

TEST(Store, BeforeThereIsAStoreTheReaderSeesNothingAndGoesOnWhenThereIsOne) {
  TemporaryDirectory directory;
  Reader reader(directory.file("s.db"));
  EXPECT_FALSE(reader.exists());
  EXPECT_EQ(reader.read()->written_us, 0);
  EXPECT_EQ(reader.error(), "");
  EXPECT_FALSE(reader.exemplar(1));
  std::ofstream(directory.file("s.db")).close();  // its writer has just made the file
  EXPECT_EQ(reader.read()->written_us, 0);
  EXPECT_EQ(reader.error(), "");

  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  EXPECT_EQ(reader.read()->written_us, 0);
  ASSERT_EQ(writer.snapshot({{}, {}, 0, now_us}), std::nullopt);
  EXPECT_EQ(reader.read()->written_us, now_us);
  EXPECT_TRUE(reader.exists());
}

TEST(Store, AnotherFileAtThePathIsAnotherStore) {
  TemporaryDirectory directory;
  const auto write = [&](const std::string& name, std::int64_t time_us) {
    Writer writer(options_for(directory.file(name)));
    ASSERT_EQ(writer.open(), std::nullopt);
    ASSERT_EQ(writer.snapshot({{}, {}, 0, time_us}), std::nullopt);
  };
  write("s.db", 1);
  write("other.db", 2);
  Reader reader(directory.file("s.db"));
  EXPECT_EQ(reader.read()->written_us, 1);
  std::filesystem::rename(directory.file("other.db"), directory.file("s.db"));
  EXPECT_EQ(reader.read()->written_us, 2);
  std::filesystem::remove(directory.file("s.db"));
  EXPECT_EQ(reader.read()->written_us, 0);
}

TEST(Store, ARestartGoesOnFromTheRowsAndSettlesWhatWasInFlight) {
  TemporaryDirectory directory;
  diff::Evidence evidence;
  {
    Writer writer(options_for(directory.file("s.db")));
    ASSERT_EQ(writer.open(), std::nullopt);
    record_difference(evidence, "GET /a", 1, now_us);
    ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), distinct_ledger(), 4, now_us}), std::nullopt);
  }
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  Restored restored;
  ASSERT_EQ(writer.restore(restored), std::nullopt);
  EXPECT_EQ(restored.evidence_lost, 4u);
  ASSERT_EQ(restored.rows.cells.size(), 1u);
  control::Ledger settled = distinct_ledger();
  settled.outcomes[control::dropped(control::DropReason::shutdown)] += settled.in_flight;
  settled.in_flight = 0;
  EXPECT_EQ(control::to_json(restored.ledger_base), control::to_json(settled));
  EXPECT_TRUE(restored.ledger_base.balanced());

  diff::Evidence next;
  next.restore(restored.rows);
  record_difference(next, "GET /a", 2, now_us + 1);
  ASSERT_EQ(writer.snapshot({next.take_changed_rows(), {}, 0, now_us + 1}), std::nullopt);
  EXPECT_EQ(Reader(directory.file("s.db")).read()->evidence.compared(), 2u);
}

TEST(Store, OnlyItsOwnerMayReadTheFiles) {
  TemporaryDirectory directory;
  Writer writer(options_for(directory.file("s.db")));
  ASSERT_EQ(writer.open(), std::nullopt);
  ASSERT_EQ(writer.snapshot({}), std::nullopt);
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    struct stat status {};
    ASSERT_EQ(stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600u) << entry.path();
  }
}

TEST(Store, TheLedgersSummaryNamesEveryAccount) {
  const diff::LedgerSummary summary = summarise(distinct_ledger());
  EXPECT_EQ(summary.matched, 100u);
  EXPECT_EQ(summary.differed, 101u);
  EXPECT_EQ(summary.compared, 201u);
  EXPECT_EQ(summary.dropped.at("tap_full"), 102u);
  EXPECT_EQ(summary.dropped.at("shutdown"), 112u);
  EXPECT_EQ(summary.dropped.at("memory"), 113u);
  EXPECT_EQ(summary.failed.at("primary").at("refused"), 115u);
  EXPECT_EQ(summary.failed.at("candidate").at("protocol"), 130u);
  EXPECT_EQ(summary.heldout, 7u);
  EXPECT_EQ(summary.in_flight, 5u);
}

}  // namespace
}  // namespace understudy::store
