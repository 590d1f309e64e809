// WebSocket: what may pass before the primary agrees, what passes afterwards, and how a tunnel ends.
#include <latch>

#include "tests/proxy/user/plane_fixture.h"

namespace understudy::test {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
const std::string ask_for_websocket =
    "GET /chat HTTP/1.1\r\nHost: shop.example\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
const std::string agreed =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

class TunnelTest : public UserPlane {
 protected:
  // A tunnel, client's end; the origin plays `script` once it has agreed.
  Socket open(Origin::Script script) {
    origin.play([script](Socket& socket, int connection) {
      socket.read_until(end_of_head);
      socket.send(agreed);
      script(socket, connection);
    });
    start();
    Socket user = client();
    user.send(ask_for_websocket);
    EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 101 "));
    return user;
  }
  std::uint64_t tunnels_opened() const {
    return sum([](const auto& accounts) { return control::get(accounts.tunnels_opened); });
  }
};

TEST_F(TunnelTest, carries_octets_both_ways_and_is_not_mirrored) {
  std::string seen;
  origin.play([&](Socket& socket, int) {
    seen = socket.read_until(end_of_head);
    socket.send(agreed + "first");
    for (std::string octet = socket.read_exactly(1); !octet.empty(); octet = socket.read_exactly(1))
      socket.send(octet + octet);
  });
  start();
  Socket user = client();
  user.send(ask_for_websocket);
  const std::string head = user.read_until(end_of_head);
  EXPECT_TRUE(contains(seen, "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")) << seen;
  EXPECT_TRUE(contains(seen, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")) << seen;
  EXPECT_TRUE(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << head;
  EXPECT_TRUE(contains(head, "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n")) << head;
  EXPECT_TRUE(contains(head, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")) << head;
  EXPECT_EQ(user.read_exactly(5), "first");
  user.send(std::string("\x00\x81zz\r\n", 6));
  EXPECT_EQ(user.read_exactly(12), std::string("\x00\x00\x81\x81zzzz\r\r\n\n", 12));
  EXPECT_EQ(tunnels_opened(), 1u);
  user.shutdown_write();
  EXPECT_EQ(user.read_all(), "");
  drain();
  wait_for_end();
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.exchanges); }), 0u);
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.requests[1]); }), 1u);
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.tunnels_closed); }), 1u);
}

TEST_F(TunnelTest, either_side_may_end_first) {
  Socket user = open([](Socket& socket, int) {
    const std::string all = socket.read_all();
    socket.send("you said " + all);
  });
  user.send("hello");
  user.shutdown_write();
  bool reset = true;
  EXPECT_EQ(user.read_all(&reset), "you said hello");
  EXPECT_FALSE(reset);
}

TEST_F(TunnelTest, a_side_that_breaks_off_breaks_off_the_other) {
  Socket user = open([](Socket& socket, int) {
    socket.read_exactly(1);
    socket.reset();
  });
  user.send("x");
  bool reset = false;
  user.read_all(&reset);
  EXPECT_TRUE(reset);
}

TEST_F(TunnelTest, silence_of_both_sides_ends_it) {
  settings.server.tunnel_timeout = Milliseconds(300);
  Socket user = open([](Socket& socket, int) { socket.read_all(); });
  bool reset = false;
  user.read_all(&reset);
  EXPECT_TRUE(reset);
}

TEST_F(TunnelTest, has_less_patience_where_one_side_has_ended) {
  settings.server.body_timeout = Milliseconds(300);
  Socket user = open([](Socket& socket, int) {
    socket.shutdown_write();
    socket.read_all();
  });
  bool reset = false;
  EXPECT_EQ(user.read_all(&reset), "");
  EXPECT_FALSE(reset);  // the primary's end
  for (int i = 0; i < 1000 && sum([](const auto& accounts) { return control::get(accounts.tunnels_closed); }) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.tunnels_closed); }), 1u);
}

TEST_F(TunnelTest, idle_ones_take_neither_connections_to_the_primary_nor_memory_from_requests) {
  settings.primary.connections = 4;
  settings.server.max_memory = 1 << 20;
  origin.play([](Socket& socket, int) {
    const std::string head = socket.read_until(end_of_head);
    socket.send(contains(head, "Upgrade") ? agreed
                                          : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    if (contains(head, "Upgrade")) socket.read_all();
  });
  start();
  std::vector<Socket> tunnels;
  for (int i = 0; i < 60; ++i) {
    tunnels.push_back(client());
    tunnels.back().send(ask_for_websocket);
    EXPECT_TRUE(tunnels.back().read_until(end_of_head).starts_with("HTTP/1.1 101 ")) << i;
  }
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").ends_with("ok"));
}

TEST_F(TunnelTest, ends_with_a_drain_and_is_counted) {
  settings.server.drain = Milliseconds(200);
  Socket user = open([](Socket& socket, int) { socket.read_all(); });
  drain();
  bool reset = false;
  user.read_all(&reset);
  EXPECT_TRUE(reset);
  wait_for_end();
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.tunnels_closed); }), 1u);
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.connections_closed); }), 1u);
}

TEST_F(TunnelTest, what_comes_behind_the_request_waits_for_the_primary_to_agree) {
  std::string before, after;
  std::latch hinted(1);
  origin.play([&](Socket& socket, int) {
    before = socket.read_until(end_of_head);
    // Whoever lets the early octets through sends them at once with the head, or while this is on its way.
    socket.send("HTTP/1.1 103 Early Hints\r\n\r\n");
    hinted.wait();
    before += socket.read_at_once();
    socket.send(agreed);
    after = socket.read_exactly(5);
    socket.send("done");
  });
  start();
  Socket user = client();
  user.send(ask_for_websocket + "early");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 103 "));
  hinted.count_down();
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 101 "));
  EXPECT_EQ(user.read_all(), "done");
  EXPECT_TRUE(before.ends_with(end_of_head)) << before;
  EXPECT_EQ(after, "early");
}

TEST_F(TunnelTest, stays_http_where_the_primary_does_not_agree) {
  std::vector<std::string> heads;
  origin.play([&](Socket& socket, int) {
    for (std::string head = socket.read_until(end_of_head); !head.empty(); head = socket.read_until(end_of_head)) {
      heads.push_back(head);
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  start();
  Socket user = client();
  user.send(ask_for_websocket + "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string all = user.read_all();
  EXPECT_TRUE(contains(all, "\r\n\r\nokHTTP/1.1 200 ") && all.ends_with("\r\n\r\nok")) << all;
  ASSERT_EQ(heads.size(), 2u);
  EXPECT_TRUE(heads[1].starts_with("GET /next ")) << heads[1];
  EXPECT_EQ(tunnels_opened(), 0u);
}

TEST_F(TunnelTest, a_switch_to_another_protocol_is_refused) {
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nraw");
    socket.read_all();
  });
  start();
  Socket user = client();
  user.send(ask_for_websocket);
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 502 "));
  EXPECT_EQ(tunnels_opened(), 0u);
}

}  // namespace
}  // namespace understudy::test
