#include "proxy/commands/selftest_plan.h"

#include <gtest/gtest.h>

#include "proxy/config.h"

namespace understudy {
namespace {

Settings configured(const char* text) {
  const LoadedConfig config = parse_config(text, "test.toml", Overrides());
  EXPECT_TRUE(config.errors.empty()) << config.errors.at(0).to_string();
  return config.settings;
}

TEST(SelftestPlan, TheSecondaryIsAskedTwiceAndProductionOnce) {
  const SelftestPlan plan = plan_selftest(configured(
      "primary.url = \"http://a:1\"\nsecondary = { url = \"http://b:2\", share = 0.5, budget = 3 }\nmirror.rate = 0"));
  EXPECT_EQ(plan.problem, "");
  EXPECT_EQ(plan.settings.primary.url.text, "http://a:1");
  EXPECT_EQ(plan.settings.candidate.url.text, "http://b:2");
  EXPECT_EQ(plan.settings.secondary.url.text, "http://b:2");
  EXPECT_EQ(plan.repeated_at, "http://b:2");
  EXPECT_EQ(plan.settings.secondary.share, 1);
  EXPECT_EQ(plan.settings.secondary.budget, 0);
  EXPECT_EQ(plan.settings.mirror.rate, 0);
  EXPECT_TRUE(plan.notes.empty());
}

TEST(SelftestPlan, WithoutASecondaryProductionIsAskedAndSpared) {
  for (const char* text :
       {"primary.url = \"http://a:1\"", "primary.url = \"http://a:1\"\nsecondary.url = \"http://a:1\""}) {
    const SelftestPlan plan = plan_selftest(configured(text));
    EXPECT_EQ(plan.settings.candidate.url.text, "http://a:1");
    EXPECT_TRUE(plan.settings.secondary.configured);
    EXPECT_EQ(plan.settings.secondary.url.text, "http://a:1");
    EXPECT_EQ(plan.settings.mirror.rate, 10);
    ASSERT_EQ(plan.notes.size(), 1u);
    EXPECT_NE(plan.notes[0].find("mirror.rate"), std::string::npos);
  }
  EXPECT_EQ(plan_selftest(configured("primary.url = \"http://a:1\"\nmirror.rate = 50")).settings.mirror.rate, 50);
}

TEST(SelftestPlan, WritesAreNeverRepeated) {
  const SelftestPlan plan = plan_selftest(configured("mirror.methods = [\"GET\", \"POST\", \"PUT\"]"));
  EXPECT_EQ(plan.settings.mirror.methods, std::vector<std::string>{"GET"});
  EXPECT_EQ(plan.notes.at(0), "only safe methods are repeated, without POST, PUT");
  const std::vector<std::string> safe{"GET", "HEAD", "OPTIONS"};
  EXPECT_EQ(plan_selftest(configured("mirror.methods = [\"*\"]")).settings.mirror.methods, safe);
  EXPECT_NE(plan_selftest(configured("mirror.methods = [\"POST\"]")).problem, "");
}

TEST(SelftestPlan, NothingIsAmplifiedHeldOutOrKept) {
  const SelftestPlan plan =
      plan_selftest(configured("mirror.percent = 500\nmirror.enabled = false\nstore.path = \"kept.db\""));
  EXPECT_EQ(plan.settings.mirror.percent, 100);
  EXPECT_EQ(plan.settings.mirror.holdout, 0);
  EXPECT_TRUE(plan.settings.mirror.enabled);
  EXPECT_EQ(plan.settings.store.path, "");
  EXPECT_NE(plan_selftest(configured("mirror.percent = 0")).problem, "");
}

TEST(SelftestPlan, ItCanBeHandedToThePlanes) {
  const Settings planned = plan_selftest(configured("primary.url = \"https://a:1\"\ncandidate.run = \"v2\"")).settings;
  const LoadedConfig again = parse_config(dump_config(planned), "planes", Overrides());
  EXPECT_TRUE(again.errors.empty()) << again.errors.at(0).to_string();
  EXPECT_EQ(again.settings, planned);
}

}  // namespace
}  // namespace understudy
