#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;

TEST(EndingTest, ShutdownFinishesWhatItCan) {
  Stage stage;
  for (int i = 0; i < 20; ++i) stage.tell({});
  stage.run_and_end_at_once(Ending::shutdown);
  EXPECT_EQ(stage.matched(), 20u);
}

TEST(EndingTest, ShutdownCountsTheRest) {
  Stage stage;
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  stage.tell({});
  stage.tell({.copies = 3});
  const std::uint64_t open = stage.tell_head({});
  stage.when([&stage] { return stage.candidate.seen.size() == 5; }, [] {});
  stage.run_and_end_at_once(Ending::shutdown);
  EXPECT_EQ(stage.dropped(DropReason::shutdown), 5u);
  stage.tell_response(open, {});
}

TEST(EndingTest, ShutdownClaimsWhatIsPublished) {
  Stage stage;
  stage.settings.mirror.in_flight = 1;
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  for (int i = 0; i < 100; ++i) stage.tell({});
  stage.run_and_end_at_once(Ending::shutdown);
  EXPECT_EQ(stage.ledger().eligible, 100u);
  EXPECT_EQ(stage.dropped(DropReason::shutdown) + stage.dropped(DropReason::in_flight_limit), 100u);
}

TEST(EndingTest, ReloadLeavesWhatIsNotClaimedToTheSuccessor) {
  Stage stage;
  stage.when([&stage] { return control::get(stage.accounts().polls) > 0; },
             [&stage] {
               stage.plane().begin_end(Ending::reload);
               for (int i = 0; i < 10; ++i) stage.tell({});
             });
  stage.run_and_end_at_once(Ending::reload);
  EXPECT_EQ(stage.ledger().in_flight, 10u);
  stage.run();
  EXPECT_EQ(stage.matched(), 10u);
  EXPECT_EQ(stage.ledger().dropped_in_all(), 0u);
}

TEST(EndingTest, ReloadFinishesWhatIsComplete) {
  Stage stage;
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = response(200, "{\"a\":1}"), .drip = Milliseconds{1}};
  };
  stage.tell({});
  const std::uint64_t open = stage.tell_head({});
  stage.when([&stage] { return stage.candidate.seen.size() == 2; }, [] {});
  stage.run_and_end_at_once(Ending::reload);
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_EQ(stage.dropped(DropReason::reload), 1u);
  EXPECT_EQ(stage.ledger().in_flight, 0u);
  stage.tell_response(open, {});
  stage.run();
  EXPECT_EQ(stage.ledger().eligible, 2u);
}

TEST(EndingTest, ReloadCountsWhatTakesTooLong) {
  Stage stage;
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  stage.tell({.copies = 2});
  stage.when([&stage] { return stage.candidate.seen.size() == 2; }, [] {});
  stage.run_and_end_at_once(Ending::reload);
  EXPECT_EQ(stage.dropped(DropReason::reload), 2u);
}

TEST(EndingTest, AnAbandonedPlaneLeavesAtOnce) {
  Stage stage;
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  stage.tell({});
  stage.when([&stage] { return stage.candidate.seen.size() == 1; }, [] {});
  stage.run_and_end_at_once(Ending::abandoned);
  EXPECT_EQ(stage.candidate.open_connections(), 0u);
}

}  // namespace
}  // namespace understudy::shadow
