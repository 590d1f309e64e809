#include "proxy/admin/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "proxy/net/loop.h"
#include "tests/proxy/admin/blocking_client.h"

namespace understudy::admin {
namespace {

// Says what it was asked.
class Echo : public RequestHandler {
 public:
  net::Task<Response> handle(const Request& request) override {
    Response response;
    response.body = request.method + " " + request.target + " [" + request.authorization + "] " + request.body;
    co_return response;
  }
};

// A server on a thread of its own for the length of a test.
class RunningServer {
 public:
  explicit RunningServer(ServerLimits limits = {})
      : server_(std::make_unique<Server>(loop_, listener_.fd(), echo_, limits)) {
    server_->start();
    loop_.spawn(stop_when_told(loop_, *server_, told_));
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~RunningServer() { stop(); }
  void stop() {
    told_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::uint16_t port() const { return listener_.port(); }
  std::size_t connections_left() const { return server_->connections(); }

 private:
  static net::Task<void> stop_when_told(net::Loop& loop, Server& server, std::atomic<bool>& told) {
    while (!told) {
      co_await loop.sleep(net::Milliseconds{5});
    }
    server.stop();
  }

  ListeningSocket listener_;
  net::Loop loop_;
  Echo echo_;
  std::unique_ptr<Server> server_;
  std::atomic<bool> told_{false};
  std::thread thread_;
};

bool starts_with(const std::string& text, std::string_view start) {
  return text.starts_with(start);
}

TEST(Server, AnswersOneRequestAfterTheOther) {
  RunningServer server;
  BlockingClient client(server.port());
  for (int i = 0; i < 3; ++i) {
    const std::string response = client.request("GET /a?b HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n");
    EXPECT_TRUE(starts_with(response, "HTTP/1.1 200 OK\r\n")) << response;
    EXPECT_TRUE(response.ends_with("\r\n\r\nGET /a?b [Bearer t] ")) << response;
    EXPECT_NE(response.find("Cache-Control: no-store\r\n"), std::string::npos);
  }
}

TEST(Server, TakesRequestsCutAnywhereAndSeveralAtOnce) {
  RunningServer server;
  const std::string request =
      "PUT /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  BlockingClient client(server.port());
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    client.send(request.substr(0, cut));
    client.send(request.substr(cut));
    EXPECT_TRUE(client.response().ends_with("PUT /x [] abcde")) << cut;
  }
  std::string many;
  for (int i = 0; i < 20; ++i) many += request;
  client.send(many);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(client.response().ends_with("PUT /x [] abcde"));
}

TEST(Server, AHeadHasTheLengthAndNoContent) {
  RunningServer server;
  BlockingClient client(server.port());
  const std::string response = client.request("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n", true);
  EXPECT_NE(response.find("Content-Length: 11\r\n"), std::string::npos) << response;
  EXPECT_TRUE(starts_with(client.request("GET /b HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200"));
}

TEST(Server, ClosesWhereAskedTo) {
  RunningServer server;
  for (const char* request : {"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "GET /a HTTP/1.0\r\n\r\n"}) {
    BlockingClient client(server.port());
    client.send(request);
    const std::string response = client.rest();
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
    EXPECT_TRUE(response.ends_with("GET /a [] "));
  }
}

TEST(Server, SaysContinueBeforeABodyThatWaitsForIt) {
  RunningServer server;
  BlockingClient client(server.port());
  EXPECT_TRUE(
      starts_with(client.request("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"),
                  "HTTP/1.1 100"));
  EXPECT_TRUE(client.request("ok").ends_with("PUT /a [] ok"));
}

TEST(Server, RefusesWhatIsTooLargeOrIllFormedAndCloses) {
  RunningServer server;
  const std::string host = "Host: x\r\n";
  const std::pair<std::string, const char*> cases[] = {
      {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 431 "},
      {"GET / HTTP/1.1\r\n" + host + "X: " + std::string(20'000, 'a') + "\r\n\r\n", "HTTP/1.1 431 "},
      {"PUT / HTTP/1.1\r\n" + host + "Content-Length: 65537\r\n\r\n", "HTTP/1.1 413 "},
      {"PUT / HTTP/1.1\r\n" + host + "Content-Length: 9999999999\r\n\r\n" + std::string(300'000, 'a'), "HTTP/1.1 413 "},
      {"PUT / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n10001\r\n" + std::string(0x10001, 'a'),
       "HTTP/1.1 413 "},
      {"PUT / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 "},
      {"nonsense\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/2.0\r\n" + host + "\r\n", "HTTP/1.1 505 "},
      {std::string("\0\1\2\3\r\n\r\n", 8), "HTTP/1.1 400 "},
      {"GET / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "HTTP/1.1 400 "},
  };
  for (const auto& [request, status] : cases) {
    BlockingClient client(server.port());
    client.send(request);
    client.end();
    const std::string response = client.rest();
    EXPECT_TRUE(starts_with(response, status)) << request.substr(0, 80) << "\n" << response;
    EXPECT_NE(response.find("application/problem+json"), std::string::npos) << response;
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
  }
}

TEST(Server, ARequestThatDoesNotComeIs408AndASilentConnectionIsClosed) {
  ServerLimits limits;
  limits.request = net::Milliseconds{200};
  limits.idle = net::Milliseconds{200};
  RunningServer server(limits);
  BlockingClient slow_head(server.port()), slow_body(server.port()), silent(server.port());
  slow_head.send("GET / HT");
  slow_body.send("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_TRUE(starts_with(slow_head.rest(), "HTTP/1.1 408 "));
  EXPECT_TRUE(starts_with(slow_body.rest(), "HTTP/1.1 408 "));
  EXPECT_EQ(silent.rest(), "");
}

TEST(Server, OneConnectionTooManyTakesThePlaceOfTheLongestIdle) {
  ServerLimits limits;
  limits.connections = 3;
  RunningServer server(limits);
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<BlockingClient>(server.port()));
    EXPECT_TRUE(starts_with(clients.back()->request("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200")) << i;
  }
  EXPECT_EQ(clients[0]->rest(), "");
  EXPECT_TRUE(starts_with(clients[7]->request("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200"));
}

TEST(Server, StoppingEndsIdleConnectionsAndFinishesTheOthers) {
  RunningServer server;
  BlockingClient idle(server.port()), half(server.port());
  EXPECT_TRUE(starts_with(idle.request("GET /a HTTP/1.1\r\nHost: x\r\n\r\n"), "HTTP/1.1 200"));
  EXPECT_TRUE(starts_with(
      half.request("PUT /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"), "HTTP/1.1 100"));
  std::thread stopping([&] { server.stop(); });
  EXPECT_EQ(idle.rest(), "");  // the server has begun to stop
  half.send("ok");
  const std::string response = half.rest();
  EXPECT_TRUE(response.ends_with("PUT /a [] ok")) << response;
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
  stopping.join();
  EXPECT_EQ(server.connections_left(), 0u);
}

TEST(Server, ClientsThatGoAwayLeaveNothingBehind) {
  RunningServer server;
  const std::string request = "PUT /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde";
  for (std::size_t cut = 0; cut <= request.size(); ++cut) {
    BlockingClient client(server.port());
    client.send(request.substr(0, cut));
  }
  server.stop();
  EXPECT_EQ(server.connections_left(), 0u);
}

}  // namespace
}  // namespace understudy::admin
