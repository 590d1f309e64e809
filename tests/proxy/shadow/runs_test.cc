// Whose evidence an exchange is, over changes of the build and lives of the plane.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "proxy/control/run_name.h"
#include "proxy/shadow/run_register.h"
#include "proxy/store/reader.h"
#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

class RunsTest : public testing::Test {
 protected:
  RunsTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "understudy-runs-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~RunsTest() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return directory_ + "/store.db"; }
  std::shared_ptr<const store::Stored> stored(const std::string& run = {}) const {
    store::Reader reader(path());
    return reader.read(run);
  }
  static std::string current(Stage& stage) { return control::current_run(stage.accounts()); }
  static void tell(Stage& stage, int count) {
    for (int i = 0; i < count; ++i) stage.tell({});
  }

  std::string directory_;
};

// Of a run: every compared exchange is accounted for.
void expect_agreement(const store::Stored& stored) {
  EXPECT_EQ(stored.evidence.compared() + stored.evidence_lost + stored.evidence_skipped, stored.ledger.compared())
      << stored.run.name;
}

TEST_F(RunsTest, AnOperatorOpensRunsAndGoesBackToThem) {
  Stage stage;
  stage.settings.store.path = path();
  tell(stage, 3);
  stage.when([&] { return stage.matched() == 3; }, [&] { control::request_run(stage.control(), "v2"); });
  stage.when([&] { return control::get(stage.accounts().run_seen) == 1; }, [&] { tell(stage, 4); });
  stage.when([&] { return stage.matched() == 7; }, [&] { control::request_run(stage.control(), ""); });
  stage.when([&] { return control::get(stage.accounts().run_seen) == 2; },
             [&] {
               EXPECT_EQ(current(stage), "2");
               tell(stage, 1);
             });
  stage.when([&] { return stage.matched() == 8; }, [&] { control::request_run(stage.control(), "v2"); });
  stage.when([&] { return control::get(stage.accounts().run_seen) == 3; },
             [&] {
               EXPECT_EQ(current(stage), "v2");
               tell(stage, 5);
             });
  stage.run();
  EXPECT_EQ(stored("1")->evidence.compared(), 3u);
  EXPECT_EQ(stored("2")->evidence.compared(), 1u);
  EXPECT_EQ(stored("2")->run.why, "reset");
  EXPECT_NE(stored("2")->closed_us, 0);
  const auto left = stored();
  EXPECT_EQ(left->run.name, "v2");
  EXPECT_EQ(left->evidence.compared(), 9u);
  EXPECT_EQ(left->closed_us, 0);
  EXPECT_EQ(left->ledger.compared() + left->ledger_of_others.compared(), 13u);
  for (const char* run : {"1", "2", "v2"}) {
    expect_agreement(*stored(run));
    EXPECT_TRUE(stored(run)->ledger.balanced()) << run;
  }
}

TEST_F(RunsTest, WhatWasSentBeforeARunWasOpenedIsComparedAndNoEvidence) {
  Stage stage;
  stage.settings.store.path = path();
  bool answers = false;
  stage.candidate.script = [&](const Seen&) {
    return Reply{.octets = response(200, "{\"a\":1}"), .drip = answers ? Milliseconds{0} : Milliseconds{5}};
  };
  tell(stage, 2);
  stage.when([&] { return stage.candidate.seen.size() == 2; },
             [&] {
               answers = true;
               control::request_run(stage.control(), "v2");
             });
  stage.run();
  const auto left = stored("v2");
  EXPECT_EQ(stage.matched(), 2u);
  EXPECT_EQ(
      left->evidence.compared() + stored("1")->evidence.compared() + control::get(stage.accounts().evidence_skipped),
      2u);
  expect_agreement(*left);
}

TEST_F(RunsTest, ANameOfTheConfigurationGoesOnOverRestartsOfUnderstudy) {
  for (unsigned life = 1; life <= 2; ++life) {
    Stage stage;
    stage.settings.store.path = path();
    stage.settings.candidate.run = "v1";
    tell(stage, 4);
    stage.run();
    EXPECT_EQ(stored()->run.name, "v1");
    EXPECT_EQ(stored()->evidence.compared(), 4u * life);
    expect_agreement(*stored());
  }
}

TEST_F(RunsTest, AnotherAddressOfTheCandidateIsAnotherRunAlsoUnderTheSameSupervisor) {
  Stage stage;
  stage.settings.store.path = path();
  tell(stage, 2);
  stage.run();
  stage.settings.candidate.url = stage.secondary.url();
  tell(stage, 3);
  stage.run();
  EXPECT_EQ(stored()->run.name, "2");
  EXPECT_EQ(stored()->run.why, "candidate_url");
  EXPECT_EQ(stored()->evidence.compared(), 3u);
  tell(stage, 1);
  stage.run();
  EXPECT_EQ(stored()->run.name, "2");
  EXPECT_EQ(stored()->evidence.compared(), 4u);
  EXPECT_EQ(stored("1")->evidence.compared(), 2u);
}

TEST_F(RunsTest, ProductionThatRepeatsItselfIsKnownFromTheStoreHoweverItsNameIsSpelt) {
  Stage stage;
  stage.settings.store.path = path();
  stage.use_production_as_secondary();
  stage.settings.secondary.url.text = "http://localhost:9001";
  tell(stage, 1);
  stage.run();
  EXPECT_TRUE(stored()->run.repeats_production());
}

TEST_F(RunsTest, TheCandidateNamesItsBuildAndStragglersDoNotFlap) {
  Stage stage;
  stage.settings.store.path = path();
  stage.settings.candidate.version_header = "X-Build";
  std::string build = "v1";
  stage.candidate.script = [&](const Seen&) {
    return Reply{.octets = response(200, "{\"a\":1}", "Content-Type: application/json\r\nX-Build: " + build + "\r\n")};
  };
  Told told;
  told.fields.push_back({"X-Build", "production 7"});
  std::uint64_t told_so_far = 0;
  const auto answered = [&] { return stage.matched() + stage.differed() == told_so_far; };
  const auto one_by_one = [&](const std::string& value, int count) {
    for (int i = 0; i < count; ++i) {
      stage.when(answered, [&, value] {
        build = value;
        ++told_so_far;
        stage.tell(told);
      });
    }
  };
  const auto in_run = [&](const std::string& run) { stage.when([&, run] { return current(stage) == run; }, [] {}); };
  one_by_one("v1", 3);
  in_run("v1");
  one_by_one("v1", 4);
  one_by_one("v2", 2);
  one_by_one("v1", 1);
  one_by_one("v2", 1);
  stage.when(answered, [&] { EXPECT_EQ(current(stage), "v1"); });
  one_by_one("v2", 2);
  in_run("v2");
  one_by_one("v2", 5);
  // Two builds by turns, as behind a deployment that is under way: the one that was left does not come back.
  for (int i = 0; i < 10; ++i) {
    one_by_one("v1", 3);
    one_by_one("v2", 1);
  }
  stage.when(answered, [&] { EXPECT_EQ(current(stage), "v2"); });
  one_by_one("v1", 30);
  in_run("v1");
  one_by_one("v1", 1);
  stage.run();
  EXPECT_EQ(stored("v1")->evidence.compared(), 6u);
  EXPECT_EQ(stored("v2")->evidence.compared(), 15u);
  EXPECT_EQ(control::get(stage.accounts().evidence_skipped), told_so_far - 21);
  ASSERT_FALSE(stored("v1")->epochs.empty());
  EXPECT_EQ(stored("v1")->epochs.front().value, "production 7");
  for (const char* run : {"v1", "v2"}) expect_agreement(*stored(run));
  store::Reader reader(path());
  EXPECT_EQ(reader.catalogue()->runs.size(), 2u);  // nothing was ever in "1"
}

TEST_F(RunsTest, AStoreThatIsDeletedIsWrittenAnew) {
  Stage stage;
  stage.settings.store.path = path();
  tell(stage, 5);
  stage.when([&] { return stage.matched() == 5 && stored()->evidence.compared() == 5; },
             [&] {
               for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path() + suffix);
             });
  stage.when([&] { return std::filesystem::exists(path()) && stored()->evidence.compared() == 5; }, [] {});
  stage.run();
  EXPECT_EQ(stored()->ledger.compared(), 5u);
  expect_agreement(*stored());
  EXPECT_GT(control::get(stage.accounts().store_errors), 0u);
}

TEST(RunRegister, NamesAreFreeAndBuildsAreFoundAgain) {
  std::vector<store::RunRow> known(4);
  known[0].name = "7";
  known[1].name = "v1";
  known[1].build = "v1";
  known[2].name = "9";
  known[2].build = "v1";
  known[3].name = "3";
  EXPECT_EQ(next_number(known, "v1"), "10");
  EXPECT_EQ(next_number({}, "12"), "13");
  EXPECT_EQ(next_number({}, ""), "1");
  EXPECT_EQ(run_of_build("v1", known).name, "9");
  EXPECT_EQ(run_of_build("v2", known).name, "v2");
  EXPECT_EQ(run_of_build("3", known).name, "3-2");  // another thing was counted as 3
  EXPECT_EQ(name_of_build("v2.1-rc_1"), "v2.1-rc_1");
  EXPECT_TRUE(store::is_run_name(name_of_build("build (main) #17")));
  EXPECT_NE(name_of_build("a b"), name_of_build("a/b"));
  EXPECT_TRUE(store::is_run_name(name_of_build(std::string(500, 'x'))));
}

}  // namespace
}  // namespace understudy::shadow
