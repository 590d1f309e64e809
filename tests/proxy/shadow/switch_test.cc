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

TEST(Switch, ACopyIsEitherSentAndFinishedOrSwitchedOff) {
  Stage stage;
  for (int i = 0; i < 10; ++i) stage.tell({.copies = 10});
  stage.when([&stage] { return control::get(stage.accounts().live) > 0; },
             [&stage] {
               turn(stage, false);
               for (int i = 0; i < 10; ++i) stage.tell({.copies = 10});
             });
  stage.run();
  EXPECT_EQ(stage.candidate.seen.size(), stage.matched());
  EXPECT_GE(stage.dropped(DropReason::switched_off), 100u);
  EXPECT_EQ(stage.matched() + stage.dropped(DropReason::switched_off), 200u);
}

}  // namespace
}  // namespace understudy::shadow
