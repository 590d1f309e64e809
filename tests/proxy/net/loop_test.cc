#include "proxy/net/loop.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "tests/proxy/net/pairs.h"

namespace understudy::net {
namespace {

using std::chrono_literals::operator""ms;

Task<void> sleep_and_note(Loop& loop, std::chrono::milliseconds duration, int number, std::vector<int>& notes) {
  co_await loop.sleep(duration);
  notes.push_back(number);
}

TEST(Loop, wakes_sleepers_in_the_order_of_their_times) {
  Loop loop;
  std::vector<int> notes;
  int number = 0;
  for (const std::chrono::milliseconds duration : {30ms, 10ms, 0ms, 20ms})
    loop.spawn(sleep_and_note(loop, duration, number++, notes));
  loop.run();
  EXPECT_EQ(notes, (std::vector<int>{2, 1, 3, 0}));
}

TEST(Loop, wakes_nobody_before_time) {
  Loop loop;
  std::vector<int> notes;
  const std::int64_t before = Loop::clock_ns();
  loop.spawn(sleep_and_note(loop, 25ms, 0, notes));
  loop.run();
  EXPECT_GE(Loop::clock_ns() - before, 25'000'000);
}

TEST(Loop, ends_when_no_task_is_left) {
  Loop loop;
  EXPECT_EQ(loop.live_tasks(), 0u);
  loop.run();
  std::vector<int> notes;
  loop.spawn(sleep_and_note(loop, 1ms, 0, notes));
  EXPECT_EQ(loop.live_tasks(), 1u);
  loop.run();
  EXPECT_EQ(loop.live_tasks(), 0u);
}

Task<void> take_turns(Loop& loop, int number, std::vector<int>& notes) {
  for (int turn = 0; turn < 3; ++turn) {
    notes.push_back(number);
    co_await loop.yield();
  }
}

TEST(Loop, lets_every_ready_coroutine_run_when_one_yields) {
  Loop loop;
  std::vector<int> notes;
  for (int number = 0; number < 3; ++number) loop.spawn(take_turns(loop, number, notes));
  loop.run();
  EXPECT_EQ(notes, (std::vector<int>{0, 1, 2, 0, 1, 2, 0, 1, 2}));
}

Task<void> spawn_more(Loop& loop, int depth, int& ran) {
  ++ran;
  co_await loop.yield();
  if (depth > 0) loop.spawn(spawn_more(loop, depth - 1, ran));
}

TEST(Loop, takes_tasks_from_tasks) {
  Loop loop;
  int ran = 0;
  loop.spawn(spawn_more(loop, 9, ran));
  loop.run();
  EXPECT_EQ(ran, 10);
}

Task<void> stop_after_ticks(Loop& loop, const int& ticks) {
  while (ticks < 3) {
    co_await loop.sleep(1ms);
  }
}

TEST(Loop, ticks_while_it_runs) {
  Loop loop;
  int ticks = 0;
  loop.on_tick([&ticks] { ++ticks; });
  loop.spawn(stop_after_ticks(loop, ticks));
  loop.run();
  EXPECT_GE(ticks, 3);
}

Task<void> sleep_for_ever(Loop& loop) {
  for (;;) co_await loop.sleep(1ms);
}

TEST(Loop, stops_on_request_of_another_thread_whatever_still_sleeps) {
  // Never destroyed: a task that is suspended for good belongs to its loop for good.
  static auto& loop = *new Loop;
  loop.spawn(sleep_for_ever(loop));
  std::thread other([] { loop.request_stop(); });
  loop.run();
  other.join();
  EXPECT_EQ(loop.live_tasks(), 1u);
}

Task<void> wait_for(Event& event, int number, std::vector<int>& notes) {
  co_await event.wait();
  notes.push_back(number);
}

Task<void> notify(Loop& loop, Event& event, std::vector<int>& notes) {
  co_await loop.yield();
  notes.push_back(-1);
  event.notify_all();
  notes.push_back(-2);
}

TEST(Event, wakes_all_who_wait_after_the_notifier_has_gone_on) {
  Loop loop;
  Event event(loop);
  std::vector<int> notes;
  loop.spawn(wait_for(event, 1, notes));
  loop.spawn(wait_for(event, 2, notes));
  loop.spawn(notify(loop, event, notes));
  loop.run();
  EXPECT_EQ(notes, (std::vector<int>{-1, -2, 1, 2}));
}

}  // namespace
}  // namespace understudy::net
