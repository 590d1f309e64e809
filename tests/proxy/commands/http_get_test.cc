#include "proxy/commands/http_get.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/config_address.h"
#include "tests/proxy/commands/scripted_server.h"

namespace understudy {
namespace {

using namespace std::chrono_literals;

HttpAnswer get(const std::string& octets, const std::string& token = {}) {
  ScriptedServer server({octets});
  return http_get(parse_url(server.url()).value, "/x", token, 10s);
}

TEST(HttpGet, ReadsACountedBody) {
  const HttpAnswer answer = get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "hello");
}

TEST(HttpGet, ReadsAChunkedBody) {
  const HttpAnswer answer =
      get("HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, "abcde");
}

TEST(HttpGet, ReadsABodyThatEndsWithTheConnection) {
  const HttpAnswer answer = get("HTTP/1.0 200 OK\r\n\r\nto the end");
  EXPECT_EQ(answer.error, "");
  EXPECT_EQ(answer.body, "to the end");
}

TEST(HttpGet, ReadsAnEmptyBody) {
  EXPECT_EQ(get("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").error, "");
  EXPECT_EQ(get("HTTP/1.1 204 No Content\r\n\r\n").status, 204);
}

TEST(HttpGet, WhatIsNotWholeIsAnErrorAndNeverAnAnswer) {
  EXPECT_EQ(get("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell").error, "the answer is cut short");
  EXPECT_EQ(get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n").error, "the answer is cut short");
  EXPECT_EQ(get("").error, "the connection was closed without an answer");
  EXPECT_EQ(get("HTTP/1.1 200 OK\r\n").error, "the connection was closed without an answer");
  EXPECT_NE(get("SSH-2.0-OpenSSH\r\n\r\n").error, "");
  EXPECT_NE(get("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").error, "");
}

TEST(HttpGet, AServerThatIsNotThereIsSaidToRefuse) {
  ScriptedServer server({"unused"});
  server.stop();
  const Url url = parse_url(server.url()).value;
  EXPECT_EQ(http_get(url, "/x", {}, 10s).error, "Connection refused");
}

// A listening socket that nobody accepts from: the kernel connects, and no answer ever comes.
TEST(HttpGet, ASilentServerIsGivenUpAtTheDeadline) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(listener, 1), 0);
  ASSERT_EQ(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const Url url = parse_url("http://127.0.0.1:" + std::to_string(ntohs(address.sin_port))).value;
  EXPECT_EQ(http_get(url, "/x", {}, 50ms).error, "Connection timed out");
  ::close(listener);
}

TEST(HttpGet, AsksForTheTargetWithHostAndToken) {
  ScriptedServer server({ok_answer("")});
  const Url url = parse_url(server.url()).value;
  EXPECT_EQ(http_get(url, "/a?b=c", "secret", 10s).status, 200);
  server.stop();
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.requests()[0], "GET /a?b=c HTTP/1.1\r\nHost: " + url.authority +
                                      "\r\nConnection: close\r\nAuthorization: Bearer secret\r\n\r\n");
}

TEST(HttpGet, WithoutATokenThereIsNoAuthorization) {
  ScriptedServer server({ok_answer("")});
  http_get(parse_url(server.url()).value, "/", {}, 10s);
  server.stop();
  EXPECT_EQ(server.requests().at(0).find("Authorization"), std::string::npos);
}

}  // namespace
}  // namespace understudy
