#include "proxy/net/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "proxy/net/loop.h"

namespace understudy::net {
namespace {

Task<int> give(int value) {
  co_return value;
}

Task<int> add(int a, int b) {
  const int first = co_await give(a);
  const int second = co_await give(b);
  co_return first + second;
}

Task<void> store_sum(int& sum) {
  sum = co_await add(20, 22);
}

TEST(Task, gives_its_value_to_who_awaits_it) {
  Loop loop;
  int sum = 0;
  loop.spawn(store_sum(sum));
  EXPECT_EQ(sum, 42);
}

Task<std::unique_ptr<std::string>> give_text() {
  auto text = std::make_unique<std::string>("moved, never copied");
  co_return text;
}

Task<void> store_text(std::string& out) {
  const std::unique_ptr<std::string> text = co_await give_text();
  out = *text;
}

TEST(Task, gives_values_that_can_only_be_moved) {
  Loop loop;
  std::string text;
  loop.spawn(store_text(text));
  EXPECT_EQ(text, "moved, never copied");
}

Task<void> hold(std::shared_ptr<int> held, bool& ran) {
  ran = true;
  *held = 1;
  co_return;
}

TEST(Task, that_nobody_awaits_does_not_run_and_frees_what_it_holds) {
  const auto held = std::make_shared<int>(0);
  bool ran = false;
  {
    const Task<void> task = hold(held, ran);
    EXPECT_EQ(held.use_count(), 2);
  }
  EXPECT_FALSE(ran);
  EXPECT_EQ(held.use_count(), 1);
}

Task<void> hold_across_a_wait(Loop& loop, std::shared_ptr<int> held) {
  co_await loop.yield();
  *held = 2;
}

TEST(Task, frees_what_it_holds_when_it_ends) {
  Loop loop;
  const auto held = std::make_shared<int>(0);
  loop.spawn(hold_across_a_wait(loop, held));
  loop.run();
  EXPECT_EQ(*held, 2);
  EXPECT_EQ(held.use_count(), 1);
}

#if defined(__clang__) || (defined(__OPTIMIZE__) && defined(NDEBUG))
Task<void> await_many(int times, std::uint64_t& sum) {
  for (int i = 0; i < times; ++i) {
    const int value = co_await give(1);
    sum += static_cast<std::uint64_t>(value);
  }
}

// A callee that does not suspend hands over to its caller without a frame on the stack (only where the compiler
// optimizes).
TEST(Task, can_await_any_number_of_others_in_a_row_on_one_stack) {
  Loop loop;
  std::uint64_t sum = 0;
  loop.spawn(await_many(1'000'000, sum));
  EXPECT_EQ(sum, 1'000'000u);
}
#endif

TEST(Frames, are_used_again) {
  void* first = allocate_frame(200);
  release_frame(first, 200);
  EXPECT_EQ(allocate_frame(193), first);  // of the same class of sizes
  void* second = allocate_frame(200);
  EXPECT_NE(second, first);
  release_frame(first, 193);
  release_frame(second, 200);
}

TEST(Frames, of_any_size_come_and_go) {
  for (const std::size_t size : {1u, 64u, 65u, 8191u, 8192u, 8193u, 1'000'000u}) {
    auto* frame = static_cast<char*>(allocate_frame(size));
    frame[0] = frame[size - 1] = 'x';
    release_frame(frame, size);
  }
}

}  // namespace
}  // namespace understudy::net
