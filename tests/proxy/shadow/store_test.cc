// Evidence and ledger in the store, over several lives of the plane.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "proxy/store/reader.h"
#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

class StoreTest : public testing::Test {
 protected:
  StoreTest() {
    std::string pattern = std::filesystem::temp_directory_path() / "understudy-shadow-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~StoreTest() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return directory_ + "/store.db"; }
  std::shared_ptr<const store::Stored> stored() const {
    store::Reader reader(path());
    return reader.read();
  }

  std::string directory_;
};

// Evidence and ledger say the same.
void expect_agreement(const store::Stored& stored) {
  EXPECT_EQ(stored.evidence.compared() + stored.evidence_lost, stored.ledger.compared());
}

TEST_F(StoreTest, ARunLeavesItsEvidenceAndItsLedger) {
  Stage stage;
  stage.settings.store.path = path();
  for (int i = 0; i < 7; ++i) stage.tell({.target = "/orders/" + std::to_string(i)});
  stage.run();
  const auto left = stored();
  EXPECT_EQ(left->ledger.eligible, 7u);
  EXPECT_EQ(left->ledger.compared(), 7u);
  EXPECT_EQ(left->evidence.compared(), 7u);
  EXPECT_EQ(left->run.candidate, stage.candidate.url().text);
  ASSERT_EQ(left->evidence.endpoints().size(), 1u);
  EXPECT_EQ(left->evidence.endpoints().begin()->first, "GET /orders/{id}");
  expect_agreement(*left);
}

TEST_F(StoreTest, AFindingHasAnExemplarWithoutSecrets) {
  Stage stage;
  stage.settings.store.path = path();
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = response(200, "{\"a\":\"1\"}", "Content-Type: application/json\r\nSet-Cookie: theirs\r\n")};
  };
  Told told{.method = "POST",
            .request_fields = {{"Authorization", "secret"}},
            .framing = http::Framing::content_length,
            .request_body = "question"};
  told.fields.push_back({"Set-Cookie", "ours"});
  stage.tell(told);
  stage.run();
  const auto left = stored();
  const diff::Rows rows = left->evidence.rows();
  ASSERT_FALSE(rows.cells.empty());
  store::Reader reader(path());
  const auto exemplar = reader.exemplar(rows.cells[0].cell.first_exemplar);
  ASSERT_TRUE(exemplar.has_value());
  EXPECT_EQ(exemplar->request.body.octets, "question");
  ASSERT_TRUE(exemplar->responses[0] && exemplar->responses[1]);
  EXPECT_EQ(exemplar->responses[0]->body.octets, "{\"a\":1}");
  EXPECT_EQ(exemplar->responses[1]->body.octets, "{\"a\":\"1\"}");
  const std::string json = store::encode_json(*exemplar);
  for (const char* secret : {"secret", "theirs", "ours"}) EXPECT_EQ(json.find(secret), std::string::npos) << json;
  for (const diff::CellRow& row : rows.cells) {
    EXPECT_NE(row.cell.primary_value, "ours");
    EXPECT_NE(row.cell.other_value, "theirs");
  }
}

// Asked again when the exchange is judged and written, and no other one comes.
TEST_F(StoreTest, WhatIsConfirmedLaterIsWrittenToo) {
  Stage stage;
  stage.use_production_as_secondary();
  stage.settings.store.path = path();
  stage.settings.secondary.confirm_after = Milliseconds{2000};
  stage.candidate.script = [](const Seen&) { return Reply{.octets = response(200, "{\"a\":2}")}; };
  stage.tell({});
  bool is_written = false;
  const auto still = static_cast<std::size_t>(control::Confirmed::still);
  stage.when(
      [&] {
        is_written = is_written || (stage.differed() == 1 && std::filesystem::exists(path()) && stored() &&
                                    stored()->evidence.compared() == 1);
        return control::get(stage.accounts().confirmations[still]) == 1;
      },
      [] {});
  stage.run();
  ASSERT_TRUE(is_written);
  const auto rows = stored()->evidence.rows();
  const auto confirmed = std::ranges::count_if(
      rows.cells, [](const diff::CellRow& row) { return row.cell.asked_again.b == 1 && row.cell.proof.b == 1; });
  EXPECT_GE(confirmed, 1);
}

TEST_F(StoreTest, ARestartedPlaneGoesOnInTheSameRun) {
  Stage stage;
  stage.settings.store.path = path();
  for (int i = 0; i < 5; ++i) stage.tell({});
  stage.run();
  for (int i = 0; i < 3; ++i) stage.tell({});
  stage.run();
  const auto left = stored();
  EXPECT_EQ(left->evidence.compared(), 8u);
  EXPECT_EQ(left->ledger.compared(), 8u);
  EXPECT_EQ(left->evidence_lost, 0u);
}

TEST_F(StoreTest, ARestartOfUnderstudyOpensAnotherRunAndTheLedgerGoesOn) {
  for (int run = 1; run <= 3; ++run) {
    Stage stage;
    stage.settings.store.path = path();
    for (int i = 0; i < 4; ++i) stage.tell({});
    stage.run();
    const auto left = stored();
    EXPECT_EQ(left->run.name, std::to_string(run));
    EXPECT_EQ(left->run.why, run == 1 ? "first" : "restart");
    EXPECT_EQ(left->evidence.compared(), 4u);
    EXPECT_EQ(left->ledger.compared(), 4u);
    EXPECT_EQ(left->ledger.eligible, 4u);
    EXPECT_EQ(left->ledger_of_others.eligible, 4u * static_cast<unsigned>(run - 1));
    EXPECT_EQ(control::get(stage.accounts().base_eligible), 4u * static_cast<unsigned>(run - 1));
    expect_agreement(*left);
  }
}

TEST_F(StoreTest, EvidenceThatACrashTookIsTold) {
  Stage stage;
  stage.settings.store.path = path();
  for (int i = 0; i < 5; ++i) stage.tell({});
  stage.run();
  // What a plane decides that dies before its next snapshot.
  for (int i = 0; i < 3; ++i) stage.tell({});
  stage.settings.store.path = "";
  stage.run();
  stage.settings.store.path = path();
  stage.tell({});
  stage.run();
  const auto left = stored();
  EXPECT_EQ(left->ledger.compared(), 9u);
  EXPECT_EQ(left->evidence.compared(), 6u);
  EXPECT_EQ(left->evidence_lost, 3u);
  EXPECT_EQ(control::get(stage.accounts().evidence_lost), 3u);
}

// Rows are taken over several turns of the loop, between which exchanges go on.
TEST_F(StoreTest, ASnapshotKnowsOfEveryExchangeThatItsLedgerCounts) {
  const auto body = [](std::string_view value) {
    std::string text = "{\"0\":0";
    for (int i = 1; i < 4'000; ++i) text.append(",\"f").append(std::to_string(i)).append("\":").append(value);
    return text + "}";
  };
  Stage stage;
  stage.settings.store.path = path();
  stage.candidate.script = [&](const Seen&) {
    return Reply{.octets = response(200, body("\"1\""), "Content-Type: application/json\r\n")};
  };
  store::Reader reader(path());
  std::uint64_t seen = 0;
  int told = 0;
  constexpr int enough = 4;
  for (int snapshot = 0; snapshot < enough; ++snapshot) {
    const auto is_new = [&] {
      if (stage.ledger().in_flight < 4 && ++told < 10'000) stage.tell({.body = body("1")});
      const auto stored = reader.read();
      const std::uint64_t compared = stored->ledger.compared();
      if (compared <= seen) return false;
      seen = compared;
      EXPECT_GE(stored->evidence.compared(), compared);
      return true;
    };
    stage.when(is_new, [] {});
  }
  stage.run();
  expect_agreement(*stored());
}

TEST_F(StoreTest, AStoreThatCannotBeOpenedHoldsNothingUp) {
  Stage stage;
  stage.settings.store.path = directory_ + "/missing/store.db";
  for (int i = 0; i < 5; ++i) stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 5u);
  EXPECT_GT(control::get(stage.accounts().store_errors), 0u);
}

TEST_F(StoreTest, AStoreThatOpensLateLosesNothing) {
  Stage stage;
  stage.settings.store.path = directory_ + "/late/store.db";
  for (int i = 0; i < 5; ++i) stage.tell({});
  stage.when([&stage] { return control::get(stage.accounts().store_errors) > 0 && stage.matched() == 5; },
             [this] { std::filesystem::create_directory(directory_ + "/late"); });
  stage.run();
  store::Reader reader(directory_ + "/late/store.db");
  const auto left = reader.read();
  EXPECT_EQ(left->evidence.compared(), 5u);
  EXPECT_EQ(left->ledger.compared(), 5u);
  EXPECT_EQ(left->evidence_lost, 0u);
}

}  // namespace
}  // namespace understudy::shadow
