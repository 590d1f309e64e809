#include "proxy/policy/selection.h"

#include <gtest/gtest.h>

namespace understudy::policy {
namespace {

using Kind = Selection::Kind;

class MirrorRulesTest : public testing::Test {
 protected:
  Selection decide(std::string_view method, std::string_view path, bool has_marker = false,
                   std::string_view user = {}) {
    MirrorRules rules(settings, 1);
    return rules.decide({method, path, has_marker, user}, control, 0, random);
  }

  MirrorSettings settings{.holdout = 0};
  MirrorSwitch control;
  Random random{1};
};

TEST_F(MirrorRulesTest, ByDefaultReadsAreMirroredOnceAndWritesAreNot) {
  for (const char* method : {"GET", "HEAD", "OPTIONS"}) {
    const Selection selection = decide(method, "/a");
    EXPECT_EQ(selection.kind, Kind::mirrored) << method;
    EXPECT_EQ(selection.copies, 1);
  }
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "get"})
    EXPECT_EQ(decide(method, "/a").kind, Kind::not_selected) << method;
}

TEST_F(MirrorRulesTest, AStarSelectsEveryMethod) {
  settings.methods = {"*"};
  EXPECT_EQ(decide("POST", "/a").kind, Kind::mirrored);
}

TEST_F(MirrorRulesTest, PathsMarkerAndSwitchDecide) {
  settings.paths = {"/**", "!/internal/**"};
  EXPECT_EQ(decide("GET", "/internal/x").kind, Kind::not_selected);
  EXPECT_EQ(decide("GET", "/x", true).kind, Kind::not_selected);
  control.enabled = false;
  EXPECT_EQ(decide("GET", "/x").kind, Kind::not_selected);
}

TEST_F(MirrorRulesTest, ThePercentageOfTheSwitchCounts) {
  control.percent = 300;
  EXPECT_EQ(decide("GET", "/x").copies, 3);
  control.percent = 0;
  EXPECT_EQ(decide("GET", "/x").kind, Kind::not_selected);
}

TEST_F(MirrorRulesTest, AUserIsSampledAsAWhole) {
  control.percent = 30;
  int sampled = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string user = "user-" + std::to_string(i);
    const Kind kind = decide("GET", "/", false, user).kind;
    sampled += kind == Kind::mirrored;
    for (int again = 0; again < 10; ++again) EXPECT_EQ(decide("GET", "/other", false, user).kind, kind) << user;
    control.percent = 60;  // more users, none of them another
    if (kind == Kind::mirrored) {
      EXPECT_EQ(decide("GET", "/", false, user).kind, kind) << user;
    }
    control.percent = 30;
  }
  EXPECT_NEAR(sampled, 300, 60);
}

TEST_F(MirrorRulesTest, ARateCapsCopies) {
  settings.rate = 20;  // with 50 ms' worth at once: two
  control.percent = 300;
  MirrorRules rules(settings, 1);
  EXPECT_EQ(rules.decide({.method = "GET", .path = "/"}, control, 0, random).copies, 2);
  EXPECT_EQ(rules.decide({.method = "GET", .path = "/"}, control, 0, random).kind, Kind::not_selected);
  EXPECT_EQ(rules.decide({.method = "GET", .path = "/"}, control, 1'000'000'000, random).copies, 2);
}

TEST_F(MirrorRulesTest, OnlySelectedExchangesAreHeldOut) {
  settings.holdout = 100;
  MirrorRules rules(settings, 1);
  int held = 0;
  for (std::int64_t window = 0; window < 1000; ++window) {
    const std::int64_t now = window * Holdout::window_ns;
    EXPECT_EQ(rules.decide({.method = "POST", .path = "/"}, control, now, random).kind, Kind::not_selected);
    const Selection selection = rules.decide({.method = "GET", .path = "/"}, control, now, random);
    EXPECT_NE(selection.kind, Kind::not_selected);
    EXPECT_EQ(selection.kind == Kind::held_out, selection.holdout != Holdout::Kind::none);
    EXPECT_EQ(selection.copies, selection.kind == Kind::mirrored ? 1 : 0);
    held += selection.kind == Kind::held_out;
  }
  EXPECT_GT(held, 600);
}

}  // namespace
}  // namespace understudy::policy
