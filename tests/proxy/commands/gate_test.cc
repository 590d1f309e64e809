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

TEST(Gate, ItNamesTheRunAndAsksForTheOneThatIsWanted) {
  ScriptedServer server({ok_answer(
      R"({"verdict":"pass","run":"v2","compared":9,"needed":0,"evidence_lost":0,"reasons":[],"shadow_tax":{}})")});
  const Invocation gate = invoke({"gate", "--admin", server.url(), "--run", "v2"});
  EXPECT_EQ(gate.status, 0) << gate.err;
  EXPECT_EQ(gate.out, "pass (run v2)\n");
  server.stop();
  EXPECT_TRUE(server.requests().at(0).starts_with("GET /api/v1/verdict?run=v2 HTTP/1.1\r\n"));
}

TEST(Gate, ARunThatIsNotThereIsTwoAtOnce) {
  const std::string body = R"x({"detail":"there is no run of that name; there are: 1 (current)"})x";
  ScriptedServer server(
      {"HTTP/1.1 404 Not Found\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body});
  for (const char* command : {"gate", "report"}) {
    const Invocation done = invoke({command, "--admin", server.url(), "--run", "v2"});
    EXPECT_EQ(done.status, 2);
    EXPECT_EQ(done.err, "understudy: --run v2: there is no run of that name; there are: 1 (current)\n");
  }
  EXPECT_EQ(invoke({"gate", "--run", "a b"}).status, 2);
}

TEST(Reset, ItSaysWhichRunIsOpen) {
  ScriptedServer server({ok_answer(R"({"name":"4","current":true})")});
  const Invocation reset = invoke({"reset", "--admin", server.url(), "--token", "t"});
  EXPECT_EQ(reset.status, 0) << reset.err;
  EXPECT_EQ(reset.out, "run 4 is open\n");
  server.stop();
  EXPECT_TRUE(server.requests().at(0).starts_with("POST /api/v1/runs HTTP/1.1\r\n"));
  EXPECT_NE(server.requests().at(0).find("Authorization: Bearer t\r\n"), std::string::npos);
}

TEST(Reset, NobodyThereIsFour) {
  ScriptedServer server({"unused"});
  server.stop();
  EXPECT_EQ(invoke({"reset", "--admin", server.url()}).status, 4);
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

TEST(Gate, WhatIsOpenIsPrintedWholeAndMayBeLetThrough) {
  const std::string open = ok_answer(
      R"({"verdict":"inconclusive","compared":7,"needed":40,"reasons":["too few","undecided: one","undecided: and 1 more"],)"
      R"("caveats":["POST"],"only_undecided":true,"progress":{"least_seconds":40,"most_seconds":180.0},)"
      R"("open":["undecided: one","unverified: two"]})");
  ScriptedServer server({open});
  const Invocation gate = invoke({"gate", "--admin", server.url(), "--timeout", "1ms"});
  EXPECT_EQ(gate.status, 3) << gate.err;
  const std::string rest = "  too few\n  undecided: one\n  unverified: two\n  not judged: POST\n";
  EXPECT_EQ(gate.out, "inconclusive after 7 compared exchanges, between 40 s and 3 min more at this pace\n" + rest);
  const Invocation allowed = invoke({"gate", "--admin", server.url(), "--timeout", "1ms", "--allow-undecided"});
  EXPECT_EQ(allowed.status, 0) << allowed.err;
  EXPECT_EQ(allowed.out,
            "pass after 7 compared exchanges, with what is undecided let through (--allow-undecided)\n" + rest);
  server.stop();
  EXPECT_TRUE(server.requests().back().starts_with("GET /api/v1/verdict?open=all HTTP/1.1\r\n"));
}

TEST(Gate, ARuleThatMatchesNothingIsToldWithEveryVerdict) {
  for (const char* given : {"regression", "pass"}) {
    ScriptedServer server({ok_answer(R"({"verdict":")" + std::string(given) +
                                     R"(","compared":7,"needed":0,"reasons":["because"],"caveats":["POST","rule 1"],)"
                                     R"("rules":[{"rule":1,"note":"rule 1"},{"rule":2,"note":""}]})")});
    const std::string out = invoke({"gate", "--admin", server.url()}).out;
    const std::string caveat = given == std::string_view("pass") ? "  not judged: POST\n" : "";
    EXPECT_EQ(out, std::string(given) + "\n  because\n  note: rule 1\n" + caveat);
  }
}

TEST(Gate, ADeadCandidateIsFourAndSaysWhatSinceWhenAndWhy) {
  ScriptedServer server(
      {ok_answer(R"({"verdict":"inconclusive","compared":7,"needed":40,"reasons":[],"candidate":{"url":"http://c:1",)"
                 R"("silent_since":"2026-11-30T23:04:11Z","failure":"connection refused","failed":1}})")});
  const Invocation gate = invoke({"gate", "--admin", server.url(), "--patience", "1ms"});
  EXPECT_EQ(gate.status, 4);
  EXPECT_EQ(gate.err,
            "understudy: the candidate http://c:1 does not answer: connection refused since 2026-11-30T23:04:11Z; "
            "1 copy failed\n");
  EXPECT_EQ(gate.out, "");
  EXPECT_EQ(invoke({"gate", "--patience", "60"}).status, 2);
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
  struct sigaction ignore {};
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
