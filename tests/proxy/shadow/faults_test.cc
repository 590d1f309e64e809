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

// The same, where we give up sooner than production may take: nothing is compared, and nobody has failed.
void expect_gave_up(const Reply& reply, const Told& told, const std::function<void(Settings&)>& change) {
  Stage stage;
  change(stage.settings);
  stage.candidate.script = [reply](const Seen&) { return reply; };
  stage.tell(told);
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::gave_up), 1u) << control::to_json(stage.ledger());
  EXPECT_EQ(stage.ledger().failed_in_all(), 0u);
  EXPECT_EQ(stage.differences(diff::DifferenceClass::transport), 0u);
  for (const control::Counter& errors : stage.accounts().upstream_errors[static_cast<std::size_t>(Role::candidate)]) {
    EXPECT_EQ(control::get(errors), 0u);
  }
}

// Production may be silent for as long as a copy may.
void equal_response_timeouts(Settings& settings, Milliseconds timeout) {
  settings.primary.response_timeout = settings.candidate.response_timeout = timeout;
}

TEST(Faults, APortWhereNobodyListensIsRefused) {
  Stage stage;
  stage.candidate.refuse();
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.failed(FailReason::refused), 1u);
}

// A listening socket whose queue is full answers no SYN.
class AcceptsNothing {
 public:
  AcceptsNothing() {
    for (int& fd : filling_) {
      fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      ::connect(fd, reinterpret_cast<const sockaddr*>(&address_.storage), address_.size);
    }
  }
  ~AcceptsNothing() {
    for (const int fd : filling_) ::close(fd);
    ::close(listener_);
  }
  AcceptsNothing(const AcceptsNothing&) = delete;
  AcceptsNothing& operator=(const AcceptsNothing&) = delete;

  std::uint16_t port() const { return ntohs(reinterpret_cast<const sockaddr_in&>(address_.storage).sin_port); }

 private:
  std::string error_;
  int listener_ = net::open_listener(net::resolve("127.0.0.1", 0, error_).at(0), false, 0).fd;
  net::Address address_ = net::local_address(listener_);
  std::array<int, 8> filling_{};
};

TEST(Faults, AServerThatAcceptsNothingIsAConnectTimeout) {
  const AcceptsNothing server;
  Stage stage;
  stage.settings.candidate.url.port = server.port();
  stage.settings.primary.connect_timeout = stage.settings.candidate.connect_timeout = Milliseconds{200};
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.failed(FailReason::connect_timeout), 1u) << control::to_json(stage.ledger());
}

TEST(Faults, AConnectThatProductionWouldHaveBeenGivenLongerForIsGivenUp) {
  const AcceptsNothing server;
  expect_gave_up({}, {}, [&server](Settings& settings) {
    settings.candidate.url.port = server.port();
    settings.candidate.connect_timeout = Milliseconds{200};
  });
}

TEST(Faults, SilenceIsATimeout) {
  expect_failure({.octets = "", .then = Reply::Then::hang}, FailReason::timeout, {},
                 [](Settings& settings) { equal_response_timeouts(settings, Milliseconds{200}); });
}

TEST(Faults, SilenceForLongerThanProductionMayBeIsATimeoutWhateverEndsIt) {
  expect_failure({.octets = "", .then = Reply::Then::hang}, FailReason::timeout, {}, [](Settings& settings) {
    settings.primary.response_timeout = Milliseconds{200};
    settings.candidate.response_timeout = Milliseconds{10'000};
    settings.candidate.deadline = Milliseconds{500};
  });
}

TEST(Faults, ADeadlineAsLongAsProductionMayBeSilentIsNotSooner) {
  expect_failure({.octets = "", .then = Reply::Then::hang}, FailReason::timeout, {}, [](Settings& settings) {
    equal_response_timeouts(settings, Milliseconds{400});
    settings.candidate.deadline = Milliseconds{400};
  });
}

TEST(Faults, SilenceThatProductionWouldHaveBeenGivenIsGivenUp) {
  expect_gave_up({.octets = "", .then = Reply::Then::hang}, {},
                 [](Settings& settings) { settings.candidate.response_timeout = Milliseconds{200}; });
  expect_gave_up({.octets = "", .then = Reply::Then::hang}, {},
                 [](Settings& settings) { settings.candidate.deadline = Milliseconds{200}; });
}

TEST(Faults, AnAnswerAsSlowAsProductionsIsCompared) {
  Stage stage;
  equal_response_timeouts(stage.settings, Milliseconds{1'000});
  stage.candidate.script = [](const Seen&) { return Reply{.pause = Milliseconds{400}}; };
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 1u) << control::to_json(stage.ledger());
}

constexpr const char* a_started_answer = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc";

TEST(Faults, AStallInTheContentIsATimeout) {
  expect_failure(
      {.octets = a_started_answer, .then = Reply::Then::hang}, FailReason::timeout, {},
      [](Settings& settings) { settings.primary.body_timeout = settings.candidate.body_timeout = Milliseconds{200}; });
}

TEST(Faults, AStallThatProductionWouldHaveBeenGivenIsGivenUp) {
  expect_gave_up({.octets = a_started_answer, .then = Reply::Then::hang}, {},
                 [](Settings& settings) { settings.candidate.body_timeout = Milliseconds{200}; });
}

TEST(Faults, ATrickleIsGivenUpAtTheDeadline) {
  expect_gave_up({.octets = response(200, std::string(1000, 'x')), .drip = Milliseconds{20}}, {},
                 [](Settings& settings) {
                   settings.candidate.deadline = Milliseconds{400};
                   settings.primary.response_timeout = settings.primary.body_timeout = Milliseconds{200};
                 });
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
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_EQ(stage.differed(), 1u) << "so soon no connection is given up for its idleness";
  EXPECT_EQ(stage.candidate.seen.size(), 3u);
  EXPECT_EQ(control::get(stage.accounts().upstream_repeated[static_cast<std::size_t>(Role::candidate)]), 1u);
}

// Of three exchanges, each on a kept connection but the first.
TEST(Faults, WhoAbortsAsProductionDoesHasNotDiffered) {
  Stage stage;
  close_on_second(stage.candidate);
  stage.tell({});
  stage.when([&stage] { return stage.matched() == 1; }, [&stage] { stage.tell({.primary_aborted = true}); });
  stage.run();
  EXPECT_EQ(stage.matched(), 2u);
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
  equal_response_timeouts(stage.settings, Milliseconds{1'500});
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  for (int i = 0; i < 50; ++i) stage.tell({});
  stage.run();
  EXPECT_GE(stage.failed(FailReason::timeout), 4u);
  EXPECT_LE(stage.candidate.seen.size(), 8u);
  EXPECT_EQ(stage.dropped(DropReason::in_flight_limit) + stage.failed(FailReason::timeout), 50u);
}

TEST(Faults, TheBreakerSparesACandidateThatWeGiveUpAgainAndAgain) {
  Stage stage;
  stage.settings.candidate.response_timeout = Milliseconds{100};
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  for (int i = 0; i < 12; ++i) stage.tell({});
  stage.when([&stage] { return stage.ledger().in_flight == 0; }, [&stage] { stage.tell({}); });
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::gave_up), 12u);
  EXPECT_EQ(stage.dropped(DropReason::breaker_open), 1u);
}

TEST(Faults, AStreamThatProductionHasNotEndedEitherIsNothingForTheBreaker) {
  Stage stage;
  stage.settings.candidate.deadline = Milliseconds{200};
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
                 .then = Reply::Then::hang};
  };
  for (int i = 0; i < 12; ++i) stage.tell_head({});
  stage.when([&stage] { return stage.ledger().in_flight == 0; }, [&stage] { stage.tell_head({}); });
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::gave_up), 13u);
  EXPECT_EQ(stage.dropped(DropReason::breaker_open), 0u);
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
