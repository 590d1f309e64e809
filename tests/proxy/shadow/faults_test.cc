// RELIABILITY 4: whatever the candidate does, the copy ends under a fitting name, and nothing stays behind.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "proxy/net/address.h"
#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;
using control::FailReason;

// One exchange with a candidate that answers as `reply` says; expects it to end as `reason`.
void expect_failure(const Reply& reply, FailReason reason, const Told& told = {},
                    const std::function<void(Settings&)>& change = nullptr) {
  Stage stage;
  if (change) change(stage.settings);
  stage.candidate.script = [reply](const Seen&) { return reply; };
  stage.tell(told);
  stage.run();
  EXPECT_EQ(stage.failed(reason), 1u) << control::to_json(stage.ledger());
  EXPECT_EQ(stage.differences(diff::DifferenceClass::transport), 1u);
  const control::FailCounters& errors = stage.accounts().upstream_errors[static_cast<std::size_t>(Role::candidate)];
  EXPECT_EQ(control::get(errors[static_cast<std::size_t>(reason)]), 1u);
}

TEST(Faults, APortWhereNobodyListensIsRefused) {
  Stage stage;
  stage.candidate.refuse();
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.failed(FailReason::refused), 1u);
}

TEST(Faults, AServerThatAcceptsNothingIsAConnectTimeout) {
  // A listening socket whose queue is full answers no SYN.
  std::string error;
  const int listener = net::open_listener(net::resolve("127.0.0.1", 0, error).at(0), false, 0).fd;
  const net::Address address = net::local_address(listener);
  std::vector<int> filling;
  for (int i = 0; i < 8; ++i) {
    filling.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    ::connect(filling.back(), reinterpret_cast<const sockaddr*>(&address.storage), address.size);
  }
  Stage stage;
  stage.settings.candidate.url.port = ntohs(reinterpret_cast<const sockaddr_in&>(address.storage).sin_port);
  stage.settings.candidate.connect_timeout = Milliseconds{200};
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.failed(FailReason::connect_timeout), 1u) << control::to_json(stage.ledger());
  for (const int fd : filling) ::close(fd);
  ::close(listener);
}

TEST(Faults, SilenceIsATimeout) {
  expect_failure({.octets = "", .then = Reply::Then::hang}, FailReason::timeout, {},
                 [](Settings& settings) { settings.candidate.response_timeout = Milliseconds{200}; });
}

TEST(Faults, AStallInTheContentIsATimeout) {
  expect_failure({.octets = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .then = Reply::Then::hang},
                 FailReason::timeout, {},
                 [](Settings& settings) { settings.candidate.body_timeout = Milliseconds{200}; });
}

TEST(Faults, ATrickleEndsAtTheDeadline) {
  expect_failure({.octets = response(200, std::string(1000, 'x')), .drip = Milliseconds{20}}, FailReason::deadline, {},
                 [](Settings& settings) { settings.candidate.deadline = Milliseconds{400}; });
}

TEST(Faults, AResetInMidResponseIsAReset) {
  // The head must have been read before the reset arrives, so the candidate sends more than one read takes.
  expect_failure({.octets = "HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n",
                  .filler = 1'000'000,
                  .then = Reply::Then::reset},
                 FailReason::reset);
}

TEST(Faults, AnEndInMidResponseIsTruncated) {
  expect_failure({.octets = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .then = Reply::Then::close},
                 FailReason::truncated);
}

TEST(Faults, AnEndInMidChunkIsTruncated) {
  expect_failure(
      {.octets = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", .then = Reply::Then::close},
      FailReason::truncated);
}

TEST(Faults, HalfAHeadIsTruncated) {
  expect_failure({.octets = "HTTP/1.1 200 OK\r\nContent-Le", .then = Reply::Then::close}, FailReason::truncated);
}

TEST(Faults, AConnectionClosedAtOnceIsTruncated) {
  expect_failure({.octets = "", .then = Reply::Then::close}, FailReason::truncated);
}

TEST(Faults, GarbageIsAProtocolError) {
  expect_failure({.octets = std::string("\x16\x03\x01\0garbage\r\n\r\n", 16), .then = Reply::Then::close},
                 FailReason::protocol);
  expect_failure({.octets = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
                 FailReason::protocol);
  expect_failure({.octets = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}, FailReason::protocol);
}

TEST(Faults, AnUpgradeThatNobodyAskedForIsAProtocolError) {
  expect_failure({.octets = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"},
                 FailReason::protocol);
}

TEST(Faults, AnEndlessHeadIsAProtocolError) {
  expect_failure({.octets = "HTTP/1.1 200 OK\r\nX: ", .filler = 10'000'000, .then = Reply::Then::hang},
                 FailReason::protocol);
}

TEST(Faults, EndlessInterimResponsesAreAProtocolError) {
  std::string octets;
  for (int i = 0; i < 100; ++i) octets += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  expect_failure({.octets = octets, .then = Reply::Then::hang}, FailReason::protocol);
}

TEST(Faults, AnEndlessAnswerIsCutOffAndDiffers) {
  Stage stage;
  stage.settings.candidate.response_size = 2'000'000;
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000000000\r\n\r\n",
                 .filler = 5'000'000'000};
  };
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.differed(), 1u);
  EXPECT_EQ(stage.differences(diff::DifferenceClass::body_changed), 1u);
}

TEST(Faults, OctetsBehindAnAnswerAreNobodysAndTheirConnectionIsNotUsedAgain) {
  Stage stage;
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = response(200, "{\"a\":1}") + "HTTP/1.1 500 X\r\n\r\n"};
  };
  for (int i = 0; i < 3; ++i) {
    stage.when([&stage, i] { return stage.matched() == static_cast<std::uint64_t>(i); }, [&stage] { stage.tell({}); });
  }
  stage.run();
  EXPECT_EQ(stage.matched(), 3u);
  EXPECT_EQ(stage.candidate.connections, 3u);
}

// Answers the first request of each connection and closes the connection when the second has come.
void close_on_second(Origin& origin) {
  auto counts = std::make_shared<std::map<std::uint64_t, int>>();
  origin.script = [counts](const Seen& seen) {
    const bool is_second = ++(*counts)[seen.connection] > 1;
    return is_second ? Reply{.octets = "", .then = Reply::Then::close} : Reply{};
  };
}

TEST(Faults, AStaleConnectionIsReplacedOnce) {
  Stage stage;
  close_on_second(stage.candidate);
  stage.tell({});
  stage.when([&stage] { return stage.matched() == 1; }, [&stage] { stage.tell({}); });
  stage.run();
  EXPECT_EQ(stage.matched(), 2u);
  EXPECT_EQ(stage.candidate.seen.size(), 3u);
}

TEST(Faults, APostIsNeverSentTwice) {
  Stage stage;
  close_on_second(stage.candidate);
  const Told post{.method = "POST", .framing = http::Framing::content_length, .request_body = "x"};
  stage.tell(post);
  stage.when([&stage] { return stage.matched() == 1; }, [&stage, post] { stage.tell(post); });
  stage.run();
  EXPECT_EQ(stage.candidate.seen.size(), 2u);
  EXPECT_EQ(stage.matched() + stage.ledger().failed_in_all(), 2u);
}

TEST(Faults, TheBreakerSparesADeadCandidateAndLetsItComeBack) {
  Stage stage;
  bool sick = true;
  stage.candidate.script = [&sick](const Seen&) {
    return sick ? Reply{.octets = "", .then = Reply::Then::close} : Reply{};
  };
  for (int i = 0; i < 100; ++i) {
    stage.when([&stage] { return stage.ledger().in_flight == 0; }, [&stage] { stage.tell({}); });
  }
  stage.when([&stage] { return stage.ledger().in_flight == 0; },
             [&stage, &sick] {
               EXPECT_GT(stage.dropped(DropReason::breaker_open), 0u);
               sick = false;
             });
  // Exchanges go on coming until one of them is compared.
  stage.when(
      [&stage] {
        if (stage.ledger().in_flight == 0) stage.tell({});
        return stage.matched() > 0;
      },
      [] {});
  stage.run();
  EXPECT_GE(stage.failed(FailReason::truncated), 10u);
}

TEST(Faults, AHungCandidateIsBounded) {
  Stage stage;
  stage.settings.mirror.in_flight = 4;
  stage.settings.candidate.response_timeout = Milliseconds{1'500};
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  for (int i = 0; i < 50; ++i) stage.tell({});
  stage.run();
  EXPECT_GE(stage.failed(FailReason::timeout), 4u);
  EXPECT_LE(stage.candidate.seen.size(), 8u);
  EXPECT_EQ(stage.dropped(DropReason::in_flight_limit) + stage.failed(FailReason::timeout), 50u);
}

// Four legs that the candidate has left as `reply` says fill the limit; then it is well again.
void expect_recovery(const Reply& reply) {
  Stage stage;
  stage.settings.mirror.in_flight = 4;
  stage.settings.candidate.response_timeout = Milliseconds{60'000};
  stage.settings.candidate.deadline = Milliseconds{60'000};
  bool sick = true;
  stage.candidate.script = [&sick, reply](const Seen&) { return sick ? reply : Reply{}; };
  for (int i = 0; i < 4; ++i) stage.tell({});
  stage.when([&stage] { return stage.candidate.seen.size() == 4; }, [&sick] { sick = false; });
  stage.when(
      [&stage] {
        if (stage.ledger().in_flight == 4) stage.tell({});
        return stage.matched() > 0;
      },
      [] {});
  stage.run_and_end_at_once(Ending::shutdown);
  EXPECT_GE(stage.dropped(DropReason::shutdown), 4u);
}

TEST(Faults, AnAnswerBehindManyHangingOnesIsNoticed) {
  expect_recovery({.octets = "", .then = Reply::Then::hang});
}

TEST(Faults, AnAnswerBehindManyTricklingOnesIsNoticed) {
  expect_recovery({.octets = response(200, std::string(100'000, 'x')), .drip = Milliseconds{10}});
}

TEST(Faults, APrimaryThatFailedIsNotTheCandidatesFault) {
  Stage stage;
  const std::uint64_t one = stage.tell_head({});
  stage.tap().end_failed(one, FailReason::refused, net::Loop::clock_ns());
  stage.run();
  EXPECT_EQ(stage.outcome(control::failed(Role::primary, FailReason::refused)), 1u);
  EXPECT_EQ(stage.candidate.seen.size(), 1u);
}

TEST(Faults, WhereBothFailThePrimaryIsNamed) {
  Stage stage;
  stage.candidate.refuse();
  const std::uint64_t one = stage.tell_head({});
  stage.tap().end_failed(one, FailReason::timeout, net::Loop::clock_ns());
  stage.run();
  EXPECT_EQ(stage.outcome(control::failed(Role::primary, FailReason::timeout)), 1u);
  EXPECT_EQ(stage.ledger().failed_in_all(), 1u);
}

}  // namespace
}  // namespace understudy::shadow
