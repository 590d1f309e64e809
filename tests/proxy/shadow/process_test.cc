// The plane as a process of its own: how it ends, and that its accounts survive its death at any moment.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "proxy/shadow/plane.h"
#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;

class ProcessTest : public testing::Test {
 protected:
  ProcessTest() {
    switch_fd_ = control::create_shared_memory("switch_test", sizeof(control::Switch));
    EXPECT_EQ(::pipe2(lifeline_, O_CLOEXEC), 0);
    stage.candidate.refuse();
  }
  ~ProcessTest() override {
    for (const int fd : {switch_fd_, lifeline_[0], lifeline_[1]}) ::close(fd);
  }

  pid_t start() {
    const std::uint64_t polls = control::get(stage.accounts().polls);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(lifeline_[1]);
      ::_exit(
          run_shadow_plane(stage.settings, {{{0, stage.slot_fd()}}, stage.accounts_fd(), switch_fd_, lifeline_[0]}));
    }
    expect_soon([&] { return control::get(stage.accounts().polls) > polls; });
    return child;
  }
  void close_lifeline() { ::close(std::exchange(lifeline_[1], -1)); }

  // The status with which the process ends.
  static int wait_for(pid_t child) {
    int status = -1;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    return status;
  }
  static void expect_soon(const std::function<bool()>& condition) {
    const std::int64_t give_up_ns = net::Loop::clock_ns() + 30'000'000'000;
    while (!condition() && net::Loop::clock_ns() < give_up_ns) std::this_thread::yield();
    EXPECT_TRUE(condition());
  }
  bool all_claimed() {
    return control::get(stage.accounts().readers[0].claimed) == stage.user_accounts().position.load();
  }

  Stage stage;

 private:
  int switch_fd_;
  int lifeline_[2];
};

TEST_F(ProcessTest, RunsBehindEverybodyElse) {
  const pid_t child = start();
  EXPECT_EQ(::getpriority(PRIO_PROCESS, static_cast<id_t>(child)), 19);
  EXPECT_EQ(control::get(stage.accounts().pid), static_cast<std::uint64_t>(child));
  ::kill(child, SIGTERM);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(ProcessTest, TermClaimsAndCountsEverything) {
  const pid_t child = start();
  for (int i = 0; i < 50; ++i) stage.tell({});
  stage.tell_head({});
  ::kill(child, SIGINT);
  ::kill(child, SIGHUP);
  ::kill(child, SIGTERM);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_TRUE(stage.ledger().balanced());
  EXPECT_EQ(stage.ledger().eligible, 51u);
  EXPECT_EQ(stage.ledger().in_flight, 0u);
  EXPECT_EQ(stage.dropped(DropReason::shutdown), 1u);
}

TEST_F(ProcessTest, Usr2LeavesTheRingToTheSuccessor) {
  const pid_t child = start();
  stage.tell_head({});
  expect_soon([this] { return all_claimed(); });
  ::kill(child, SIGUSR2);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(stage.dropped(DropReason::reload), 1u);
  stage.tell({});
  EXPECT_EQ(stage.ledger().in_flight, 1u);
  EXPECT_TRUE(stage.ledger().balanced());
}

TEST_F(ProcessTest, EndsWithItsSupervisor) {
  const pid_t child = start();
  close_lifeline();
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(ProcessTest, WhatACandidateAnnouncesTakesNoMemory) {
  constexpr unsigned answers = 200;
  stage.settings.mirror.memory_limit = 64u << 20;
  Origin announcing;
  stage.settings.candidate.url = announcing.url();
  std::atomic<unsigned> asked = 0;
  announcing.script = [&asked](const Seen&) {
    ++asked;
    return Reply{.octets = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nx", .then = Reply::Then::hang};
  };
  const pid_t child = start();
  net::Loop loop;
  std::atomic<bool> served = false;
  loop.on_tick([&announcing, &served] {
    if (served) announcing.stop();
  });
  announcing.serve(loop);
  std::thread server([&loop] { loop.run(); });
  for (unsigned i = 0; i < answers; ++i) stage.tell({});
  expect_soon([&asked] { return asked == answers; });
  ::kill(child, SIGTERM);
  EXPECT_EQ(wait_for(child), 0);
  served = true;
  server.join();
  EXPECT_EQ(stage.dropped(DropReason::shutdown), answers);
}

TEST_F(ProcessTest, ItsAccountsSurviveItsDeathAtAnyMoment) {
  policy::Random random(11);
  std::uint64_t told = 0;
  for (int life = 0; life < 10; ++life) {
    const pid_t child = start();
    const std::uint64_t until = random.next() % 300;
    for (std::uint64_t i = 0; i < until; ++i) {
      const std::uint32_t copies = 1 + static_cast<std::uint32_t>(random.next() % 3);
      stage.tell({.copies = copies});
      told += copies;
      if (random.next() % 16 == 0) std::this_thread::yield();
    }
    ::kill(child, SIGKILL);
    wait_for(child);
  }
  const pid_t last = start();
  expect_soon([this] { return stage.ledger().in_flight == 0; });
  ::kill(last, SIGTERM);
  EXPECT_EQ(wait_for(last), 0);
  EXPECT_TRUE(stage.ledger().balanced()) << control::to_json(stage.ledger());
  EXPECT_EQ(stage.ledger().eligible, told);
  EXPECT_EQ(stage.ledger().in_flight, 0u);
}

}  // namespace
}  // namespace understudy::shadow
