// Whether candidate and secondary are there, as everybody can read it. When what is claimed, presence_test.cc tests.
#include <gtest/gtest.h>

#include <ctime>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::FailReason;
using control::get;

control::UpstreamHealth& health_of(Stage& stage, Role role = Role::candidate) {
  return stage.accounts().health[static_cast<std::size_t>(role)];
}

void tell_once_quiet(Stage& stage) {
  stage.when([&stage] { return stage.ledger().in_flight == 0; }, [&stage] { stage.tell({}); });
}

TEST(Health, AnAnswerIsNoted) {
  Stage stage;
  stage.tell({});
  stage.when([&stage] { return get(health_of(stage).answered_us) != 0; }, [] {});
  stage.run();
  EXPECT_EQ(get(health_of(stage).silent_since_us), 0u);
  EXPECT_EQ(get(health_of(stage).failure), 0u);
  EXPECT_LE(get(health_of(stage).answered_us), static_cast<std::uint64_t>(std::time(nullptr) + 1) * 1'000'000);
}

TEST(Health, ACandidateThatRefusesIsKnownToBeSilentAndThenToAnswer) {
  Stage stage;
  int returns = 0;
  stage.candidate.refuse();
  testing::internal::CaptureStderr();
  stage.when([] { return true; }, [&] { stage.plane().player().on_candidate_returned([&returns] { ++returns; }); });
  for (int i = 0; i < 3; ++i) tell_once_quiet(stage);
  stage.when([&stage] { return get(health_of(stage).silent_since_us) != 0; },
             [&stage] {
               EXPECT_EQ(get(health_of(stage).failure), static_cast<std::uint64_t>(FailReason::refused) + 1);
               EXPECT_NE(get(health_of(stage).away_since_us), 0u);
               EXPECT_EQ(get(stage.accounts().candidate_returns), 0u);
               stage.candidate.come_back();
               stage.tell({});
             });
  stage.when([&stage] { return stage.matched() == 1 && get(health_of(stage).answered_us) != 0; }, [] {});
  stage.run();
  EXPECT_EQ(get(health_of(stage).silent_since_us), 0u);
  EXPECT_EQ(get(health_of(stage).away_since_us), 0u);
  EXPECT_EQ(get(stage.accounts().candidate_returns), 1u);
  EXPECT_EQ(returns, 1);
  const std::string said = testing::internal::GetCapturedStderr();
  const std::string subject = "us-shadow: candidate " + stage.settings.candidate.url.text + ": ";
  EXPECT_NE(said.find(subject + "connection refused since 20"), std::string::npos) << said;
  EXPECT_NE(said.find("Z, 3 copies failed\n"), std::string::npos) << said;
  EXPECT_NE(said.find(subject + "answers again after "), std::string::npos) << said;
}

TEST(Health, ACandidateThatHangsIsSilentAndHasNotBeenAway) {
  Stage stage;
  bool hangs = true;
  stage.candidate.script = [&hangs](const Seen&) {
    return hangs ? Reply{.octets = "", .then = Reply::Then::hang} : Reply{};
  };
  testing::internal::CaptureStderr();
  stage.tell({});
  stage.when([&stage] { return get(health_of(stage).silent_since_us) != 0; },
             [&] {
               hangs = false;
               stage.tell({});
             });
  stage.when([&stage] { return get(health_of(stage).silent_since_us) == 0; }, [] {});
  stage.run_and_end_at_once(Ending::shutdown);
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_EQ(get(stage.accounts().candidate_returns), 0u);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find(": no answer since 20"), std::string::npos) << said;
}

TEST(Health, ASecondaryHasItsOwnAndIsNoCandidateThatReturns) {
  Stage stage;
  stage.use_secondary();
  stage.secondary.refuse();
  tell_once_quiet(stage);
  stage.when([&stage] { return get(health_of(stage, Role::secondary).away_since_us) != 0; },
             [&stage] {
               EXPECT_EQ(get(health_of(stage).away_since_us), 0u);
               stage.secondary.come_back();
             });
  tell_once_quiet(stage);
  stage.when([&stage] { return get(health_of(stage, Role::secondary).answered_us) != 0; }, [] {});
  stage.run();
  EXPECT_EQ(get(health_of(stage, Role::secondary).away_since_us), 0u);
  EXPECT_EQ(get(stage.accounts().candidate_returns), 0u);
}

TEST(Health, AReturnIsSeenByAPlaneThatDidNotSeeTheCandidateGo) {
  Stage stage;
  stage.candidate.refuse();
  stage.tell({});
  stage.run();
  EXPECT_NE(get(health_of(stage).away_since_us), 0u);
  stage.when([] { return true; },
             [&stage] {
               stage.candidate.come_back();
               stage.tell({});
             });
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_EQ(get(stage.accounts().candidate_returns), 1u);
}

TEST(Health, AnOpenBreakerIsShown) {
  Stage stage;
  stage.candidate.refuse();
  for (int i = 0; i < 10; ++i) stage.tell({});
  stage.when([&stage] { return get(health_of(stage).breaker_open) == 1; }, [] {});
  stage.run();
  EXPECT_EQ(stage.failed(FailReason::refused), 10u);
}

TEST(Health, OfARoleWithoutAServerNothingIsKnown) {
  Stage stage;
  health_of(stage, Role::secondary).silent_since_us.store(1);
  health_of(stage, Role::secondary).away_since_us.store(1);
  stage.run();
  EXPECT_EQ(get(health_of(stage, Role::secondary).silent_since_us), 0u);
  EXPECT_EQ(get(health_of(stage, Role::secondary).away_since_us), 0u);
}

}  // namespace
}  // namespace understudy::shadow
