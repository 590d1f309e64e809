#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;

void turn(Stage& stage, bool on) {
  stage.control().off.store(on ? 0 : 1);
  stage.control().enabled_set.store(1);
  stage.control().generation.fetch_add(1);
}

TEST(Switch, NothingIsSentWhileItIsOff) {
  Stage stage;
  turn(stage, false);
  for (int i = 0; i < 10; ++i) stage.tell({});
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::switched_off), 10u);
  EXPECT_EQ(stage.candidate.connections, 0u);
}

TEST(Switch, ItOverridesTheConfiguration) {
  Stage stage;
  stage.settings.mirror.enabled = false;
  stage.tell({});
  stage.when([&stage] { return stage.dropped(DropReason::switched_off) == 1; },
             [&stage] {
               turn(stage, true);
               stage.tell({});
             });
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Switch, OnceItIsSeenNoRequestIsSentAndSentOnesFinish) {
  Stage stage;
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = response(200, "{\"a\":1}"), .drip = Milliseconds{2}};
  };
  stage.tell({});
  stage.when([&stage] { return stage.candidate.seen.size() == 1; },
             [&stage] {
               turn(stage, false);
               for (int i = 0; i < 5; ++i) stage.tell({});
             });
  stage.when([&stage] { return control::get(stage.accounts().switch_seen) == 1; },
             [&stage] { EXPECT_EQ(stage.candidate.seen.size(), 1u); });
  stage.run();
  EXPECT_EQ(stage.candidate.seen.size(), 1u);
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_EQ(stage.dropped(DropReason::switched_off), 5u);
}

TEST(Switch, WhatStillConnectsIsNotSent) {
  // Content that is on its way to nobody: the copy's connection is made, but the head must not follow.
  Stage stage;
  stage.settings.candidate.url.host = "127.0.0.1";
  stage.tell({.copies = 10});
  stage.when([&stage] { return stage.candidate.connections > 0 || control::get(stage.accounts().polls) > 0; },
             [&stage] { turn(stage, false); });
  std::size_t sent = 0;
  stage.when([&stage] { return control::get(stage.accounts().switch_seen) == 1; },
             [&stage, &sent] {
               sent = stage.matched() + stage.differed() + stage.ledger().in_flight;
               stage.tell({.copies = 10});
             });
  stage.run();
  EXPECT_LE(stage.candidate.seen.size(), sent);
  EXPECT_GE(stage.dropped(DropReason::switched_off), 10u);
}

}  // namespace
}  // namespace understudy::shadow
