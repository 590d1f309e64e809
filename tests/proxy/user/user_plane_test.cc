// The user's path between real sockets: what the user gets, what the primary gets, what the tap is offered.
#include <algorithm>

#include "tests/proxy/user/plane_fixture.h"

namespace understudy::test {
namespace {

using tap::FrameType;

constexpr std::string_view end_of_head = "\r\n\r\n";
const std::string ok_response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: shop.example\r\n" + more + "\r\n";
}

// Answers every request without content the same way, as long as the connection lasts.
Origin::Script always(std::string response) {
  return [response](Socket& socket, int) {
    while (!socket.read_until(end_of_head).empty()) socket.send(response);
  };
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string payload_of(const std::vector<TapFrame>& frames, FrameType type) {
  std::string all;
  for (const TapFrame& frame : frames) {
    if (frame.type == type) all += frame.payload;
  }
  return all;
}

class UserPlaneTest : public UserPlane {
 protected:
  // Connections with heads that are not whole yet.
  void hold(std::vector<Socket>& held, int count) {
    for (int i = 0; i < count; ++i) {
      held.push_back(client());
      held.back().send("GET / HTTP/1.1\r\n");
    }
  }
};

TEST_F(UserPlaneTest, forwards_a_request_and_its_response) {
  std::string seen;
  origin.play([&](Socket& socket, int) {
    seen = socket.read_until(end_of_head);
    socket.send(
        "HTTP/1.1 201 Created\r\nX-Shop: a\r\nX-Shop: b\r\nConnection: x-secret\r\nX-Secret: 1\r\nContent-Length: "
        "5\r\n\r\nhello");
    socket.read_until(end_of_head);
  });
  start();
  Socket user = client();
  user.send(get("/orders/7?x=1", "X-Custom: yes\r\nConnection: keep-alive, x-drop\r\nX-Drop: 1\r\n"));
  const std::string head = user.read_until(end_of_head);
  EXPECT_EQ(user.read_exactly(5), "hello");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 201 Created\r\n")) << head;
  EXPECT_TRUE(contains(head, "X-Shop: a\r\n") && contains(head, "X-Shop: b\r\n")) << head;
  EXPECT_FALSE(contains(head, "X-Secret")) << head;
  EXPECT_TRUE(seen.starts_with("GET /orders/7?x=1 HTTP/1.1\r\nHost: shop.example\r\n")) << seen;
  EXPECT_TRUE(contains(seen, "X-Custom: yes\r\n") && contains(seen, "Via: 1.1 understudy\r\n") &&
              contains(seen, "X-Forwarded-For: 127.0.0.1\r\n"))
      << seen;
  EXPECT_FALSE(contains(seen, "X-Drop")) << seen;

  const std::vector<TapFrame> frames = read_exchange();
  tap::DecodedRequestHead request;
  ASSERT_TRUE(tap::decode(std::as_bytes(std::span(frames.at(0).payload)), request));
  EXPECT_EQ(request.message.target, "/orders/7?x=1");
  EXPECT_EQ(request.message.authority, "shop.example");
  EXPECT_EQ(payload_of(frames, FrameType::response_body), "hello");
  EXPECT_EQ(frames.back().type, FrameType::end);
}

TEST_F(UserPlaneTest, keeps_both_connections_and_answers_pipelined_requests_in_order) {
  origin.play([](Socket& socket, int) {
    for (std::string head = socket.read_until(end_of_head); !head.empty(); head = socket.read_until(end_of_head)) {
      const std::string target = head.substr(4, head.find(' ', 4) - 4);
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(target.size()) + "\r\n\r\n" + target);
    }
  });
  start();
  Socket user = client();
  user.send(get("/1") + get("/22") + get("/333"));
  for (const std::string expected : {"/1", "/22", "/333"}) {
    user.read_until(end_of_head);
    EXPECT_EQ(user.read_exactly(expected.size()), expected);
  }
  EXPECT_EQ(origin.connections(), 1);
}

TEST_F(UserPlaneTest, streams_chunked_content_both_ways_and_offers_it_without_chunk_lines) {
  std::string got;
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    got = socket.read_until("0\r\n\r\n");
    socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    socket.send("4;ext=1\r\ndefg\r\n0\r\nX-Sum: 7\r\n\r\n");
    socket.read_until(end_of_head);
  });
  settings.mirror.methods = {"*"};
  start();
  Socket user = client();
  user.send("POST /in HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  user.send("6;x=y\r\n world\r\n0\r\n\r\n");
  const std::string head = user.read_until(end_of_head);
  EXPECT_TRUE(contains(head, "Transfer-Encoding: chunked\r\n")) << head;
  const std::string body = user.read_until("\r\n\r\n");
  EXPECT_TRUE(contains(body, "X-Sum: 7\r\n")) << body;
  EXPECT_FALSE(contains(body, "ext")) << body;
  EXPECT_FALSE(contains(got, "x=y")) << got;
  const std::vector<TapFrame> frames = read_exchange();
  EXPECT_EQ(payload_of(frames, FrameType::request_body), "hello world");
  EXPECT_EQ(payload_of(frames, FrameType::response_body), "abcdefg");
  EXPECT_EQ(
      std::count_if(frames.begin(), frames.end(), [](const TapFrame& f) { return f.type == FrameType::trailers; }), 1);
}

TEST_F(UserPlaneTest, carries_large_content_both_ways_at_the_same_time) {
  origin.play([](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n");
    for (int i = 0; i < 80; ++i) socket.send(socket.read_exactly(100'000));
    socket.read_until(end_of_head);
  });
  start();
  Socket user = client();
  std::string sent(8'000'000, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 7 + i / 251);
  std::thread sender([&] {
    user.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 8000000\r\n\r\n");
    user.send(sent);
  });
  user.read_until(end_of_head);
  EXPECT_TRUE(user.read_exactly(sent.size()) == sent);
  sender.join();
}

TEST_F(UserPlaneTest, gives_no_content_with_head_204_and_304) {
  origin.play([](Socket& socket, int) {
    for (std::string head = socket.read_until(end_of_head); !head.empty(); head = socket.read_until(end_of_head)) {
      if (head.starts_with("HEAD")) socket.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
      if (contains(head, "/204")) socket.send("HTTP/1.1 204 No Content\r\n\r\n");
      if (contains(head, "/304")) socket.send("HTTP/1.1 304 Not Modified\r\nContent-Length: 100\r\n\r\n");
    }
  });
  start();
  Socket user = client();
  user.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/204") + get("/304"));
  const std::string head = user.read_until(end_of_head);
  EXPECT_TRUE(contains(head, "Content-Length: 100\r\n")) << head;
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 204"));
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 304"));
}

TEST_F(UserPlaneTest, waits_for_the_primary_to_say_continue) {
  origin.play([](Socket& socket, int) {
    const std::string head = socket.read_until(end_of_head);
    EXPECT_TRUE(contains(head, "Expect: 100-continue\r\n")) << head;
    socket.send("HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(socket.read_exactly(4), "data");
    socket.send(ok_response);
    socket.read_until(end_of_head);
  });
  start();
  Socket user = client();
  user.send("PUT /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 100"));
  user.send("data");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
}

TEST_F(UserPlaneTest, ends_the_connection_of_an_http_1_0_client_and_sends_it_no_chunks) {
  origin.play(always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n"));
  start();
  const std::string response = ask("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(response.ends_with("\r\n\r\nok")) << response;
  EXPECT_FALSE(contains(response, "Transfer-Encoding")) << response;
}

TEST_F(UserPlaneTest, reads_a_response_that_ends_with_the_connection) {
  origin.play([](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\n\r\nall of it");
  });
  start();
  Socket user = client();
  user.send(get("/"));
  EXPECT_TRUE(contains(user.read_until(end_of_head), "Transfer-Encoding: chunked"));
  EXPECT_EQ(user.read_until("0\r\n\r\n"), "9\r\nall of it\r\n0\r\n\r\n");
  EXPECT_EQ(read_exchange().back().type, FrameType::end);
}

TEST_F(UserPlaneTest, shows_a_cut_response_as_cut) {
  origin.play([](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  start();
  Socket user = client();
  user.send(get("/"));
  EXPECT_FALSE(user.read_until(end_of_head).empty());
  EXPECT_EQ(user.read_all(), "half");
  const TapFrame last = read_exchange().back();
  tap::EndPayload end{};
  ASSERT_TRUE(tap::decode(std::as_bytes(std::span(last.payload)), end));
  EXPECT_EQ(end.primary_failed, 1);
  EXPECT_EQ(end.reason, control::FailReason::truncated);
}

TEST_F(UserPlaneTest, does_not_end_a_cut_chunked_response_as_if_it_were_whole) {
  origin.play([](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    socket.reset();
  });
  start();
  const std::string response = ask(get("/"));
  EXPECT_FALSE(contains(response, "0\r\n\r\n")) << response;
}

TEST_F(UserPlaneTest, resets_a_cut_response_whose_end_would_be_the_end_of_the_connection) {
  origin.play([](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    socket.reset();
  });
  start();
  Socket user = client();
  user.send("GET / HTTP/1.0\r\nHost: a\r\n\r\n");
  bool reset = false;
  user.read_all(&reset);
  EXPECT_TRUE(reset);
}

TEST_F(UserPlaneTest, takes_nothing_back_of_the_responses_before_a_cut_one) {
  const std::string large(3'000'000, 'x');
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n" + large);
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok");
  });
  start();
  Socket user = client();
  user.send(get("/whole") + get("/cut"));
  const auto answered = [&] { return sum([](const auto& accounts) { return control::get(accounts.requests[2]); }); };
  // Half of the first, and only once the second one has been cut the rest.
  std::string all = user.read_exactly(large.size() / 2);
  for (int i = 0; i < 1000 && answered() < 2; ++i) {
    all += user.read_exactly(1000);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(answered(), 2u);
  all += user.read_all();
  EXPECT_TRUE(all.ends_with("Content-Length: 10\r\n\r\nok")) << all.size();
  EXPECT_EQ(std::ranges::count(all, 'x'), static_cast<std::ptrdiff_t>(large.size()));
}

TEST_F(UserPlaneTest, answers_502_where_the_primary_talks_nonsense_and_goes_on) {
  origin.play([](Socket& socket, int connection) {
    socket.read_until(end_of_head);
    socket.send(connection == 0 ? "SSH-2.0-OpenSSH\r\n\r\n" : ok_response);
    socket.read_until(end_of_head);
  });
  start();
  Socket user = client();
  user.send(get("/"));
  const std::string head = user.read_until(end_of_head);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 502")) << head;
  user.read_until("\n");
  user.send(get("/"));
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
}

TEST_F(UserPlaneTest, answers_502_where_nobody_listens_and_counts_it_as_eligible) {
  origin.stop_listening();
  start();
  EXPECT_TRUE(ask(get("/", "Connection: close\r\n")).starts_with("HTTP/1.1 502"));
  const std::vector<TapFrame> frames = read_exchange();
  EXPECT_EQ(frames.front().type, FrameType::request_head);
  EXPECT_EQ(frames.back().type, FrameType::end);
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.exchanges); }), 1u);
}

TEST_F(UserPlaneTest, takes_no_content_for_a_request_where_the_primary_could_not_be_reached) {
  origin.stop_listening();
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nfirst");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 502"));
  user.send(get("/smuggled"));
  EXPECT_FALSE(contains(user.read_all(), "HTTP/1.1"));
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.requests[5]); }), 1u);
}

TEST_F(UserPlaneTest, answers_504_where_the_primary_stays_silent) {
  settings.primary.response_timeout = Milliseconds{200};
  origin.play([](Socket& socket, int) { socket.read_all(); });
  start();
  EXPECT_TRUE(ask(get("/", "Connection: close\r\n")).starts_with("HTTP/1.1 504"));
}

TEST_F(UserPlaneTest, answers_503_where_all_connections_are_in_use) {
  settings.primary.connections = 1;
  std::atomic<bool> answer{false};
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    while (!answer) std::this_thread::yield();
    socket.send(ok_response);
  });
  start();
  Socket first = client();
  first.send(get("/slow"));
  while (origin.connections() == 0) std::this_thread::yield();
  EXPECT_TRUE(ask(get("/", "Connection: close\r\n")).starts_with("HTTP/1.1 503"));
  answer = true;
  EXPECT_TRUE(first.read_until(end_of_head).starts_with("HTTP/1.1 200"));
}

TEST_F(UserPlaneTest, answers_408_to_a_head_that_drips_in_and_nothing_to_silence) {
  settings.server.header_timeout = Milliseconds{200};
  origin.play(always(ok_response));
  start();
  Socket slow = client();
  slow.send("GET / HT");
  EXPECT_TRUE(slow.read_all().starts_with("HTTP/1.1 408"));
}

TEST_F(UserPlaneTest, answers_408_to_content_that_drips_in_and_bears_with_slow_content_at_first) {
  settings.server.body_timeout = Milliseconds(5'000);
  settings.server.min_body_rate = 1'000;
  origin.play([](Socket& socket, int) { socket.read_all(); });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx");
  // An octet every now and then is no pause that is too long, and much too slow in all.
  std::atomic<bool> answered = false;
  std::thread dripping([&] {
    for (int i = 0; i < 200 && !answered; ++i) {
      user.send("x");
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  });
  const auto began = std::chrono::steady_clock::now();
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 408 "));
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(4'900));
  answered = true;
  dripping.join();
}

TEST_F(UserPlaneTest, gives_up_copies_and_then_lets_users_wait_where_memory_is_short) {
  settings.server.max_memory = 1 << 20;
  origin.play(always(ok_response));
  start();
  // Each holds 16 KiB, with what a head that is not whole yet has brought: 56 of them are seven eighths of it.
  std::vector<Socket> held;
  hold(held, 55);
  const auto dropped = [&] {
    return sum([](const auto& accounts) {
      return control::get(accounts.refused[static_cast<std::size_t>(control::DropReason::memory)]);
    });
  };
  for (int i = 0; i < 20'000 && dropped() == 0; ++i)
    EXPECT_TRUE(ask(get("/", "Connection: close\r\n")).ends_with("ok"));
  EXPECT_GT(dropped(), 0u);
  // And with more, nobody new is let in until some of them leave.
  hold(held, 120);
  Socket late = client();
  late.send(get("/", "Connection: close\r\n"));
  const auto open = [&] {
    return sum([](const auto& accounts) {
      return control::get(accounts.connections_opened) - control::get(accounts.connections_closed);
    });
  };
  std::uint64_t most = 0;
  for (int i = 0; i < 50; ++i) {
    most = std::max(most, open());
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LT(most, 80u);
  held.clear();
  EXPECT_TRUE(late.read_all().ends_with("ok"));
}

TEST_F(UserPlaneTest, lets_users_in_again_when_those_who_held_its_memory_are_gone) {
  settings.server.max_memory = 2 << 20;
  origin.play(always(ok_response));
  start();
  std::vector<Socket> held;
  hold(held, 110);
  held.clear();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ask(get("/", "Connection: close\r\n")).ends_with("ok"));
}

TEST_F(UserPlaneTest, keeps_buffers_small_for_slow_readers_where_memory_is_short) {
  settings.server.max_memory = 8 << 20;
  const std::string large(8'000'000, 'x');
  origin.play([&](Socket& socket, int) {
    for (std::string head = socket.read_until(end_of_head); !head.empty(); head = socket.read_until(end_of_head)) {
      if (head.starts_with("GET /large ")) {
        socket.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n" + large);
      } else {
        socket.send(ok_response);
      }
    }
  });
  start();
  // With 256 KiB for each these would take 15 MiB, and nobody else would be let in.
  std::vector<Socket> slow;
  for (int i = 0; i < 60; ++i) {
    slow.push_back(client());
    slow.back().send(get("/large"));
    EXPECT_TRUE(slow.back().read_until(end_of_head).starts_with("HTTP/1.1 200 "));
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ask(get("/", "Connection: close\r\n")).ends_with("ok"));
}

TEST_F(UserPlaneTest, closes_what_one_address_opens_beyond_its_limit) {
  settings.server.max_connections_per_address = 2;
  origin.play(always(ok_response));
  start();
  Socket first = client(), second = client();
  for (Socket* socket : {&first, &second}) {
    socket->send(get("/"));
    EXPECT_TRUE(socket->read_until("ok").ends_with("ok"));
  }
  EXPECT_EQ(ask(get("/")), "");
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.connections_refused); }), 1u);
  first.close();
  std::string answer;
  for (int i = 0; i < 2000 && answer.empty(); ++i) answer = ask(get("/", "Connection: close\r\n"));
  EXPECT_TRUE(answer.ends_with("ok")) << answer;
}

TEST_F(UserPlaneTest, refuses_ambiguous_and_oversized_requests_before_the_primary_hears_of_them) {
  settings.server.max_header = 4096;
  origin.play(always(ok_response));
  start();
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")
                  .starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400"));
  EXPECT_TRUE(
      ask("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(5000, 'x') + "\r\n\r\n").starts_with("HTTP/1.1 431"));
  EXPECT_TRUE(ask("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n").starts_with("HTTP/1.1 501"));
  EXPECT_EQ(origin.connections(), 0);
}

TEST_F(UserPlaneTest, refuses_a_head_request_without_content) {
  settings.server.header_timeout = Milliseconds(200);
  origin.play(always(ok_response));
  start();
  for (const std::string request :
       {"HEAD / HTTP/1.1\r\nHost: a b\r\n\r\n", "\r\nHEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "HEAD / HTTP/1.1\r\nHost: a\r\n x\r\n\r\n", "HEAD / HTTP/1.1\r\nHo"}) {
    const std::string response = ask(request);
    EXPECT_TRUE(response.starts_with("HTTP/1.1 40") && response.ends_with(end_of_head)) << response;
  }
}

TEST_F(UserPlaneTest, repeats_a_safe_request_once_where_a_kept_connection_was_closed_under_it) {
  origin.play([](Socket& socket, int connection) {
    socket.read_until(end_of_head);
    socket.send(ok_response);
    // The second request on the first connection is read and not answered: nothing tells the proxy before it sends.
    if (!socket.read_until(end_of_head).empty() && connection > 0) socket.send(ok_response);
  });
  start();
  Socket user = client();
  user.send(get("/1"));
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
  user.read_exactly(2);
  user.send(get("/2"));
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
  EXPECT_EQ(origin.connections(), 2);
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.primary_repeated); }), 1u);
  for (const int aborted : {0, 1}) {
    tap::EndPayload end{};
    ASSERT_TRUE(tap::decode(std::as_bytes(std::span(read_exchange().back().payload)), end));
    EXPECT_EQ(end.primary_aborted, aborted) << "the connection was idle for less than a second";
  }
}

TEST_F(UserPlaneTest, never_repeats_a_post) {
  std::atomic<int> posts{0};
  origin.play([&](Socket& socket, int connection) {
    for (std::string head = socket.read_until(end_of_head); !head.empty(); head = socket.read_until(end_of_head)) {
      posts += head.starts_with("POST");
      if (head.starts_with("POST") && connection == 0) return;
      socket.send(ok_response);
    }
  });
  start();
  Socket user = client();
  user.send(get("/"));
  user.read_until(end_of_head);
  user.read_exactly(2);
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 502"));
  EXPECT_EQ(posts, 1);
}

TEST_F(UserPlaneTest, passes_an_early_response_on_and_takes_no_content_for_a_request) {
  origin.play([](Socket& socket, int) {
    if (socket.read_until(end_of_head).empty()) return;
    socket.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n");
    socket.read_all();
  });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n");
  const std::string head = user.read_until(end_of_head);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 413")) << head;
  EXPECT_TRUE(contains(head, "Connection: close\r\n")) << head;
  user.send(get("/smuggled"));
  EXPECT_EQ(user.read_all(), "");
}

TEST_F(UserPlaneTest, gives_the_primary_no_whole_request_where_the_user_goes_away_in_the_middle) {
  std::atomic<bool> whole{true};
  std::atomic<bool> ended{false};
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    whole = socket.read_exactly(100'000).size() == 100'000;
    ended = true;
  });
  settings.mirror.methods = {"*"};
  start();
  {
    Socket user = client();
    user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nonly this");
  }
  const TapFrame last = read_exchange().back();
  EXPECT_EQ(last.type, FrameType::abandon);
  tap::AbandonPayload abandon{};
  ASSERT_TRUE(tap::decode(std::as_bytes(std::span(last.payload)), abandon));
  EXPECT_EQ(abandon.reason, control::DropReason::client_aborted);
  while (!ended) std::this_thread::yield();
  EXPECT_FALSE(whole);
}

TEST_F(UserPlaneTest, serves_users_the_same_where_the_tap_is_full) {
  ring_octets = 256 << 10;
  const std::string content(1'000'000, 'x');
  origin.play(always("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + content));
  start();
  Socket user = client();
  for (int i = 0; i < 3; ++i) {
    user.send(get("/"));
    user.read_until(end_of_head);
    EXPECT_TRUE(user.read_exactly(content.size()) == content);
  }
  const TapFrame last = read_exchange().back();
  tap::AbandonPayload abandon{};
  ASSERT_EQ(last.type, FrameType::abandon);
  ASSERT_TRUE(tap::decode(std::as_bytes(std::span(last.payload)), abandon));
  EXPECT_EQ(abandon.reason, control::DropReason::tap_full);
}

TEST_F(UserPlaneTest, serves_users_the_same_where_the_reader_s_positions_are_nonsense) {
  ring_octets = 256 << 10;
  const std::string content(100'000, 'x');
  origin.play(always("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + content));
  start();
  for (auto& reader : (*shadow)->readers) reader.released = ~0ull / 2;
  Socket user = client();
  for (int i = 0; i < 5; ++i) {
    user.send(get("/"));
    user.read_until(end_of_head);
    EXPECT_TRUE(user.read_exactly(content.size()) == content);
  }
  EXPECT_GE(sum([](const auto& accounts) { return control::get(accounts.tap_corrupt); }), 1u);
}

TEST_F(UserPlaneTest, offers_nothing_of_a_request_that_bears_the_marker_or_is_not_selected) {
  origin.play([](Socket& socket, int) {
    for (std::string head = socket.read_until(end_of_head); !head.empty(); head = socket.read_until(end_of_head)) {
      EXPECT_EQ(contains(head, "/marked"), contains(head, "Understudy-Role: candidate\r\n")) << head;
      socket.send(ok_response);
    }
  });
  start();
  Socket user = client();
  user.send(get("/marked", "Understudy-Role: candidate\r\n") +
            "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n" + get("/last"));
  for (int i = 0; i < 3; ++i) {
    user.read_until(end_of_head);
    EXPECT_EQ(user.read_exactly(2), "ok");
  }
  tap::DecodedRequestHead request;
  ASSERT_TRUE(tap::decode(std::as_bytes(std::span(read_exchange().at(0).payload)), request));
  EXPECT_EQ(request.message.target, "/last");
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.exchanges); }), 1u);
}

TEST_F(UserPlaneTest, mirrors_whole_users_where_it_is_to) {
  settings.mirror.percent = 50;
  settings.mirror.sticky = {StickyKey::Kind::cookie, "session"};
  origin.play(always(ok_response));
  start();
  const auto exchanges = [&] { return sum([](const auto& accounts) { return control::get(accounts.exchanges); }); };
  int whole = 0;
  for (int user = 0; user < 40; ++user) {
    const std::uint64_t before = exchanges();
    for (int i = 0; i < 5; ++i)
      ask(get("/", "Cookie: theme=dark; session=" + std::to_string(user) + "\r\nConnection: close\r\n"));
    const std::uint64_t copied = exchanges() - before;
    EXPECT_TRUE(copied == 0 || copied == 5) << copied;
    whole += copied == 5;
  }
  EXPECT_GT(whole, 5);
  EXPECT_LT(whole, 35);
}

TEST_F(UserPlaneTest, answers_what_came_before_the_end_of_a_draining_connection) {
  origin.play(always(ok_response));
  start();
  Socket user = client();
  user.send(get("/1"));
  user.read_until(end_of_head);
  user.read_exactly(2);
  drain();
  user.send(get("/2"));
  const std::string rest = user.read_all();
  EXPECT_TRUE(rest.starts_with("HTTP/1.1 200")) << rest;
  EXPECT_TRUE(rest.ends_with("ok")) << rest;
  wait_for_end();
}

TEST_F(UserPlaneTest, counts_requests_by_status) {
  origin.play(always(ok_response));
  start();
  ask(get("/", "Connection: close\r\n"));
  ask("nonsense\r\n\r\n");
  drain();
  wait_for_end();
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.requests[2]); }), 1u);
  EXPECT_EQ(sum([](const auto& accounts) { return control::get(accounts.requests[4]); }), 1u);
  EXPECT_EQ(sum([](const auto& accounts) {
              return control::get(accounts.connections_opened) - control::get(accounts.connections_closed);
            }),
            0u);
}

}  // namespace
}  // namespace understudy::test
