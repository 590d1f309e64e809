// What a predecessor, or a producer, left behind.
#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;

// A shadow plane that claimed the next `count` heads of slot 0 and was killed.
void claim_and_die(Stage& stage, std::uint64_t count) {
  control::Decisions decisions(stage.accounts());
  control::ReaderPositions& positions = stage.accounts().readers[0];
  stage.read_frames([&](const tap::FrameView& frame, tap::RingReader& ring) {
    if (frame.type != tap::FrameType::request_head) {
      ring.claim(frame);
      return true;
    }
    if (count-- == 0) return false;
    decisions.prepare(0, frame.exchange, frame.next);
    decisions.claim(0, frame.next, control::get(positions.claimed_exchanges) + 1);
    return true;
  });
}

TEST(Restart, WhatThePredecessorHadClaimedEndsAsShadowRestart) {
  Stage stage;
  for (int i = 0; i < 10; ++i) stage.tell({});
  claim_and_die(stage, 4);
  EXPECT_TRUE(stage.ledger().balanced());
  EXPECT_EQ(stage.ledger().in_flight, 10u);
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::shadow_restart), 4u);
  EXPECT_EQ(stage.matched(), 6u);
}

TEST(Restart, FramesOfTheDeadPredecessorsExchangesAreSkipped) {
  Stage stage;
  const std::uint64_t old = stage.tell_head({});
  claim_and_die(stage, 1);
  stage.when([&stage] { return control::get(stage.accounts().polls) > 0; },
             [&stage, old] {
               stage.tell_response(old, {});
               stage.tell({});
             });
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::shadow_restart), 1u);
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_EQ(stage.candidate.seen.size(), 1u);
}

TEST(Restart, ASecondPlaneGoesOnWhereTheFirstEnded) {
  Stage stage;
  stage.tell({});
  stage.run();
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 2u) << control::to_json(stage.ledger());
}

TEST(Restart, WhatADeadUserPlaneLeftOpenEndsAsUserRestart) {
  Stage stage;
  stage.tell_head({});
  const Told upload{.method = "PUT", .framing = http::Framing::chunked};
  stage.tell_head(upload);
  stage.when([&stage] { return stage.candidate.seen.size() == 2; },
             [&stage] {
               stage.restart_user_plane();
               stage.tell({});
             });
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::user_restart), 2u);
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_FALSE(stage.candidate.seen[1].whole);
}

TEST(Restart, ExchangesThatWereWholeSurviveTheUserPlane) {
  Stage stage;
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = response(200, "{\"a\":1}"), .drip = Milliseconds{1}};
  };
  stage.tell({});
  stage.when([&stage] { return stage.candidate.seen.size() == 1; }, [&stage] { stage.restart_user_plane(); });
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Restart, ACorruptRingLosesNobodyFromTheAccounts) {
  Stage stage;
  for (int i = 0; i < 5; ++i) stage.tell({});
  stage.corrupt_next_frame();
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::tap_corrupt), 5u);
  EXPECT_EQ(stage.ledger().eligible, 5u);
}

TEST(Restart, AfterACorruptStretchTheRingIsReadOn) {
  Stage stage;
  for (int i = 0; i < 5; ++i) stage.tell({.copies = 2});
  stage.corrupt_next_frame();
  stage.when([&stage] { return stage.dropped(DropReason::tap_corrupt) == 10; }, [&stage] { stage.tell({}); });
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Restart, NonsenseInAnExchangeEndsThatExchangeAlone) {
  Stage stage;
  const std::uint64_t bad = stage.tell_head({});
  stage.tell_piece(bad, tap::FrameType::response_body, "content before its head");
  stage.tell_response(bad, {});
  const std::uint64_t longer =
      stage.tell_head({.method = "PUT", .framing = http::Framing::content_length, .request_body = "abc"});
  stage.tell_piece(longer, tap::FrameType::request_body, "more than announced");
  stage.tell_response(longer, {});
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::tap_corrupt), 2u);
  EXPECT_EQ(stage.matched(), 1u);
}

}  // namespace
}  // namespace understudy::shadow
