// Production as its own secondary: what differs is asked again on both sides, some time later.
#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

constexpr auto still = static_cast<std::size_t>(control::Confirmed::still);
constexpr auto gone = static_cast<std::size_t>(control::Confirmed::gone);
constexpr auto given_up = static_cast<std::size_t>(control::Confirmed::given_up);

class Confirming : public testing::Test {
 protected:
  Confirming() {
    stage.use_production_as_secondary();
    stage.settings.secondary.confirm_after = Milliseconds{40};
  }
  // The nth answer of the candidate, from 1.
  void candidate_says(std::function<std::string(std::size_t)> body) {
    stage.candidate.script = [this, body = std::move(body)](const Seen&) {
      return Reply{.octets = response(200, body(stage.candidate.seen.size()))};
    };
  }
  std::uint64_t results(std::size_t which) { return control::get(stage.accounts().confirmations[which]); }
  void wait_for_result() {
    stage.when([this] { return results(still) + results(gone) + results(given_up) != 0; }, [] {});
  }

  Stage stage;
};

TEST_F(Confirming, WhatIsStillThereIsSaidToBe) {
  candidate_says([](std::size_t) { return "{\"a\":2}"; });
  stage.tell({.target = "/items/7?x=1", .request_fields = {{"Accept", "application/json"}}});
  wait_for_result();
  stage.run();
  EXPECT_EQ(results(still), 1u);
  ASSERT_EQ(stage.candidate.seen.size(), 2u);
  ASSERT_EQ(stage.secondary.seen.size(), 2u);
  for (const Seen& seen : {stage.candidate.seen[1], stage.secondary.seen[1]}) {
    EXPECT_EQ(seen.head.method, "GET");
    EXPECT_EQ(seen.head.target, "/items/7?x=1");
    EXPECT_EQ(http::find_field(seen.head.fields, "accept")->value, "application/json");
  }
  EXPECT_EQ(http::find_field(stage.secondary.seen[1].head.fields, "understudy-role")->value, "secondary");
  EXPECT_EQ(stage.differed(), 1u);  // one exchange, one outcome
  EXPECT_EQ(stage.ledger().eligible, 1u);
}

TEST_F(Confirming, WhatIsGoneWasAState) {
  candidate_says([](std::size_t number) { return number == 1 ? "{\"a\":2}" : "{\"a\":1}"; });
  stage.tell({});
  wait_for_result();
  stage.run();
  EXPECT_EQ(results(gone), 1u);
  EXPECT_EQ(results(still), 0u);
}

TEST_F(Confirming, NothingIsAskedAgainWhereNothingDiffersOrAShapeDoes) {
  candidate_says([](std::size_t number) { return number == 1 ? "{\"a\":1}" : "{\"b\":1}"; });
  stage.tell({});
  stage.when([this] { return stage.matched() == 1; }, [this] { stage.tell({}); });
  stage.run();
  EXPECT_EQ(stage.differed(), 1u);
  EXPECT_EQ(stage.candidate.seen.size(), 2u);
  EXPECT_EQ(results(given_up), 0u);
}

TEST_F(Confirming, AnotherStatusSaysNothing) {
  stage.candidate.script = [this](const Seen&) {
    const bool is_first = stage.candidate.seen.size() == 1;
    return Reply{.octets = response(is_first ? 200 : 503, "{\"a\":2}")};
  };
  stage.tell({});
  wait_for_result();
  stage.run();
  EXPECT_EQ(results(given_up), 1u);
}

TEST_F(Confirming, EachTakesThePlaceOfARepeat) {
  candidate_says([](std::size_t number) { return number == 1 ? "{\"a\":2}" : "{\"a\":1}"; });
  stage.tell({});
  stage.when([this] { return results(gone) == 1; }, [this] { stage.tell({}); });
  stage.when([this] { return stage.matched() == 1; }, [this] { stage.tell({}); });
  stage.run();
  EXPECT_EQ(stage.matched(), 2u);
  EXPECT_EQ(stage.candidate.seen.size(), 4u);
  EXPECT_EQ(stage.secondary.seen.size(), 3u);
}

TEST_F(Confirming, TheSwitchGivesUpWhatWaits) {
  stage.settings.secondary.confirm_after = Milliseconds{600'000};
  candidate_says([](std::size_t) { return "{\"a\":2}"; });
  stage.tell({});
  stage.when([this] { return stage.differed() == 1; },
             [this] {
               stage.control().off.store(1);
               stage.control().enabled_set.store(1);
             });
  wait_for_result();
  stage.run();
  EXPECT_EQ(results(given_up), 1u);
  EXPECT_EQ(stage.candidate.seen.size(), 1u);
}

TEST_F(Confirming, TheEndGivesUpWhatWaitsAndWhatIsUnderWay) {
  stage.candidate.script = [this](const Seen&) {
    return stage.candidate.seen.size() == 1 ? Reply{.octets = response(200, "{\"a\":2}")}
                                            : Reply{.octets = "", .then = Reply::Then::hang};
  };
  stage.tell({});
  stage.when([this] { return stage.candidate.seen.size() == 2; }, [] {});
  stage.run();
  EXPECT_EQ(results(given_up), 1u);
  EXPECT_EQ(stage.differed(), 1u);
}

TEST_F(Confirming, ZeroAsksNothingAgain) {
  stage.settings.secondary.confirm_after = Milliseconds{0};
  candidate_says([](std::size_t) { return "{\"a\":2}"; });
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.differed(), 1u);
  EXPECT_EQ(stage.candidate.seen.size(), 1u);
}

TEST_F(Confirming, ASecondInstanceNeedsNoneOfIt) {
  stage.settings.primary.url = stage.candidate.url();
  candidate_says([](std::size_t) { return "{\"a\":2}"; });
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.candidate.seen.size(), 1u);
}

}  // namespace
}  // namespace understudy::shadow
