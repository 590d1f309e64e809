// What goes wrong with files: not ours, full disks, killed writers, directories that cannot be written to.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "proxy/store/database.h"
#include "proxy/store/reader.h"
#include "proxy/store/writer.h"
#include "tests/proxy/store/store_values.h"
#include "tests/proxy/store/temporary_directory.h"

namespace understudy::store {
namespace {

constexpr std::int64_t now_us = 1'700'000'100'000'000;

void run_sql(const std::string& path, const char* sql) {
  sqlite3* handle = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &handle), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(handle, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(handle);
  sqlite3_close(handle);
}

std::string octets_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(StoreFaults, AFileOfAnotherProgramIsRefusedAndLeftAlone) {
  TemporaryDirectory directory;
  const std::string database = directory.file("other.db"), text = directory.file("notes.txt");
  run_sql(database, "CREATE TABLE theirs(x); INSERT INTO theirs VALUES (1)");
  std::ofstream(text) << std::string(5000, 'x');
  for (const std::string& path : {database, text}) {
    const std::string before = octets_of(path);
    Writer writer(options_for(path));
    const auto error = writer.open();
    ASSERT_TRUE(error);
    EXPECT_EQ(*error, path + ": is a file of another program; name another one in store.path");
    EXPECT_FALSE(writer.is_open());
    EXPECT_TRUE(writer.snapshot({}));
    Reader reader(path);
    EXPECT_EQ(reader.read()->written_us, 0);
    EXPECT_NE(reader.error(), "");
    EXPECT_EQ(octets_of(path), before);
  }
}

TEST(StoreFaults, AStoreThatIsJustBeingMadeIsNoOtherPrograms) {
  for (int round = 0; round < 100; ++round) {
    TemporaryDirectory directory;
    const std::string path = directory.file("s.db");
    std::atomic<bool> is_made = false;
    std::thread writer([&] {
      EXPECT_EQ(Writer(options_for(path)).open(), std::nullopt);
      is_made = true;
    });
    Reader reader(path);
    while (!is_made) {
      reader.read();
      EXPECT_EQ(reader.error(), "");
    }
    writer.join();
  }
}

TEST(StoreFaults, AStoreOfANewerEditionIsRefused) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  ASSERT_EQ(Writer(options_for(path)).open(), std::nullopt);
  run_sql(path, "PRAGMA user_version = 99");
  const auto error = Writer(options_for(path)).open();
  ASSERT_TRUE(error);
  EXPECT_NE(error->find("newer"), std::string::npos);
}

TEST(StoreFaults, AStoreHasOneWriter) {
  TemporaryDirectory directory;
  Writer first(options_for(directory.file("s.db"))), second(options_for(directory.file("s.db")));
  ASSERT_EQ(first.open(), std::nullopt);
  const auto error = second.open();
  ASSERT_TRUE(error);
  EXPECT_NE(error->find("another understudy"), std::string::npos);
  EXPECT_EQ(first.snapshot({}), std::nullopt);
}

TEST(StoreFaults, APlaceThatIsNotThereIsAnErrorAndCanBeTriedAgain) {
  TemporaryDirectory directory;
  const std::string path = directory.file("later/s.db");
  Writer writer(options_for(path));
  EXPECT_TRUE(writer.open());
  std::filesystem::create_directory(directory.file("later"));
  EXPECT_EQ(writer.open(), std::nullopt);
  EXPECT_EQ(writer.snapshot({}), std::nullopt);
}

// The kernel refuses to let files grow beyond their size now, as a full disk does.
class FullDisk {
 public:
  explicit FullDisk(std::uint64_t octets) {
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{octets, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST(StoreFaults, AFullDiskCostsASnapshotAndNothingElse) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  Writer writer(options_for(path));
  ASSERT_EQ(writer.open(), std::nullopt);
  diff::Evidence evidence;
  record_difference(evidence, "GET /a", 1, now_us);
  ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us}), std::nullopt);

  for (std::uint64_t i = 2; i <= 300; ++i) record_difference(evidence, "GET /" + std::to_string(i), i, now_us + 1);
  writer.keep(exemplar_with(2, now_us + 1));
  {
    FullDisk full(std::max(std::filesystem::file_size(path + "-wal"), std::filesystem::file_size(path + "-shm")));
    for (int tries = 0; tries < 3; ++tries) {
      EXPECT_TRUE(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us + 1}));
      evidence.mark_all_changed();
      EXPECT_EQ(Reader(path).read()->evidence.compared(), 1u);
    }
  }
  ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us + 2}), std::nullopt);
  Reader reader(path);
  EXPECT_EQ(reader.read()->evidence.compared(), 300u);
  EXPECT_TRUE(reader.exemplar(2));
  EXPECT_EQ(writer.exemplars_lost(), 0u);
}

TEST(StoreFaults, AFileThatSomebodyElseHasLockedCostsASnapshotAndNothingElse) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  Writer writer(options_for(path));
  ASSERT_EQ(writer.open(), std::nullopt);
  diff::Evidence evidence;
  record_difference(evidence, "GET /a", 1, now_us);
  writer.keep(exemplar_with(1, now_us));
  {
    Database somebody(path, Database::Mode::write);
    const Transaction lock(somebody, Transaction::Kind::write);
    ASSERT_TRUE(somebody.ok());
    const std::optional<std::string> error = writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us});
    ASSERT_TRUE(error);
    EXPECT_NE(error->find("locked"), std::string::npos) << *error;
    evidence.mark_all_changed();
  }
  ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), {}, 0, now_us}), std::nullopt);
  Reader reader(path);
  EXPECT_EQ(reader.read()->evidence.compared(), 1u);
  EXPECT_TRUE(reader.exemplar(1));
}

// Writes snapshots until it is killed; says so after each.
[[noreturn]] void write_until_killed(const std::string& path, int progress_fd) {
  Writer writer(options_for(path));
  Restored restored;
  if (writer.open() || writer.restore(restored)) _exit(1);
  diff::Evidence evidence;
  evidence.restore(restored.rows);
  for (std::uint64_t i = evidence.compared() + 1;; ++i) {
    // So far apart that each is the latest of its kind, and not one of too many at once, which a pruning takes away.
    const std::int64_t time_us = now_us + static_cast<std::int64_t>(i) * diff::exemplar_interval_us;
    record_difference(evidence, "GET /" + std::to_string(i % 50), i, time_us);
    writer.keep(exemplar_with(i, time_us));
    Snapshot snapshot{evidence.take_changed_rows(), {}, 0, time_us};
    snapshot.ledger.outcomes[control::outcome_differed] = evidence.compared();
    snapshot.ledger.eligible = evidence.compared();
    if (writer.snapshot(snapshot)) _exit(2);
    if (write(progress_fd, ".", 1) != 1) _exit(3);
  }
}

TEST(StoreFaults, AKilledWriterLeavesAWholeSnapshot) {
  TemporaryDirectory directory;
  const std::string path = directory.file("s.db");
  Reader reader(path);
  std::uint64_t acknowledged = 0;
  for (int round = 0; round < 15; ++round) {
    int progress[2];
    ASSERT_EQ(pipe(progress), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_until_killed(path, progress[1]);
    close(progress[1]);
    char said[1];
    for (int i = 0; i < 1 + round * 3; ++i) {
      ASSERT_EQ(read(progress[0], said, 1), 1);
      ++acknowledged;
    }
    kill(child, SIGKILL);  // wherever the next one has got to
    while (read(progress[0], said, 1) == 1) ++acknowledged;
    close(progress[0]);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << status;

    const auto stored = reader.read();
    ASSERT_EQ(reader.error(), "");
    EXPECT_GE(stored->evidence.compared(), acknowledged);
    EXPECT_LE(stored->evidence.compared(), acknowledged + 1u);
    EXPECT_EQ(stored->evidence.compared(), stored->ledger.compared());
    EXPECT_TRUE(reader.exemplar(acknowledged));
    acknowledged = stored->evidence.compared();  // one may have been written and not said
  }
}

TEST(StoreFaults, AFileInADirectoryThatCannotBeWrittenToIsReadAsItIs) {
  TemporaryDirectory directory;
  const std::string path = directory.file("a store%20?#.db");
  {
    Writer writer(options_for(path));
    ASSERT_EQ(writer.open(), std::nullopt);
    ASSERT_EQ(writer.snapshot({{}, {}, 0, now_us}), std::nullopt);
  }
  ASSERT_FALSE(std::filesystem::exists(path + "-wal"));
  std::filesystem::permissions(directory.path(),
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  Reader reader(path);
  EXPECT_EQ(reader.read()->written_us, now_us) << reader.error();
}

}  // namespace
}  // namespace understudy::store
