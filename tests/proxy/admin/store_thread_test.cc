#include "proxy/admin/store_thread.h"

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <thread>
#include <vector>

namespace understudy::admin {
namespace {

constexpr std::int64_t patient_ms = 60'000;
constexpr std::int64_t impatient_ms = 1;

net::Task<void> ask(StoreThread* store, StoreThread::Job job, std::int64_t patience_ms, std::vector<bool>* answers) {
  const bool is_done = co_await store->carry_out(job, patience_ms);
  answers->push_back(is_done);
}

TEST(StoreThread, DoesOneJobAfterTheOtherBesideTheLoop) {
  const Settings settings;
  net::Loop loop;
  StoreThread store(loop, settings);
  std::vector<bool> answers;
  int done = 0;
  for (int i = 0; i < 20; ++i) {
    const StoreThread::Job job = [&done, here = std::this_thread::get_id()](Reports&) {
      if (std::this_thread::get_id() != here) ++done;
    };
    loop.spawn(ask(&store, job, patient_ms, &answers));
  }
  loop.run();
  EXPECT_EQ(done, 20);
  EXPECT_EQ(answers, std::vector<bool>(20, true));
  EXPECT_FALSE(store.is_busy());
}

net::Task<void> ask_three_times(StoreThread* store, std::promise<void>* disk, std::vector<bool>* answers) {
  const auto answered = std::make_shared<std::future<void>>(disk->get_future());
  const StoreThread::Job hangs = [answered](Reports&) { answered->wait(); };
  const bool first = co_await store->carry_out(hangs, impatient_ms);
  answers->push_back(first);
  const StoreThread::Job nothing = [](Reports&) {};
  const bool second = co_await store->carry_out(nothing, impatient_ms);
  answers->push_back(second);
  disk->set_value();
  const bool third = co_await store->carry_out(nothing, patient_ms);
  answers->push_back(third);
}

TEST(StoreThread, NobodyWaitsForADiskThatHangsLongerThanTheyCan) {
  const Settings settings;
  net::Loop loop;
  StoreThread store(loop, settings);
  std::promise<void> disk;
  std::vector<bool> answers;
  loop.spawn(ask_three_times(&store, &disk, &answers));
  loop.run();
  EXPECT_EQ(answers, (std::vector<bool>{false, false, true}));
}

TEST(StoreThread, NobodyWaitsOnceThePlaneEnds) {
  const Settings settings;
  net::Loop loop;
  StoreThread store(loop, settings);
  std::vector<bool> answers;
  store.give_up();
  loop.spawn(ask(&store, [](Reports&) {}, patient_ms, &answers));
  loop.run();
  EXPECT_EQ(answers, std::vector<bool>{false});
  EXPECT_FALSE(store.is_busy());
}

}  // namespace
}  // namespace understudy::admin
