// g++ 12 miscompiles some forms of co_await, silently: the body of `if (co_await …)` never runs in a coroutine without
// a local variable, and `c ? co_await a() : b` destroys a temporary twice. The tree keeps to other forms (see
// net/task.h). These probes hold the compiler at hand to what the tree relies on: the allowed forms of the same two
// statements.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"

namespace understudy::net {
namespace {

Task<bool> answer(Loop& loop, bool value) {
  co_await loop.yield();
  co_return value;
}

// Instead of `if (co_await answer(loop, value)) ++taken;`.
Task<void> branch_on_an_awaited_value(Loop& loop, bool value, int& taken, int& not_taken) {
  const bool yes = co_await answer(loop, value);
  if (yes) {
    ++taken;
  } else {
    ++not_taken;
  }
}

// Instead of `while (co_await more(loop, left)) ++rounds;`.
Task<bool> more(Loop& loop, int& left) {
  co_await loop.yield();
  co_return left-- > 0;
}
Task<void> loop_on_an_awaited_value(Loop& loop, int left, int& rounds) {
  for (;;) {
    const bool again = co_await more(loop, left);
    if (!again) break;
    ++rounds;
  }
}

TEST(Compiler, runs_the_branch_that_an_awaited_value_chooses) {
  Loop loop;
  int taken = 0, not_taken = 0, rounds = 0;
  loop.spawn(branch_on_an_awaited_value(loop, true, taken, not_taken));
  loop.spawn(branch_on_an_awaited_value(loop, false, taken, not_taken));
  loop.spawn(loop_on_an_awaited_value(loop, 3, rounds));
  loop.run();
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(not_taken, 1);
  EXPECT_EQ(rounds, 3);
}

// Counts itself, so that one destruction too many or too few shows.
struct Counted {
  explicit Counted(int& count) : live(&count) { ++*live; }
  Counted(const Counted& other) : live(other.live) { ++*live; }
  Counted(Counted&& other) noexcept : live(other.live) { ++*live; }
  Counted& operator=(const Counted&) = default;
  ~Counted() { --*live; }
  int* live;
};

Task<Counted> fetch(Loop& loop, int& live) {
  co_await loop.yield();
  co_return Counted(live);
}

// Instead of `const Counted value = far ? co_await fetch(loop, live) : near;`.
Task<void> choose_between_awaited_and_known(Loop& loop, bool far, int& live, int& seen) {
  Counted value(live);
  if (far) {
    Counted fetched = co_await fetch(loop, live);
    value = std::move(fetched);
  }
  seen += *value.live > 0;
}

// Instead of `const Pair pair{co_await fetch(loop, live), 1};`.
struct CountedPair {
  Counted first;
  int second;
};
Task<void> build_an_aggregate(Loop& loop, int& live, int& seen) {
  Counted first = co_await fetch(loop, live);
  const CountedPair pair{std::move(first), 1};
  seen += pair.second;
}

TEST(Compiler, destroys_what_an_awaited_value_leaves_exactly_once) {
  Loop loop;
  int live = 0, seen = 0;
  loop.spawn(choose_between_awaited_and_known(loop, true, live, seen));
  loop.spawn(choose_between_awaited_and_known(loop, false, live, seen));
  loop.spawn(build_an_aggregate(loop, live, seen));
  loop.run();
  EXPECT_EQ(live, 0);
  EXPECT_EQ(seen, 3);
}

}  // namespace
}  // namespace understudy::net
