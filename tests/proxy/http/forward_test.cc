#include "proxy/http/forward.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/proxy/http/heads.h"

namespace understudy::http {
namespace {

const ForwardContext context("192.0.2.1", "http", "origin:9001");

std::string list(std::span<const Field> fields) {
  std::string text;
  for (const Field& field : fields) text.append(field.name).append(": ").append(field.value).append("\n");
  return text;
}

std::string forwarded(const std::string& octets) {
  OwningRequestHead head;
  EXPECT_EQ(read_request(octets, head), 0) << octets;
  ForwardedRequest request;
  request.assign(head, context);
  return list(request.fields());
}

TEST(Forward, PassesEndToEndFieldsInOrderAndAddsOurs) {
  EXPECT_EQ(forwarded(post_with("B: 1\r\nA: 2\r\nb: 3\r\nCookie: c\r\nContent-Length: 4\r\n")),
            "B: 1\nA: 2\nb: 3\nCookie: c\nVia: 1.1 understudy\nX-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: "
            "http\nX-Forwarded-Host: a\n");
}

TEST(Forward, KeepsBackWhatBelongsToTheConnection) {
  const std::string ours =
      "Via: 1.1 understudy\nX-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: http\nX-Forwarded-Host: a\n";
  EXPECT_EQ(forwarded(post_with(
                "Connection: keep-alive, Upgrade, HTTP2-Settings\r\nKeep-Alive: timeout=5\r\nProxy-Connection: "
                "close\r\nTE: gzip\r\n"
                "Transfer-Encoding: chunked\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\nExpect: 100-continue\r\n")),
            ours);
  EXPECT_EQ(forwarded(get_with("Upgrade: h2c\r\nHTTP2-Settings: x\r\n")), ours);
  EXPECT_EQ(forwarded(get_with("X-Hop: 1\r\nConnection: x-hop\r\nx-HOP: 2\r\n")), ours);
}

TEST(Forward, AppendsToTheListsOfEarlierProxies) {
  EXPECT_EQ(
      forwarded(get_with(
          "Via: 1.0 x\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 2.2.2.2, 3.3.3.3\r\n"
          "X-Forwarded-Host: b\r\n")),
      "Via: 1.0 x\nVia: 1.1 understudy\nX-Forwarded-For: 1.1.1.1, 2.2.2.2, 3.3.3.3, 192.0.2.1\nX-Forwarded-Proto: "
      "https, http\n"
      "X-Forwarded-Host: b, a\n");
}

TEST(Forward, ConnectionCannotTakeAwayWhatWeAdd) {
  EXPECT_EQ(forwarded(get_with(
                "Connection: x-forwarded-for, via, x-forwarded-host\r\nX-Forwarded-For: 1.1.1.1\r\nVia: 1.0 x\r\n")),
            "Via: 1.1 understudy\nX-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: http\nX-Forwarded-Host: a\n");
}

TEST(Forward, NamesThePrimaryWhereAnHttp10ClientNamesNoHost) {
  OwningRequestHead head;
  ASSERT_EQ(read_request("GET / HTTP/1.0\r\n\r\n", head), 0);
  ForwardedRequest request;
  request.assign(head, context);
  EXPECT_EQ(request.authority(), "origin:9001");
  EXPECT_EQ(list(request.fields()), "Via: 1.0 understudy\nX-Forwarded-For: 192.0.2.1\nX-Forwarded-Proto: http\n");
}

TEST(Forward, CountsMaxForwardsDown) {
  const std::string octets = "OPTIONS / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 10\r\nX-Forwarded-For: 1.1.1.1\r\n\r\n";
  EXPECT_EQ(forwarded(octets),
            "Max-Forwards: 9\nVia: 1.1 understudy\nX-Forwarded-For: 1.1.1.1, 192.0.2.1\nX-Forwarded-Proto: "
            "http\nX-Forwarded-Host: a\n");
  EXPECT_EQ(forwarded(get_with("Max-Forwards: 10\r\n")).substr(0, 17), "Max-Forwards: 10\n");
}

TEST(Forward, IsFilledAnewByTheNextRequest) {
  ForwardedRequest request;
  OwningRequestHead head;
  const std::string first = post_with("X-Forwarded-For: 1.1.1.1\r\nTE: trailers\r\nContent-Length: 3\r\n");
  ASSERT_EQ(read_request(first, head), 0);
  request.assign(head, context);
  EXPECT_TRUE(request.te_trailers());
  const std::string second = get_with("");
  ASSERT_EQ(read_request(second, head), 0);
  request.assign(head, context);
  EXPECT_FALSE(request.te_trailers());
  EXPECT_EQ(request.framing(), Framing::none);
  EXPECT_EQ(request.fields().size(), 4u);
}

TEST(Forward, ResponsesKeepContentLengthForTheComparison) {
  OwningResponseHead head;
  const std::string octets =
      "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nKeep-Alive: x\r\nConnection: X-Hop\r\nX-Hop: 1\r\nSet-Cookie: "
      "a\r\nSet-Cookie: b\r\n\r\n";
  ASSERT_EQ(read_response(octets, "GET", head), 0);
  std::vector<Field> fields;
  end_to_end_fields(head, fields);
  EXPECT_EQ(list(fields), "Content-Length: 3\nSet-Cookie: a\nSet-Cookie: b\n");
}

TEST(Forward, FramingFollowsTheClientsVersion) {
  OwningResponseHead head;
  head.framing = Framing::until_close;
  EXPECT_EQ(framing_for_client(head, 1), Framing::chunked);
  EXPECT_EQ(framing_for_client(head, 0), Framing::until_close);
  head.framing = Framing::chunked;
  EXPECT_EQ(framing_for_client(head, 1), Framing::chunked);
  EXPECT_EQ(framing_for_client(head, 0), Framing::until_close);
  head.framing = Framing::content_length;
  EXPECT_EQ(framing_for_client(head, 0), Framing::content_length);
  head.framing = Framing::none;
  EXPECT_EQ(framing_for_client(head, 1), Framing::none);
}

}  // namespace
}  // namespace understudy::http
