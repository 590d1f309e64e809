#include "proxy/supervisor/process.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace understudy::supervisor {
namespace {

TEST(BackOff, is_nothing_at_first_and_doubles_while_deaths_follow_quickly) {
  BackOff back_off;
  std::vector<std::int64_t> delays;
  for (int deaths = 0; deaths < 9; ++deaths) delays.push_back(back_off.delay_after_death(9'999));
  EXPECT_EQ(delays, (std::vector<std::int64_t>{0, 100, 200, 400, 800, 1600, 3200, 5000, 5000}));
}

TEST(BackOff, begins_anew_after_a_life_of_ten_seconds) {
  BackOff back_off;
  for (int deaths = 0; deaths < 5; ++deaths) back_off.delay_after_death(0);
  EXPECT_EQ(back_off.delay_after_death(10'000), 0);
  EXPECT_EQ(back_off.delay_after_death(0), 100);
}

TEST(Process, is_due_at_once_before_it_ever_ran) {
  const Process process(control::Plane::shadow);
  EXPECT_TRUE(process.due(1'000'000));
  EXPECT_FALSE(process.running());
  EXPECT_FALSE(process.stopping());
}

TEST(Process, that_does_not_run_is_left_alone_by_every_signal) {
  Process process(control::Plane::shadow);
  process.stop(9, 0, 0);
  process.enforce(1'000'000);
  process.kill_to_restart();
  process.kill_now();
  EXPECT_FALSE(process.running());
}

TEST(AnonymousMemory, grows_with_what_a_process_writes) {
  const std::uint64_t before = anonymous_memory(::getpid());
  EXPECT_GT(before, 0u);
  const std::string held(64 << 20, 'x');
  EXPECT_GE(anonymous_memory(::getpid()), before + (60u << 20));
  EXPECT_EQ(held.back(), 'x');
  EXPECT_EQ(anonymous_memory(-1), 0u);
}

}  // namespace
}  // namespace understudy::supervisor
