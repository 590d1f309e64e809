#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

TEST(Secondary, BothAreAskedWithTheirOwnMarkers) {
  Stage stage;
  stage.use_secondary();
  stage.tell({});
  stage.run();
  ASSERT_EQ(stage.candidate.seen.size(), 1u);
  ASSERT_EQ(stage.secondary.seen.size(), 1u);
  EXPECT_EQ(http::find_field(stage.candidate.seen[0].head.fields, "understudy-role")->value, "candidate");
  EXPECT_EQ(http::find_field(stage.secondary.seen[0].head.fields, "understudy-role")->value, "secondary");
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Secondary, NeitherIsAlwaysFirst) {
  Stage stage;
  stage.use_secondary();
  std::string order;
  stage.candidate.script = [&order](const Seen&) {
    order += 'c';
    return Reply{};
  };
  stage.secondary.script = [&order](const Seen&) {
    order += 's';
    return Reply{};
  };
  for (std::uint64_t i = 0; i < 40; ++i) {
    stage.when([&stage, i] { return stage.matched() == i; }, [&stage] { stage.tell({}); });
  }
  stage.run();
  std::size_t candidate_first = 0;
  for (std::size_t i = 0; i < order.size(); i += 2) candidate_first += order[i] == 'c';
  EXPECT_GT(candidate_first, 4u);
  EXPECT_LT(candidate_first, 36u);
}

TEST(Secondary, AFailingOneFailsNothing) {
  Stage stage;
  stage.use_secondary();
  stage.secondary.refuse();
  for (int i = 0; i < 30; ++i) stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 30u);
  const control::FailCounters& errors = stage.accounts().upstream_errors[static_cast<std::size_t>(Role::secondary)];
  EXPECT_GT(control::get(errors[static_cast<std::size_t>(control::FailReason::refused)]), 0u);
}

TEST(Secondary, OneThatWeGiveUpSoonerIsAsIfItHadNotBeenAsked) {
  Stage stage;
  stage.use_secondary();
  stage.settings.secondary.response_timeout = Milliseconds{100};
  stage.secondary.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
  const control::FailCounters& errors = stage.accounts().upstream_errors[static_cast<std::size_t>(Role::secondary)];
  EXPECT_EQ(control::get(errors[static_cast<std::size_t>(control::FailReason::timeout)]), 1u);
}

TEST(Secondary, ItsShareIsKept) {
  Stage stage;
  stage.use_secondary();
  stage.settings.secondary.share = 0.2;
  for (int i = 0; i < 300; ++i) stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 300u);
  EXPECT_GT(stage.secondary.seen.size(), 20u);
  EXPECT_LT(stage.secondary.seen.size(), 120u);
}

TEST(Secondary, ProductionItselfIsAskedAgainForSafeMethodsAlone) {
  Stage stage;
  stage.use_production_as_secondary();
  stage.tell({});
  stage.tell({.method = "POST", .framing = http::Framing::content_length, .request_body = "x"});
  stage.tell({.method = "DELETE"});
  stage.run();
  EXPECT_EQ(stage.matched(), 3u);
  ASSERT_EQ(stage.secondary.seen.size(), 1u);
  EXPECT_EQ(stage.secondary.seen[0].head.method, "GET");
}

}  // namespace
}  // namespace understudy::shadow
