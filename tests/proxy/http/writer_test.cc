#include "proxy/http/writer.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/proxy/http/heads.h"

namespace understudy::http {
namespace {

const ForwardContext context("192.0.2.1", "https", "origin");
const std::string ours =
    "Via: 1.1 understudy\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: a\r\n";

std::string emitted(const std::string& octets, bool expect_continue = false) {
  OwningRequestHead head;
  EXPECT_EQ(read_request(octets, head), 0) << octets;
  ForwardedRequest request;
  request.assign(head, context);
  Buffer out;
  write_request_head(out, request, expect_continue);
  return std::string(out.view());
}

std::string response(const std::string& octets, const ResponseFraming& framing, std::string_view method = "GET") {
  OwningResponseHead head;
  EXPECT_EQ(read_response(octets, method, head), 0) << octets;
  Buffer out;
  write_response_head(out, head, framing);
  return std::string(out.view());
}

TEST(Writer, WritesItsOwnRequestLineHostAndFraming) {
  EXPECT_EQ(emitted("POST   /x?y  HTTP/1.1\r\nA: 1\r\nHost:  a\r\ncontent-length:005\r\n\r\n"),
            "POST /x?y HTTP/1.1\r\nHost: a\r\nA: 1\r\n" + ours + "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(emitted("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n"),
            "POST /x HTTP/1.1\r\nHost: a\r\n" + ours + "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(emitted(get_with("")), "GET / HTTP/1.1\r\nHost: a\r\n" + ours + "\r\n");
}

TEST(Writer, ConnectionCannotTouchHostOrFraming) {
  EXPECT_EQ(emitted(post_with("Connection: host, content-length, transfer-encoding\r\nContent-Length: 5\r\n")),
            "POST / HTTP/1.1\r\nHost: a\r\n" + ours + "Content-Length: 5\r\n\r\n");
}

TEST(Writer, ForwardsExpectAndTeOnlyWhereTheyMeanSomething) {
  EXPECT_EQ(emitted(post_with("Expect: 100-continue\r\nContent-Length: 5\r\n"), false),
            "POST / HTTP/1.1\r\nHost: a\r\n" + ours + "Content-Length: 5\r\n\r\n");
  EXPECT_EQ(emitted(post_with("Expect: 100-continue\r\nContent-Length: 5\r\n"), true),
            "POST / HTTP/1.1\r\nHost: a\r\n" + ours + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(emitted(get_with("TE: trailers, gzip\r\nConnection: TE\r\n")),
            "GET / HTTP/1.1\r\nHost: a\r\n" + ours + "Connection: TE\r\nTE: trailers\r\n\r\n");
}

TEST(Writer, AsksForAndAgreesToWebSocketInItsOwnWords) {
  EXPECT_EQ(emitted(get_with("Connection: x, UPGRADE, TE\r\nX: 1\r\nTE: trailers\r\nUpgrade: WebSocket\r\nA: 1\r\n")),
            "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\n" + ours + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  OwningResponseHead head;
  ASSERT_EQ(
      read_response(
          "HTTP/1.1 101 Go\r\nConnection: close, upgrade\r\nUpgrade: WEBSOCKET\r\nContent-Length: 5\r\nA: 1\r\n\r\n",
          "GET", head, true),
      0);
  Buffer out;
  write_switch_to_websocket(out, head);
  EXPECT_EQ(out.view(),
            "HTTP/1.1 101 Go\r\nA: 1\r\nVia: 1.1 understudy\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
}

TEST(Writer, AFieldWhoseValueIsOursIsWrittenWithThatValue) {
  const std::string options = "OPTIONS /y HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nMax-Forwards: 5\r\nX-Two: 2\r\n\r\n";
  EXPECT_EQ(emitted(options),
            "OPTIONS /y HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nMax-Forwards: 4\r\nX-Two: 2\r\n" + ours + "\r\n");
}

TEST(Writer, LinesThatAreNotAsWeWriteThemAreWrittenAnew) {
  const std::string fields = "A: 1\r\nB:2\r\nC:  3\r\nD:\t4\r\nE: 5 \r\nF:\r\nG: \r\nH: 8\r\nConnection: H\r\nI: 9\r\n";
  EXPECT_EQ(
      emitted(get_with(fields)),
      "GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: \r\nG: \r\nI: 9\r\n" + ours + "\r\n");
  EXPECT_EQ(response("HTTP/1.1 200 \r\n" + fields + "Content-Length: 0\r\n\r\n", {1, Framing::content_length, false}),
            "HTTP/1.1 200 \r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: \r\nG: \r\nI: 9\r\nVia: 1.1 understudy\r\n"
            "Content-Length: 0\r\n\r\n");
}

TEST(Writer, WhatItWritesReadsAsItWasMeant) {
  OwningRequestHead head;
  ASSERT_EQ(read_request(emitted("GET http://b:1/x HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"), head), 0);
  EXPECT_EQ(head.target, "/x");
  EXPECT_EQ(head.authority, "b:1");
}

TEST(Writer, WritesItsOwnStatusLineAndFraming) {
  EXPECT_EQ(
      response("HTTP/1.0 200 Fine\r\nContent-Length: 005\r\nServer: x\r\n\r\n", {.framing = Framing::content_length}),
      "HTTP/1.1 200 Fine\r\nServer: x\r\nVia: 1.0 understudy\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(response("HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\nConnection: X\r\nX: 1\r\n\r\n",
                     {.framing = Framing::chunked}),
            "HTTP/1.1 200 \r\nVia: 1.1 understudy\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\n\r\n", {.client_minor_version = 0, .framing = Framing::until_close}),
            "HTTP/1.1 200 OK\r\nVia: 1.1 understudy\r\nConnection: close\r\n\r\n");
}

TEST(Writer, SaysWhetherTheConnectionGoesOn) {
  const std::string octets = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  const std::string start = "HTTP/1.1 200 OK\r\nVia: 1.1 understudy\r\nContent-Length: 0\r\n";
  EXPECT_EQ(response(octets, {.framing = Framing::content_length}), start + "\r\n");
  EXPECT_EQ(response(octets, {.framing = Framing::content_length, .close = true}), start + "Connection: close\r\n\r\n");
  EXPECT_EQ(response(octets, {.client_minor_version = 0, .framing = Framing::content_length}),
            start + "Connection: keep-alive\r\n\r\n");
  EXPECT_EQ(response(octets, {.client_minor_version = 0, .framing = Framing::content_length, .close = true}),
            start + "Connection: close\r\n\r\n");
}

TEST(Writer, KeepsTheLengthThatHeadAndNotModifiedTellOf) {
  EXPECT_EQ(response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", {}, "HEAD"),
            "HTTP/1.1 200 OK\r\nVia: 1.1 understudy\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(response("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", {}),
            "HTTP/1.1 304 Not Modified\r\nVia: 1.1 understudy\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(response("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", {}),
            "HTTP/1.1 204 No Content\r\nVia: 1.1 understudy\r\n\r\n");
  EXPECT_EQ(response("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", {}),
            "HTTP/1.1 204 No Content\r\nVia: 1.1 understudy\r\n\r\n");
}

TEST(Writer, WritesInterimResponses) {
  OwningResponseHead head;
  const std::string octets = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
  ASSERT_EQ(read_response(octets, "GET", head), 0);
  Buffer out;
  write_interim_response(out, head);
  EXPECT_EQ(out.view(), "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nVia: 1.1 understudy\r\n\r\n");
  out.clear();
  write_continue(out);
  EXPECT_EQ(out.view(), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(Writer, EndsChunkedContentWithTrailers) {
  Buffer out;
  write_last_chunk(out, {});
  EXPECT_EQ(out.view(), "0\r\n\r\n");
  out.clear();
  const std::vector<Field> trailers = {{.name = "A", .value = "b"}, {.name = "C", .value = ""}};
  write_last_chunk(out, trailers);
  EXPECT_EQ(out.view(), "0\r\nA: b\r\nC: \r\n\r\n");
}

TEST(Writer, AnswersErrorsShortly) {
  Buffer out;
  write_error_response(out, 502, "primary refused", 1, false, false);
  EXPECT_EQ(out.view(),
            "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 33\r\n\r\n502 Bad "
            "Gateway: primary refused\n");
  for (const int status : {400, 408, 413, 417, 431, 501, 502, 503, 504, 505}) {
    for (const bool head_request : {false, true}) {
      out.clear();
      write_error_response(out, status, status == 503 ? "" : "why", 0, true, head_request);
      const std::string text(out.view());
      const std::size_t end = text.find("\r\n\r\n") + 4;
      OwningResponseHead head;
      ASSERT_EQ(read_response(text.substr(0, end), "GET", head), 0) << text;
      EXPECT_EQ(head.status, status);
      EXPECT_NE(head.reason, "");
      EXPECT_FALSE(head.keep_alive);
      EXPECT_EQ(text.size() - end, head_request ? 0u : static_cast<std::size_t>(head.content_length)) << text;
    }
  }
}

TEST(Writer, AnswersWithFieldsOfOurOwn) {
  Buffer out;
  const std::vector<Field> fields = {{.name = "Cache-Control", .value = "no-store"}};
  write_own_response_head(out, {.content_type = "application/json", .fields = fields, .content_length = 2});
  EXPECT_EQ(
      out.view(),
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: 2\r\n\r\n");
}

}  // namespace
}  // namespace understudy::http
