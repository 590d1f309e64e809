#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "tests/proxy/commands/invocation.h"
#include "tests/proxy/commands/scripted_server.h"

namespace understudy {
namespace {

std::string verdict(const char* name, int compared) {
  return ok_answer(std::string(R"({"verdict":")") + name + R"(","compared":)" + std::to_string(compared) +
                   R"(,"needed":40,"evidence_lost":0,"reasons":["because"],"shadow_tax":{}})");
}

TEST(Gate, APassIsZeroAndPrintsTheReason) {
  ScriptedServer server({verdict("pass", 100)});
  const Invocation gate = invoke({"gate", "--admin", server.url()});
  EXPECT_EQ(gate.status, 0) << gate.err;
  EXPECT_EQ(gate.out, "pass\n  because\n");
}

TEST(Gate, ARegressionIsOne) {
  ScriptedServer server({verdict("regression", 100)});
  const Invocation gate = invoke({"gate", "--admin", server.url(), "--format", "json"});
  EXPECT_EQ(gate.status, 1) << gate.err;
  EXPECT_TRUE(gate.out.starts_with(R"({"verdict":"regression")")) << gate.out;
}

TEST(Gate, ItAsksAgainUntilThereIsAVerdict) {
  ScriptedServer server({verdict("inconclusive", 1), verdict("pass", 2)});
  EXPECT_EQ(invoke({"gate", "--admin", server.url()}).status, 0);
  server.stop();
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST(Gate, TheTimeoutIsThree) {
  ScriptedServer server({verdict("inconclusive", 7)});
  const Invocation gate = invoke({"gate", "--admin", server.url(), "--timeout", "1ms"});
  EXPECT_EQ(gate.status, 3) << gate.err;
  EXPECT_EQ(gate.out, "inconclusive after 7 compared exchanges, about 40 more needed\n  because\n");
}

TEST(Gate, NobodyThereIsFourWithAddressAndRemedy) {
  ScriptedServer server({"unused"});
  server.stop();
  const Invocation gate = invoke({"gate", "--admin", server.url(), "--timeout", "1ms"});
  EXPECT_EQ(gate.status, 4);
  EXPECT_EQ(gate.err, "understudy: " + server.url() +
                          ": Connection refused; start \"understudy run\", or name its admin.listen with --admin\n");
}

TEST(Gate, AnInterruptIs130) {
  ScriptedServer server({verdict("inconclusive", 7)});
  // Sent again and again, because the first may come before the gate has its handler.
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ::sigaction(SIGINT, &ignore, nullptr);
  const pthread_t waiting = ::pthread_self();
  std::atomic<bool> over = false;
  std::thread interrupter([&] {
    while (!over) {
      ::pthread_kill(waiting, SIGINT);
      std::this_thread::yield();
    }
  });
  const Invocation gate = invoke({"gate", "--admin", server.url()});
  over = true;
  interrupter.join();
  ::sigaction(SIGINT, &ignore, nullptr);
  EXPECT_EQ(gate.status, 130);
  EXPECT_EQ(gate.err, "understudy: interrupted before there was a verdict\n");
}

}  // namespace
}  // namespace understudy
