// What was not compared is known at its endpoint, beside what was.
#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;
using diff::EndpointCounters;

Reply hanging_at_report(const Seen& seen) {
  return seen.head.target == "/report" ? Reply{.octets = "", .then = Reply::Then::hang} : Reply{};
}

TEST(NotCompared, AnEndpointWhoseCopiesAreGivenUpIsNotDilutedByTheOthers) {
  Stage stage;
  stage.settings.candidate.response_timeout = Milliseconds{200};
  stage.candidate.script = hanging_at_report;
  for (int i = 0; i < 3; ++i) stage.tell({.target = "/report"});
  for (int i = 0; i < 20; ++i) stage.tell({.target = "/fast"});
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::gave_up), 3u);
  EXPECT_EQ(stage.seen_of("GET /report"), (EndpointCounters{.dropped = 3}));
  EXPECT_EQ(stage.seen_of("GET /fast"), (EndpointCounters{.requests = 20, .compared = 20}));
}

TEST(NotCompared, ACandidateThatHangsForLongerThanProductionMayHasFailedInstead) {
  Stage stage;
  stage.settings.primary.response_timeout = stage.settings.candidate.response_timeout = Milliseconds{200};
  stage.candidate.script = hanging_at_report;
  for (int i = 0; i < 3; ++i) stage.tell({.target = "/report"});
  stage.run();
  EXPECT_EQ(stage.seen_of("GET /report"), (EndpointCounters{.requests = 3, .failed = 3}));
}

TEST(NotCompared, CopiesThatTheBreakerSparesTheCandidateAreCounted) {
  Stage stage;
  stage.candidate.refuse();
  for (int i = 0; i < 10; ++i) stage.tell({.target = "/a"});
  stage.when([&stage] { return stage.ledger().failed_in_all() == 10; },
             [&stage] {
               for (int i = 0; i < 5; ++i) stage.tell({.target = "/b"});
             });
  stage.run();
  EXPECT_EQ(stage.seen_of("GET /a"), (EndpointCounters{.requests = 10, .failed = 10}));
  EXPECT_EQ(stage.seen_of("GET /b"), (EndpointCounters{.dropped = 5}));
}

TEST(NotCompared, CopiesBeyondTheLimitAreCounted) {
  Stage stage;
  stage.settings.mirror.in_flight = 2;
  stage.candidate.script = [](const Seen&) { return Reply{.pause = Milliseconds{400}}; };
  for (int i = 0; i < 6; ++i) stage.tell({.target = "/a"});
  stage.run();
  EXPECT_GT(stage.dropped(DropReason::in_flight_limit), 0u);
  const EndpointCounters seen = stage.seen_of("GET /a");
  EXPECT_EQ(seen.dropped, stage.dropped(DropReason::in_flight_limit));
  EXPECT_EQ(seen.compared + seen.dropped, 6u);
}

TEST(NotCompared, TheResponseNamesTheEndpointWhereItIsThere) {
  Stage stage;
  stage.settings.candidate.response_timeout = Milliseconds{200};
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  Told told;
  told.fields.emplace_back("X-Action-Name", "orders");
  stage.tell(told);
  stage.run();
  EXPECT_EQ(stage.seen_of("GET orders"), (EndpointCounters{.dropped = 1}));
}

// Users gave up, somebody turned the switch, the program ended: nothing that an endpoint is to be blamed for.
TEST(NotCompared, WhatIsNoDoingOfTheMirrorIsNotCounted) {
  Stage stage;
  stage.settings.mirror.enabled = false;
  stage.tell({});
  const std::uint64_t aborted = stage.tell_head({});
  stage.tap().abandon(aborted, DropReason::client_aborted, net::Loop::clock_ns());
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::switched_off), 2u);
  EXPECT_EQ(stage.seen_of("GET /"), EndpointCounters{});
}

TEST(NotCompared, WhatTheTapLostOfAnExchangeThatHadBegunIsCounted) {
  Stage stage;
  const std::uint64_t cut = stage.tell_head({.target = "/a"});
  stage.tap().abandon(cut, DropReason::tap_full, net::Loop::clock_ns());
  const std::uint64_t aborted = stage.tell_head({.target = "/b"});
  stage.tap().abandon(aborted, DropReason::client_aborted, net::Loop::clock_ns());
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::tap_full), 1u);
  EXPECT_EQ(stage.dropped(DropReason::client_aborted), 1u);
  EXPECT_EQ(stage.seen_of("GET /a"), (EndpointCounters{.dropped = 1}));
  EXPECT_EQ(stage.seen_of("GET /b"), EndpointCounters{});
}

}  // namespace
}  // namespace understudy::shadow
