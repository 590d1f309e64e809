#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;

const Told write{.method = "POST", .target = "/write"};
const Told read{.target = "/read"};

std::uint64_t answers_of_candidate(Stage& stage) {
  const control::Histogram& durations = stage.accounts().upstream_duration[static_cast<std::size_t>(Role::candidate)];
  std::uint64_t count = 0;
  for (const control::Counter& bucket : durations.buckets) count += control::get(bucket);
  return count;
}

// A write, which the candidate answers octet by octet, and a read of the same connection behind it: whether the read
// reached the candidate before the write was answered.
bool overtakes(Stage& stage) {
  bool overtook = false;
  stage.candidate.script = [&](const Seen& seen) {
    const bool is_write = seen.head.target == "/write";
    if (!is_write) overtook = answers_of_candidate(stage) == 0;
    return Reply{.octets = response(200, "{\"a\":1}"), .drip = Milliseconds{is_write ? 1 : 0}};
  };
  stage.tell(write);
  stage.tell(read);
  stage.run();
  EXPECT_EQ(stage.matched(), 2u);
  return overtook;
}

TEST(Order, CopiesOfOneConnectionWaitForEachOtherWhereWritesAreMirrored) {
  Stage stage;
  stage.settings.mirror.methods = {"GET", "POST"};
  EXPECT_FALSE(overtakes(stage));
}

TEST(Order, TheyAreFreeWhereOnlyReadsAreMirrored) {
  Stage stage;
  EXPECT_TRUE(overtakes(stage));
}

TEST(Order, NoneMeansNone) {
  Stage stage;
  stage.settings.mirror.methods = {"*"};
  stage.settings.mirror.order = CopyOrder::none;
  EXPECT_TRUE(overtakes(stage));
}

// More than the window holds comes while the copy before is being answered.
TEST(Order, ContentOfACopyThatWaitsForItsTurnIsKept) {
  Stage stage;
  stage.settings.mirror.methods = {"*"};
  stage.settings.mirror.body = 128 * 1024;
  stage.candidate.script = [](const Seen& seen) {
    return Reply{.octets = response(200, "{\"a\":1}"), .drip = Milliseconds{seen.head.target == "/write" ? 1 : 0}};
  };
  stage.tell(write);
  const Told upload{.method = "PUT", .target = "/upload", .framing = http::Framing::chunked};
  const std::uint64_t exchange = stage.tell_head(upload);
  const std::string piece(50'000, 'g');
  for (int i = 0; i < 12; ++i) stage.tell_piece(exchange, tap::FrameType::request_body, piece);
  stage.tell_piece(exchange, tap::FrameType::request_end, "");
  stage.tell_response(exchange, upload);
  stage.run();
  EXPECT_EQ(stage.matched(), 2u);
  ASSERT_EQ(stage.candidate.seen.size(), 2u);
  EXPECT_EQ(stage.candidate.seen[1].body.size(), 600'000u);
}

TEST(Order, OtherConnectionsDoNotWait) {
  Stage stage;
  stage.settings.mirror.order = CopyOrder::connection;
  Told other = read;
  other.connection = 2;
  stage.candidate.script = [](const Seen& seen) {
    return seen.head.target == "/write" ? Reply{.octets = "", .then = Reply::Then::hang} : Reply{};
  };
  stage.tell(write);
  stage.tell(read);
  stage.tell(other);
  stage.when([&stage] { return stage.matched() == 1; }, [] {});
  stage.run_and_end_at_once(Ending::shutdown);
  EXPECT_EQ(stage.candidate.seen.size(), 2u);
  EXPECT_EQ(stage.dropped(DropReason::shutdown), 2u);
}

TEST(Order, AFailureLetsTheNextOneGo) {
  Stage stage;
  stage.settings.mirror.order = CopyOrder::connection;
  stage.candidate.script = [](const Seen& seen) {
    return seen.head.target == "/write" ? Reply{.octets = "", .then = Reply::Then::close} : Reply{};
  };
  for (int i = 0; i < 5; ++i) {
    stage.tell(write);
    stage.tell({.target = "/read", .copies = 2});
  }
  stage.run();
  EXPECT_EQ(stage.failed(control::FailReason::truncated), 5u);
  EXPECT_EQ(stage.matched(), 10u);
}

TEST(Order, TheRowIsBounded) {
  Stage stage;
  stage.settings.mirror.order = CopyOrder::connection;
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  for (int i = 0; i < 100; ++i) stage.tell(read);
  stage.when([&stage] { return stage.dropped(DropReason::in_flight_limit) == 100 - 1 - Order::waiting_limit; }, [] {});
  stage.run_and_end_at_once(Ending::shutdown);
  EXPECT_EQ(stage.candidate.seen.size(), 1u);
}

TEST(Order, ADeadCandidateDoesNotStopTheRow) {
  Stage stage;
  stage.settings.mirror.order = CopyOrder::connection;
  stage.candidate.refuse();
  for (int i = 0; i < 60; ++i) stage.tell(read);
  stage.run();
  EXPECT_EQ(stage.failed(control::FailReason::refused) + stage.dropped(DropReason::breaker_open), 60u);
}

}  // namespace
}  // namespace understudy::shadow
