#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using diff::DifferenceClass;

TEST(Healthy, EqualAnswersMatch) {
  Stage stage;
  for (int i = 0; i < 50; ++i) stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 50u);
  EXPECT_EQ(stage.ledger().eligible, 50u);
  EXPECT_EQ(stage.candidate.seen.size(), 50u);
}

TEST(Healthy, OtherAnswersDiffer) {
  Stage stage;
  stage.candidate.script = [](const Seen&) { return Reply{.octets = response(200, "{\"a\":\"1\"}")}; };
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.differed(), 1u);
  EXPECT_EQ(stage.differences(DifferenceClass::type_changed), 1u);
}

TEST(Healthy, ANewValidatorIsNoRegressionButOldContentForNewIs) {
  Stage stage;
  stage.candidate.script = [](const Seen& seen) {
    if (seen.head.target == "/new") return Reply{.octets = response(200, "{\"a\":1}")};
    return Reply{.octets = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"};
  };
  const std::vector<std::pair<std::string, std::string>> condition{{"If-None-Match", "\"1\""}};
  stage.tell({.target = "/new", .request_fields = condition, .status = 304, .fields = {{"ETag", "\"1\""}}, .body = ""});
  stage.tell({.target = "/old", .request_fields = {{"If-Modified-Since", "Sat, 21 Nov 2026 00:00:00 GMT"}}});
  stage.tell({.target = "/unasked", .connection = 2});
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_EQ(stage.differed(), 2u);
  EXPECT_EQ(stage.differences(DifferenceClass::body_changed), 1u);
  EXPECT_EQ(stage.differences(DifferenceClass::status_class), 1u);
}

TEST(Healthy, ConnectionsAreKeptAndUsedAgain) {
  Stage stage;
  for (int i = 0; i < 20; ++i) {
    stage.when([&stage, i] { return stage.matched() == static_cast<std::uint64_t>(i); }, [&stage] { stage.tell({}); });
  }
  stage.run();
  EXPECT_EQ(stage.matched(), 20u);
  EXPECT_EQ(stage.candidate.connections, 1u);
}

TEST(Healthy, TheCopyIsTheRequestWithAMarker) {
  Stage stage;
  stage.tell({.method = "POST",
              .target = "/orders?x=1",
              .request_fields = {{"X-One", "1"}, {"Via", "1.1 understudy"}},
              .framing = http::Framing::content_length,
              .request_body = "hello"});
  stage.run();
  ASSERT_EQ(stage.candidate.seen.size(), 1u);
  const Seen& seen = stage.candidate.seen[0];
  EXPECT_EQ(seen.head.method, "POST");
  EXPECT_EQ(seen.head.target, "/orders?x=1");
  EXPECT_EQ(seen.head.authority, "shop.example");
  EXPECT_EQ(seen.body, "hello");
  EXPECT_EQ(http::find_field(seen.head.fields, "X-One")->value, "1");
  EXPECT_EQ(http::find_field(seen.head.fields, "Understudy-Role")->value, "candidate");
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Healthy, EachCopyIsAnExchangeOfItsOwn) {
  Stage stage;
  stage.tell({.copies = 3});
  stage.tell({.copies = 2});
  stage.run();
  EXPECT_EQ(stage.ledger().eligible, 5u);
  EXPECT_EQ(stage.matched(), 5u);
  EXPECT_EQ(stage.candidate.seen.size(), 5u);
}

TEST(Healthy, AHeadRequestHasAnAnswerWithoutContent) {
  Stage stage;
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n"};
  };
  Told told{.method = "HEAD", .body = ""};
  told.fields.push_back({"Content-Length", "7"});
  stage.tell(told);
  stage.tell(told);
  stage.run();
  EXPECT_EQ(stage.matched(), 2u);
}

TEST(Healthy, InterimResponsesAreSkipped) {
  Stage stage;
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" +
                           response(200, "{\"a\":1}")};
  };
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
}

TEST(Healthy, ChunkedAndCloseDelimitedAnswersAreReadToTheirEnd) {
  Stage stage;
  stage.candidate.script = [&stage](const Seen&) {
    if (stage.candidate.seen.size() % 2 == 0) {
      return Reply{.octets = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":1}",
                   .then = Reply::Then::close};
    }
    return Reply{.octets =
                     "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n"};
  };
  for (int i = 0; i < 4; ++i) stage.tell({});
  stage.run();
  EXPECT_EQ(stage.matched(), 4u);
}

TEST(Healthy, TrailersAreCompared) {
  Stage stage;
  stage.candidate.script = [](const Seen&) {
    return Reply{.octets =
                     "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "1\r\na\r\n0\r\nX-Sum: 2\r\n\r\n"};
  };
  const Told told{.fields = {{"Content-Type", "text/plain"}}, .body = "a"};
  const std::uint64_t exchange = stage.tell_head(told);
  const http::Field type{"Content-Type", "text/plain", http::FieldId::other, false};
  const tap::ResponseHeadParts head{200, {&type, 1}};
  stage.tap().offer(exchange, head, net::Loop::clock_ns());
  stage.tell_piece(exchange, tap::FrameType::response_body, "a");
  const http::Field sum{"X-Sum", "1", http::FieldId::other, false};
  stage.tap().offer_trailers(exchange, {&sum, 1}, net::Loop::clock_ns());
  stage.tap().end(exchange, net::Loop::clock_ns());
  stage.run();
  EXPECT_EQ(stage.differed(), 1u);
}

TEST(Healthy, LargeAnswersAreComparedByDigests) {
  Stage stage;
  stage.settings.mirror.body = 64 * 1024;
  const std::string body(1'000'000, 'x');
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000000\r\n\r\n";
  stage.candidate.script = [head](const Seen& request) {
    Reply reply{.octets = head, .filler = 1'000'000};
    if (request.head.target == "/changed") {
      reply.octets += 'y';
      reply.filler -= 1;
    }
    return reply;
  };
  const Told told{.fields = {{"Content-Type", "text/plain"}, {"Content-Length", "1000000"}}, .body = body};
  stage.tell(told);
  stage.when([&stage] { return stage.matched() == 1; },
             [&stage, told] {
               Told changed = told;
               changed.target = "/changed";
               stage.tell(changed);
             });
  stage.run();
  EXPECT_EQ(stage.matched(), 1u);
  EXPECT_EQ(stage.differed(), 1u);
  EXPECT_EQ(stage.differences(DifferenceClass::body_changed), 1u);
}

TEST(Healthy, TheAccountsOfTheUpstreamAreKept) {
  Stage stage;
  for (int i = 0; i < 3; ++i) stage.tell({});
  stage.run();
  const control::Histogram& durations = stage.accounts().upstream_duration[static_cast<std::size_t>(Role::candidate)];
  std::uint64_t count = 0;
  for (const control::Counter& bucket : durations.buckets) count += control::get(bucket);
  EXPECT_EQ(count, 3u);
  EXPECT_GT(control::get(stage.accounts().resident_bytes), 0u);
  EXPECT_GT(control::get(stage.accounts().polls), 0u);
  EXPECT_EQ(control::get(stage.accounts().pid), static_cast<std::uint64_t>(::getpid()));
}

}  // namespace
}  // namespace understudy::shadow
