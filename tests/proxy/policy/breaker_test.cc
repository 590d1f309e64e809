#include "proxy/policy/breaker.h"

#include <gtest/gtest.h>

namespace understudy::policy {
namespace {

using State = Breaker::State;
constexpr std::int64_t millisecond = 1'000'000;

class BreakerTest : public testing::Test {
 protected:
  void fail_until_open() {
    while (breaker.state() == State::closed) breaker.failed(*breaker.try_acquire(now), now);
  }
  // Moves time to the end of the pause and takes the probe; gives the pause.
  std::int64_t wait_for_probe() {
    const std::int64_t begin = now;
    while (!(probe = breaker.try_acquire(now))) now += millisecond;
    return now - begin;
  }

  BreakerSettings settings{.failures = 3,
                           .first_pause_ns = 100 * millisecond,
                           .longest_pause_ns = 400 * millisecond,
                           .probe_interval_ns = 50 * millisecond};
  Breaker breaker{settings, 1};
  std::int64_t now = 0;
  std::optional<Breaker::Permit> probe;
};

TEST_F(BreakerTest, OpensAfterFailuresInARow) {
  for (int round = 0; round < 10; ++round) {
    breaker.failed(*breaker.try_acquire(now), now);
    breaker.failed(*breaker.try_acquire(now), now);
    breaker.succeeded(*breaker.try_acquire(now));
  }
  EXPECT_EQ(breaker.state(), State::closed);
  for (int i = 0; i < 3; ++i) breaker.failed(*breaker.try_acquire(now), now);
  EXPECT_EQ(breaker.state(), State::open);
  EXPECT_FALSE(breaker.try_acquire(now));
}

TEST_F(BreakerTest, LetsOneProbeThroughAfterThePauseAndClosesWhenItSucceeds) {
  fail_until_open();
  const std::int64_t pause = wait_for_probe();
  EXPECT_GE(pause, 100 * millisecond);
  EXPECT_LE(pause, 126 * millisecond);
  EXPECT_EQ(breaker.state(), State::half_open);
  EXPECT_FALSE(breaker.try_acquire(now));
  breaker.succeeded(*probe);
  EXPECT_EQ(breaker.state(), State::closed);
  EXPECT_TRUE(breaker.try_acquire(now));
}

TEST_F(BreakerTest, PausesDoubleUpToTheLongestAndStartAnewAfterSuccess) {
  fail_until_open();
  for (const std::int64_t expected : {100, 200, 400, 400, 400}) {
    const std::int64_t pause = wait_for_probe();
    EXPECT_GE(pause, expected * millisecond);
    EXPECT_LE(pause, expected * millisecond * 5 / 4 + millisecond);
    breaker.failed(*probe, now);
    EXPECT_EQ(breaker.state(), State::open);
  }
  wait_for_probe();
  breaker.succeeded(*probe);
  fail_until_open();
  EXPECT_LE(wait_for_probe(), 126 * millisecond);
}

TEST_F(BreakerTest, ASilentProbeIsFollowedByAnother) {
  fail_until_open();
  wait_for_probe();
  const Breaker::Permit silent = *probe;
  EXPECT_EQ(wait_for_probe(), 50 * millisecond);
  breaker.succeeded(*probe);
  EXPECT_EQ(breaker.state(), State::closed);
  breaker.failed(silent, now);
  for (int i = 0; i < 2; ++i) breaker.failed(*breaker.try_acquire(now), now);
  EXPECT_EQ(breaker.state(), State::closed);  // the silent probe's end came too late to count
}

TEST_F(BreakerTest, AttemptsFromBeforeTheLastChangeDoNotCount) {
  const Breaker::Permit old = *breaker.try_acquire(now);
  fail_until_open();
  breaker.succeeded(old);
  EXPECT_EQ(breaker.state(), State::open);
  wait_for_probe();
  breaker.failed(old, now);
  breaker.succeeded(old);
  EXPECT_EQ(breaker.state(), State::half_open);
  breaker.succeeded(*probe);
  EXPECT_EQ(breaker.state(), State::closed);
}

}  // namespace
}  // namespace understudy::policy
