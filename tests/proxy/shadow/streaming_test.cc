// Request content on its way to the candidate: as it comes, never ended as if complete.
#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;

const Told upload{.method = "PUT", .framing = http::Framing::chunked};

TEST(Streaming, ContentArrivesAsItComes) {
  Stage stage;
  const std::uint64_t exchange = stage.tell_head(upload);
  stage.tell_piece(exchange, tap::FrameType::request_body, "one");
  stage.candidate.script = [](const Seen&) { return Reply{}; };
  stage.when([&stage] { return !stage.candidate.seen.empty() && stage.candidate.seen[0].body == "one"; },
             [&stage, exchange] { stage.tell_piece(exchange, tap::FrameType::request_body, "two"); });
  stage.when([&stage] { return stage.candidate.seen[0].body == "onetwo"; },
             [&stage, exchange] {
               EXPECT_FALSE(stage.candidate.seen[0].whole);
               stage.tell_piece(exchange, tap::FrameType::request_end, "");
               stage.tell_response(exchange, upload);
             });
  stage.run();
  EXPECT_TRUE(stage.candidate.seen[0].whole);
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Streaming, ContentOfAnnouncedLengthArrivesWhole) {
  Stage stage;
  const std::string content(300'000, 'c');
  stage.tell({.method = "PUT", .framing = http::Framing::content_length, .request_body = content});
  stage.run();
  ASSERT_EQ(stage.candidate.seen.size(), 1u);
  EXPECT_EQ(stage.candidate.seen[0].body, content);
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Streaming, ContentFarBeyondTheWindowArrivesWholeWhereTheCandidateKeepsUp) {
  Stage stage;
  stage.settings.mirror.body = 128 * 1024;
  const std::uint64_t exchange = stage.tell_head(upload);
  const std::string piece(64 * 1024, 'p');
  constexpr std::size_t pieces = 64;
  for (std::size_t i = 0; i < pieces; ++i) {
    stage.when(
        [&stage, i, &piece] {
          return i == 0 || (!stage.candidate.seen.empty() && stage.candidate.seen[0].body.size() == i * piece.size());
        },
        [&stage, exchange, &piece] { stage.tell_piece(exchange, tap::FrameType::request_body, piece); });
  }
  stage.when([] { return true; },
             [&stage, exchange] {
               stage.tell_piece(exchange, tap::FrameType::request_end, "");
               stage.tell_response(exchange, upload);
             });
  stage.run();
  EXPECT_EQ(stage.candidate.seen[0].body.size(), pieces * piece.size());
  EXPECT_TRUE(stage.candidate.seen[0].whole);
  EXPECT_EQ(stage.matched(), 1u);
}

// As after a moment in which this plane was kept from the processor.
TEST(Streaming, ContentThatGatheredInTheTapIsNotTheCandidatesFault) {
  Stage stage;
  stage.settings.mirror.body = 128 * 1024;
  const std::uint64_t exchange = stage.tell_head(upload);
  const std::string piece(50'000, 'g');
  for (int i = 0; i < 12; ++i) stage.tell_piece(exchange, tap::FrameType::request_body, piece);
  stage.tell_piece(exchange, tap::FrameType::request_end, "");
  stage.tell_response(exchange, upload);
  stage.run();
  ASSERT_EQ(stage.candidate.seen.size(), 1u);
  EXPECT_EQ(stage.candidate.seen[0].body.size(), 600'000u);
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Streaming, ACandidateThatReadsSlowlyHasNoLongerThanItsDeadline) {
  Stage stage;
  stage.settings.mirror.body = 64u << 20;
  stage.settings.candidate.deadline = Milliseconds{1'000};
  // Far more than the kernel's buffers take, and seconds to read.
  stage.candidate.read_pause = Milliseconds{10};
  const std::string piece(64 * 1024, 'p');
  constexpr std::size_t pieces = 640;
  const std::uint64_t exchange = stage.tell_head(upload);
  for (std::size_t i = 0; i < pieces; ++i) {
    stage.when(
        [&stage] {
          return stage.user_accounts().position.load() - control::get(stage.accounts().readers[0].released) < 1'000'000;
        },
        [&stage, exchange, &piece] { stage.tell_piece(exchange, tap::FrameType::request_body, piece); });
  }
  stage.when([] { return true; },
             [&stage, exchange] {
               stage.tell_piece(exchange, tap::FrameType::request_end, "");
               stage.tell_response(exchange, upload);
             });
  stage.run();
  EXPECT_LT(stage.candidate.seen[0].body.size(), pieces * piece.size() / 2);
  EXPECT_EQ(stage.matched() + stage.differed(), 0u);
}

TEST(Streaming, ACandidateThatDoesNotReadIsLeftBehind) {
  Stage stage;
  stage.settings.mirror.body = 128 * 1024;
  // What the kernel's buffers and the window do not take is too much.
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .early = true, .then = Reply::Then::stall}; };
  const std::uint64_t exchange = stage.tell_head(upload);
  const std::string piece(64 * 1024, 'p');
  stage.when(
      [&stage, exchange, &piece] {
        if (stage.ledger().outcomes[control::dropped(DropReason::lagging)] != 0) return true;
        if (stage.user_accounts().position.load() - control::get(stage.accounts().readers[0].released) < 1'000'000) {
          stage.tell_piece(exchange, tap::FrameType::request_body, piece);
        }
        return false;
      },
      [&stage, exchange] { stage.tap().abandon(exchange, DropReason::client_aborted, net::Loop::clock_ns()); });
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::lagging), 1u);
  EXPECT_FALSE(stage.candidate.seen[0].whole);
}

TEST(Streaming, AnAbandonedRequestNeverLooksComplete) {
  for (const http::Framing framing : {http::Framing::chunked, http::Framing::content_length}) {
    Stage stage;
    Told told{.method = "PUT", .framing = framing, .request_body = "twelve bytes"};
    const std::uint64_t exchange = stage.tell_head(told);
    stage.tell_piece(exchange, tap::FrameType::request_body, "twelve");
    stage.when(
        [&stage] { return !stage.candidate.seen.empty() && stage.candidate.seen[0].body == "twelve"; },
        [&stage, exchange] { stage.tap().abandon(exchange, DropReason::client_aborted, net::Loop::clock_ns()); });
    stage.when([&stage] { return stage.candidate.open_connections() == 0; }, [] {});
    stage.run();
    EXPECT_EQ(stage.dropped(DropReason::client_aborted), 1u);
    EXPECT_FALSE(stage.candidate.seen[0].whole);
  }
}

TEST(Streaming, AnEarlyAnswerIsTakenAndItsConnectionClosed) {
  Stage stage;
  const Told told{.method = "PUT", .framing = http::Framing::chunked, .status = 413, .body = "{}"};
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = response(413, "{}"), .early = true, .then = Reply::Then::hang};
  };
  const std::uint64_t exchange = stage.tell_head(told);
  stage.tell_piece(exchange, tap::FrameType::request_body, "one");
  // The candidate's answer is complete while the request is not.
  stage.when([&stage] { return !stage.candidate.seen.empty() && stage.candidate.open_connections() == 0; },
             [&stage, exchange, told] {
               stage.tell_piece(exchange, tap::FrameType::request_body, "two");
               stage.tell_piece(exchange, tap::FrameType::request_end, "");
               stage.tell_response(exchange, told);
             });
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Streaming, ARequestThatThePrimaryAnsweredEarlyIsNeverCompleted) {
  Stage stage;
  stage.settings.candidate.response_timeout = Milliseconds{200};
  const std::uint64_t exchange = stage.tell_head(upload);
  stage.tell_piece(exchange, tap::FrameType::request_body, "one");
  stage.tell_response(exchange, upload);
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::client_aborted), 1u);
  EXPECT_FALSE(stage.candidate.seen[0].whole);
}

TEST(Streaming, ASlowUserIsNotTheCandidatesFault) {
  Stage stage;
  stage.settings.candidate.deadline = Milliseconds{300};
  const std::uint64_t exchange = stage.tell_head(upload);
  stage.when([&stage] { return stage.dropped(DropReason::lagging) == 1; },
             [&stage, exchange] {
               stage.tell_piece(exchange, tap::FrameType::request_end, "");
               stage.tell_response(exchange, upload);
             });
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::lagging), 1u);
}

TEST(Streaming, BothServersGetTheSameContent) {
  Stage stage;
  stage.use_secondary();
  const std::string content(500'000, 'z');
  stage.tell({.method = "PUT", .framing = http::Framing::chunked, .request_body = content, .copies = 2});
  stage.run();
  ASSERT_EQ(stage.candidate.seen.size(), 2u);
  ASSERT_EQ(stage.secondary.seen.size(), 2u);
  for (const Origin* origin : {&stage.candidate, &stage.secondary}) {
    for (const Seen& seen : origin->seen) EXPECT_EQ(seen.body, content);
  }
  EXPECT_EQ(stage.matched(), 2u);
}

}  // namespace
}  // namespace understudy::shadow
