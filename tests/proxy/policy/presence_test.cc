#include "proxy/policy/presence.h"

#include <gtest/gtest.h>

namespace understudy::policy {
namespace {

using End = Presence::End;
using News = Presence::News;
constexpr std::int64_t second = 1'000'000'000;

class PresenceTest : public testing::Test {
 protected:
  void fail_at(std::int64_t at) {
    presence.tried(at);
    presence.ended(End::failed);
  }
  bool answer_at(std::int64_t at, std::int64_t connected) {
    presence.tried(at);
    const bool is_back = presence.heard(at, connected);
    presence.ended(End::heard);
    return is_back;
  }
  Presence presence;
};

TEST_F(PresenceTest, NoAnswerWhileProductionAnswersIsSilence) {
  fail_at(10 * second);
  EXPECT_EQ(presence.look(13 * second - 1, 10 * second), News::none);
  EXPECT_FALSE(presence.is_silent());
  EXPECT_EQ(presence.look(13 * second, 10 * second), News::fell_silent);
  EXPECT_TRUE(presence.is_silent());
  EXPECT_EQ(presence.silent_since_ns(), 10 * second);
  fail_at(14 * second);
  EXPECT_EQ(presence.look(14 * second, 14 * second), News::none);
  EXPECT_EQ(presence.failures(), 2u);
}

TEST_F(PresenceTest, AnAttemptThatHangsIsSilenceToo) {
  presence.tried(10 * second);
  EXPECT_EQ(presence.look(13 * second, 11 * second), News::fell_silent);
  EXPECT_EQ(presence.failures(), 0u);
}

TEST_F(PresenceTest, WithoutTrafficNothingIsClaimed) {
  EXPECT_EQ(presence.look(100 * second, 100 * second), News::none);
  answer_at(101 * second, 100 * second);
  EXPECT_EQ(presence.look(200 * second, 200 * second), News::none);
  EXPECT_FALSE(presence.is_silent());
}

TEST_F(PresenceTest, WhereProductionIsSilentAsWellNothingIsClaimed) {
  fail_at(10 * second);
  EXPECT_EQ(presence.look(60 * second, 9 * second), News::none);
  EXPECT_EQ(presence.look(60 * second, 10 * second), News::fell_silent);
}

TEST_F(PresenceTest, WhatEndedForReasonsOfOursSaysNothing) {
  presence.tried(10 * second);
  presence.tried(11 * second);
  presence.ended(End::nothing);
  EXPECT_EQ(presence.silent_since_ns(), 10 * second);
  presence.ended(End::nothing);
  EXPECT_EQ(presence.look(60 * second, 60 * second), News::none);
  EXPECT_FALSE(presence.is_silent());
}

TEST_F(PresenceTest, OneAnswerAmongFailuresIsNoSilence) {
  for (std::int64_t at = 10; at < 30; at += 2) {
    fail_at(at * second);
    answer_at((at + 1) * second, second);
    EXPECT_EQ(presence.look((at + 1) * second, (at + 1) * second), News::none);
  }
}

TEST_F(PresenceTest, AnAnswerEndsTheSilence) {
  fail_at(10 * second);
  presence.look(13 * second, 12 * second);
  answer_at(24 * second, 24 * second);
  EXPECT_FALSE(presence.is_silent());
  EXPECT_EQ(presence.silent_since_ns(), 0);
  EXPECT_EQ(presence.failures(), 0u);
  EXPECT_EQ(presence.look(24 * second, 24 * second), News::answers_again);
  EXPECT_EQ(presence.last_silence_ns(), 14 * second);
  EXPECT_EQ(presence.look(25 * second, 25 * second), News::none);
}

TEST_F(PresenceTest, EachKindOfNewsComesEveryTenSecondsAtMost) {
  std::int64_t last_silence = -100, last_answer = -100;
  int pieces = 0;
  // Four seconds of silence, one of answers, and so on.
  for (std::int64_t tenth = 10; tenth < 2000; ++tenth) {
    const std::int64_t now = tenth * second / 10;
    tenth % 50 < 40 ? fail_at(now) : static_cast<void>(answer_at(now, 1));
    const News news = presence.look(now, now);
    if (news == News::none) continue;
    ++pieces;
    std::int64_t& last = news == News::fell_silent ? last_silence : last_answer;
    EXPECT_GE(tenth - last, 100);
    last = tenth;
  }
  EXPECT_GE(pieces, 10);
  EXPECT_LE(pieces, 40);
}

TEST_F(PresenceTest, WhatCouldNotBeToldAtOnceIsToldLater) {
  fail_at(10 * second);
  EXPECT_EQ(presence.look(13 * second, 13 * second), News::fell_silent);
  answer_at(14 * second, second);
  EXPECT_EQ(presence.look(14 * second, 14 * second), News::answers_again);
  fail_at(15 * second);
  EXPECT_EQ(presence.look(20 * second, 20 * second), News::none);
  EXPECT_TRUE(presence.is_silent());
  EXPECT_EQ(presence.look(23 * second, 23 * second), News::fell_silent);
}

TEST_F(PresenceTest, ARefusalAndThenAnAnswerIsAReturn) {
  presence.refused(10 * second);
  EXPECT_TRUE(presence.is_away());
  presence.refused(11 * second);
  EXPECT_TRUE(answer_at(13 * second, 12 * second));
  EXPECT_FALSE(presence.is_away());
  EXPECT_FALSE(answer_at(14 * second, 13 * second));
}

TEST_F(PresenceTest, AnAnswerOnAConnectionFromBeforeTheRefusalIsNoReturn) {
  presence.refused(10 * second);
  EXPECT_FALSE(answer_at(11 * second, 9 * second));
  EXPECT_TRUE(presence.is_away());
  EXPECT_TRUE(answer_at(13 * second, 12 * second));
}

TEST_F(PresenceTest, SilenceAloneIsNoAbsence) {
  fail_at(10 * second);
  presence.look(20 * second, 20 * second);
  EXPECT_FALSE(answer_at(30 * second, 29 * second));
}

}  // namespace
}  // namespace understudy::policy
