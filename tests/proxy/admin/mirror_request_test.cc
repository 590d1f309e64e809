#include "proxy/admin/mirror_request.h"

#include <gtest/gtest.h>

namespace understudy::admin {
namespace {

std::optional<SwitchChange> change_in(std::string_view body) {
  const auto parsed = parse_mirror_request(body);
  const SwitchChange* change = std::get_if<SwitchChange>(&parsed);
  return change ? std::optional(*change) : std::nullopt;
}

TEST(MirrorRequest, TakesEitherOrBoth) {
  const auto off = change_in("{\"enabled\":false}");
  ASSERT_TRUE(off);
  EXPECT_EQ(off->enabled, false);
  EXPECT_EQ(off->percent, std::nullopt);
  const auto both = change_in(" { \"percent\" : 12.5, \"enabled\": true } ");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->enabled, true);
  EXPECT_EQ(both->percent, 12.5);
  EXPECT_EQ(change_in("{\"percent\":0}")->percent, 0);
  EXPECT_EQ(change_in("{\"percent\":1000}")->percent, 1000);
}

TEST(MirrorRequest, RefusesEverythingElse) {
  for (const char* body :
       {"", "null", "[]", "true", "{", "{}", "{\"enabled\":1}", "{\"enabled\":\"false\"}", "{\"enabled\":null}",
        "{\"percent\":-1}", "{\"percent\":1000.1}", "{\"percent\":1e999}", "{\"percent\":NaN}", "{\"percent\":\"5\"}",
        "{\"enable\":false}", "{\"enabled\":false} x", "{\"enabled\":false,\"\\u0000\":1}", "\xff\xfe"}) {
    EXPECT_FALSE(change_in(body)) << body;
  }
  EXPECT_FALSE(change_in(std::string(60'000, '[')));
}

TEST(MirrorRequest, TheEffectiveValueIsTheSwitchsWhereItWasSet) {
  MirrorSettings settings;
  settings.enabled = true;
  settings.percent = 40;
  Observed observed;
  observed.enabled = false;
  observed.percent = 2.5;
  EXPECT_EQ(mirror_json(observed, settings), "{\"enabled\":true,\"percent\":40}");
  observed.enabled_set = true;
  EXPECT_EQ(mirror_json(observed, settings), "{\"enabled\":false,\"percent\":40}");
  observed.percent_set = true;
  EXPECT_EQ(mirror_json(observed, settings), "{\"enabled\":false,\"percent\":2.5}");
}

}  // namespace
}  // namespace understudy::admin
