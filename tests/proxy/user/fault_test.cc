// What happens between real sockets where one side is slow, silent, gone or wrong: whose deadline ends the wait, what
// the user hears of it, and what is counted. Where time has to pass, a second connection whose own deadline fires tells
// that it has.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <iterator>

#include "proxy/net/loop.h"
#include "proxy/user/session.h"
#include "tests/proxy/user/plane_fixture.h"

namespace understudy::test {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";
const std::string ok_response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Origin::Script always(std::string response) {
  return [response](Socket& socket, int) {
    while (!socket.read_until(end_of_head).empty()) socket.send(response);
  };
}

std::uint64_t records_of(const auto& durations) {
  std::uint64_t sum = 0;
  for (const control::Counter& bucket : durations.buckets) sum += control::get(bucket);
  return sum;
}

// Sends an octet ten times a second, as long as it lives.
class Dripper {
 public:
  explicit Dripper(Socket& socket)
      : thread_([this, &socket] {
          for (; !stopped_; std::this_thread::sleep_for(std::chrono::milliseconds(100))) socket.send("x");
        }) {}
  ~Dripper() {
    stopped_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

// Head and content of a response that no buffer on the way can hold.
void send_endless_response(Socket& socket) {
  socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
  const std::string piece(100'000, 'x');
  for (int i = 0; i < 10'000; ++i) socket.send(piece);
}

class UserPlaneFaultTest : public UserPlane {
 protected:
  bool is_served() { return ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"); }
  // Comes back once the deadline for a request's content has passed since the call.
  void wait_for_body_timeout() {
    Socket witness = client();
    witness.send("POST /witness HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nx");
    EXPECT_TRUE(witness.read_until(end_of_head).starts_with("HTTP/1.1 408"));
  }
};

TEST_F(UserPlaneFaultTest, knows_nothing_of_an_earlier_request_where_a_head_is_refused) {
  origin.play(always(ok_response));
  settings.log.access = ::testing::TempDir() + "understudy_access_" + std::to_string(::getpid());
  start();
  Socket user = client();
  user.send("GET /earlier HTTP/1.1\r\nHost: a\r\n\r\n");
  user.read_until(end_of_head);
  user.read_exactly(2);
  // Large enough for the buffer to move.
  user.send("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(40'000, 'x') + "\r\nno name: 1\r\n\r\n");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 400"));
  user.close();
  drain();
  wait_for_end();
  std::ifstream file(settings.log.access);
  const std::string log{std::istreambuf_iterator<char>(file), {}};
  EXPECT_NE(log.find("\"GET /earlier HTTP/1.1\" 200"), std::string::npos) << log;
  EXPECT_NE(log.find("\"  HTTP/1.1\" 400"), std::string::npos) << log;
  ::unlink(settings.log.access.c_str());
}

TEST_F(UserPlaneFaultTest, counts_a_refused_head_as_no_mirrored_request) {
  origin.play(always(ok_response));
  start();
  Socket user = client();
  user.send("GET /mirrored HTTP/1.1\r\nHost: a\r\n\r\n");
  user.read_until(end_of_head);
  user.read_exactly(2);
  user.send("GET / HTTP/1.1\r\n folded\r\n\r\n");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 400"));
  user.read_all();
  EXPECT_EQ(sum([](const auto& accounts) { return records_of(accounts.duration); }), 2u);
  EXPECT_EQ(sum([](const auto& accounts) { return records_of(accounts.mirrored_duration); }), 1u);
}

TEST_F(UserPlaneFaultTest, keeps_a_connection_to_the_primary_from_whoever_has_not_sent_its_small_content) {
  settings.primary.connections = 1;
  origin.play([](Socket& socket, int) {
    for (std::string head = socket.read_until(end_of_head); !head.empty(); head = socket.read_until(end_of_head)) {
      if (head.starts_with("POST ")) {
        EXPECT_EQ(socket.read_exactly(8), "in parts");
      }
      socket.send(ok_response);
    }
  });
  settings.mirror.methods = {"*"};
  start();
  Socket slow = client();
  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nin ");
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
  read_exchange();
  slow.send("pa");
  EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
  read_exchange();
  // The next request comes right behind.
  slow.send("rtsGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  for (int i = 0; i < 2; ++i) {
    EXPECT_TRUE(slow.read_until(end_of_head).starts_with("HTTP/1.1 200"));
    EXPECT_EQ(slow.read_exactly(2), "ok");
  }
  const std::vector<TapFrame> frames = read_exchange();
  EXPECT_TRUE(std::any_of(frames.begin(), frames.end(), [](const TapFrame& frame) {
    return frame.type == tap::FrameType::request_body && frame.payload == "in parts";
  }));
}

TEST_F(UserPlaneFaultTest, gives_up_a_small_content_that_does_not_come) {
  settings.server.body_timeout = net::Milliseconds(200);
  origin.play(always(ok_response));
  start();
  Socket slow = client();
  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nin ");
  EXPECT_TRUE(slow.read_all().starts_with("HTTP/1.1 408"));
  EXPECT_EQ(origin.connections(), 0);
}

TEST_F(UserPlaneFaultTest, takes_connections_back_from_slow_users_where_others_need_them) {
  settings.primary.connections = 2;
  settings.server.min_body_rate = 1'000'000;
  std::atomic<int> slow{0};
  origin.play([&](Socket& socket, int) {
    for (std::string head = socket.read_until(end_of_head); !head.empty(); head = socket.read_until(end_of_head)) {
      slow += head.starts_with("GET / ") ? 0 : 1;
      if (head.starts_with("POST ")) socket.read_all();
      if (head.starts_with("GET /large ")) send_endless_response(socket);
      socket.send(ok_response);
    }
  });
  start();
  Socket reader = client();
  reader.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  Socket writer = client();
  writer.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx");
  while (slow < 2) std::this_thread::yield();
  const auto began = std::chrono::steady_clock::now();
  {
    const Dripper dripper(writer);  // as bad as none
    while (!is_served()) EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  }
  EXPECT_GE(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(4'900));
  EXPECT_TRUE(writer.read_until(end_of_head).starts_with("HTTP/1.1 408 "));
  const auto reclaimed = [&] {
    return sum([](const auto& accounts) { return control::get(accounts.primary_reclaimed); });
  };
  EXPECT_EQ(reclaimed(), 1u);
  // Nobody is in want of the other.
  EXPECT_TRUE(is_served());
  EXPECT_EQ(reclaimed(), 1u);
}

TEST_F(UserPlaneFaultTest, takes_back_as_many_connections_as_are_wanted) {
  constexpr int slow = 6;
  settings.primary.connections = slow;
  std::atomic<int> kept{0};
  origin.play([&](Socket& socket, int) {
    if (socket.read_until(end_of_head).starts_with("POST ")) {
      ++kept;
      socket.read_all();
    } else {
      std::this_thread::sleep_for(std::chrono::milliseconds(1'000));
      socket.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
    }
  });
  start();
  std::vector<Socket> users;
  for (int i = 0; i < slow; ++i) {
    users.push_back(client());
    users.back().send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nx");
  }
  while (kept < slow) std::this_thread::yield();
  std::this_thread::sleep_for(user::free_wait);
  // One after the other, while those before them still wait.
  std::vector<std::thread> others;
  std::atomic<int> served{0};
  for (int i = 0; i < slow; ++i) {
    others.emplace_back([&] { served += is_served() ? 1 : 0; });
    std::this_thread::sleep_for(std::chrono::milliseconds(60));
  }
  for (std::thread& other : others) other.join();
  EXPECT_EQ(served, slow);
}

TEST_F(UserPlaneFaultTest, gives_the_next_user_the_connection_that_became_free_while_it_waited) {
  settings.primary.connections = 1;
  std::atomic<int> asked{0};
  std::atomic<int> delay_ms{0};
  origin.play([&](Socket& socket, int) {
    while (!socket.read_until(end_of_head).empty()) {
      ++asked;
      std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
      socket.send(ok_response);
    }
  });
  start();
  for (const int delay : {220, 320, 360}) {
    delay_ms = delay;
    const int before = asked;
    Socket first = client();
    first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    while (asked == before) std::this_thread::yield();
    EXPECT_TRUE(is_served()) << delay;
    EXPECT_TRUE(first.read_until(end_of_head).starts_with("HTTP/1.1 200"));
  }
}

TEST_F(UserPlaneFaultTest, keeps_no_connection_to_the_primary_for_what_is_read_away) {
  settings.primary.connections = 1;
  origin.play([](Socket& socket, int) {
    const bool early = socket.read_until(end_of_head).starts_with("POST ");
    socket.send(early ? "HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n" : ok_response);
    socket.read_all();
  });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 413"));
  const Dripper dripper(user);
  EXPECT_TRUE(is_served());
  EXPECT_EQ(user.read_all(), "");  // and its end comes
}

TEST_F(UserPlaneFaultTest, leaves_a_user_who_reads_nothing_though_it_sends) {
  settings.primary.connections = 1;
  settings.server.body_timeout = Milliseconds{1'000};
  origin.play([](Socket& socket, int) {
    if (socket.read_until(end_of_head).starts_with("POST ")) {
      send_endless_response(socket);
    } else {
      socket.send(ok_response);
    }
  });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
  const Dripper dripper(user);
  const auto began = std::chrono::steady_clock::now();
  bool served = false;
  while (!served && std::chrono::steady_clock::now() - began < std::chrono::seconds(20)) served = is_served();
  EXPECT_TRUE(served);
}

TEST_F(UserPlaneFaultTest, blames_no_user_who_waits_for_the_primary_to_say_continue) {
  settings.server.body_timeout = Milliseconds{300};
  std::atomic<bool> waited{false};
  origin.play([&](Socket& socket, int connection) {
    socket.read_until(end_of_head);
    if (connection != 0) {
      socket.read_all();
      return;
    }
    while (!waited) std::this_thread::yield();
    socket.send("HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(socket.read_exactly(5), "hello");
    socket.send(ok_response);
  });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  while (origin.connections() == 0) std::this_thread::yield();
  for (int i = 0; i < 2; ++i) wait_for_body_timeout();
  waited = true;
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 100 "));
  user.send("hello");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
}

TEST_F(UserPlaneFaultTest, takes_an_endless_chunk_line_for_no_wait_for_the_primary) {
  settings.primary.response_timeout = Milliseconds{500};
  settings.server.body_timeout = Milliseconds{5'000};
  settings.server.min_body_rate = 1'000;
  origin.play([](Socket& socket, int) { socket.read_all(); });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1;");
  const Dripper dripper(user);
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 408 "));
}

TEST_F(UserPlaneFaultTest, bears_with_a_user_who_reads_slowly_and_steadily) {
  settings.server.body_timeout = Milliseconds{1'000};
  constexpr std::size_t size = 20'000'000;
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n");
    socket.send(std::string(size, 'x'));
  });
  start();
  Socket user = client();
  user.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
  // The kernel tells of room in a send buffer of some MiB only when a third of it is free.
  std::size_t read = 0;
  for (const auto began = std::chrono::steady_clock::now();
       std::chrono::steady_clock::now() - began < std::chrono::seconds(4);
       std::this_thread::sleep_for(std::chrono::milliseconds(100)))
    read += user.read_exactly(20'000).size();
  EXPECT_EQ(user.read_exactly(size - read).size(), size - read);
}

TEST_F(UserPlaneFaultTest, counts_a_user_s_slowness_with_small_content_as_nobody_s) {
  origin.play([](Socket& socket, int) {
    while (!socket.read_until("small").empty()) socket.send(ok_response);
  });
  start();
  const auto began = std::chrono::steady_clock::now();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n");
  std::this_thread::sleep_for(std::chrono::milliseconds(1'000));
  user.send("small");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
  const auto all_ns = std::chrono::nanoseconds(std::chrono::steady_clock::now() - began).count();
  user.close();
  const auto summed = [&](control::Histogram control::UserAccounts::* durations) {
    return static_cast<std::int64_t>(
        sum([&](const auto& accounts) { return control::get((accounts.*durations).sum_ns); }));
  };
  while (summed(&control::UserAccounts::duration) == 0) std::this_thread::yield();
  EXPECT_GE(summed(&control::UserAccounts::duration), 900'000'000);
  EXPECT_LE(summed(&control::UserAccounts::primary_duration), all_ns - 900'000'000);
}

TEST_F(UserPlaneFaultTest, leaves_a_silent_primary_with_a_user_who_is_gone) {
  std::atomic<int> ended{0};
  std::atomic<int> asked{0};
  origin.play([&](Socket& socket, int) {
    const std::string head = socket.read_until(end_of_head);
    if (head.starts_with("GET /begun ")) socket.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbegun");
    ++asked;
    EXPECT_EQ(socket.read_all(), "");
    ++ended;
  });
  start();
  for (const std::string target : {"/silent", "/begun"}) {
    const int before = ended;
    Socket user = client();
    user.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
    while (asked == before) std::this_thread::yield();
    if (target == "/begun") {
      EXPECT_TRUE(user.read_until("begun").starts_with("HTTP/1.1 200"));
    }
    user.reset();
    while (ended == before) std::this_thread::yield();
    const TapFrame last = read_exchange().back();
    tap::AbandonPayload abandon{};
    ASSERT_EQ(last.type, tap::FrameType::abandon);
    ASSERT_TRUE(tap::decode(std::as_bytes(std::span(last.payload)), abandon));
    EXPECT_EQ(abandon.reason, control::DropReason::client_aborted);
  }
  EXPECT_EQ(sum([](const auto& accounts) {
              std::uint64_t errors = 0;
              for (const control::Counter& reason : accounts.primary_errors) errors += control::get(reason);
              return errors;
            }),
            0u);
}

TEST_F(UserPlaneFaultTest, answers_a_user_who_has_only_ended_its_side) {
  std::atomic<bool> answer{false};
  origin.play([&](Socket& socket, int connection) {
    socket.read_until(end_of_head);
    while (connection == 0 && !answer) std::this_thread::yield();
    socket.send(connection == 0 ? ok_response : socket.read_all());
  });
  start();
  Socket user = client();
  user.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  user.shutdown_write();
  while (origin.connections() == 0) std::this_thread::yield();
  // Another's reset is seen and handled in between.
  Socket other = client();
  other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  while (origin.connections() == 1) std::this_thread::yield();
  other.reset();
  EXPECT_EQ(read_exchange().back().type, tap::FrameType::abandon);
  answer = true;
  EXPECT_TRUE(user.read_all().ends_with("\r\n\r\nok"));
}

TEST_F(UserPlaneFaultTest, holds_chunked_content_that_comes_with_the_head_to_its_limit) {
  settings.server.max_request_body = 1000;
  origin.play([](Socket& socket, int) {
    if (!socket.read_until("0\r\n\r\n").empty()) socket.send(ok_response);
  });
  start();
  const std::string content(2000, 'x');
  EXPECT_TRUE(ask("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + content + "\r\n0\r\n\r\n")
                  .starts_with("HTTP/1.1 413"));
}

TEST_F(UserPlaneFaultTest, answers_502_and_not_408_where_the_primary_leaves_in_the_middle_of_a_request) {
  origin.play([](Socket& socket, int) { socket.read_until(end_of_head); });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nfirst");
  const std::string head = user.read_until(end_of_head);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 502")) << head;
  EXPECT_NE(head.find("Connection: close\r\n"), std::string::npos) << head;
}

TEST_F(UserPlaneFaultTest, blames_no_user_for_a_primary_that_reads_slowly) {
  settings.server.body_timeout = Milliseconds{500};
  std::atomic<bool> waited{false};
  origin.play([&](Socket& socket, int) {
    if (socket.read_until(end_of_head).starts_with("POST /witness")) {
      socket.read_all();
      return;
    }
    while (!waited) std::this_thread::yield();
    EXPECT_EQ(socket.read_exactly(20'000'000).size(), 20'000'000u);
    socket.send(ok_response);
  });
  start();
  Socket user = client();
  std::thread sender([&] {
    user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20000000\r\n\r\n");
    user.send(std::string(20'000'000, 'x'));
  });
  while (origin.connections() == 0) std::this_thread::yield();
  for (int i = 0; i < 2; ++i) wait_for_body_timeout();
  waited = true;
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
  sender.join();
}

TEST_F(UserPlaneFaultTest, blames_no_primary_for_a_user_who_sends_slowly) {
  settings.primary.response_timeout = settings.primary.body_timeout = Milliseconds{300};
  settings.server.body_timeout = Milliseconds{10'000};
  origin.play([](Socket& socket, int) {
    if (socket.read_until(end_of_head).starts_with("GET /silent")) {
      socket.read_all();
    } else {
      EXPECT_TRUE(socket.read_until("0\r\n\r\n").starts_with("5\r\nfirst\r\n"));
      socket.send(ok_response);
    }
  });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const std::string piece : {"5\r\nfirst\r\n", "5\r\nthird\r\n0\r\n\r\n"}) {
    for (int i = 0; i < 2; ++i)
      EXPECT_TRUE(ask("GET /silent HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 504"));
    user.send(piece);
  }
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
}

TEST_F(UserPlaneFaultTest, leaves_a_user_who_reads_nothing_also_after_the_request_became_whole) {
  settings.server.body_timeout = Milliseconds{2'000};
  std::atomic<std::size_t> sent{0};
  std::atomic<bool> ended{false};
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
    const std::string piece(100'000, 'x');
    for (int i = 0; i < 10'000; ++i, sent += piece.size()) socket.send(piece);
    ended = true;
  });
  start();
  Socket user = client();
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nfirst");
  user.read_until(end_of_head);
  // Until every buffer on the way is full.
  for (std::size_t before = ~std::size_t{0}; before != sent;) {
    before = sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  user.send(std::string(99'995, 'x'));
  for (const std::int64_t give_up = net::Loop::clock_ns() + 10'000'000'000; !ended && net::Loop::clock_ns() < give_up;)
    std::this_thread::yield();
  EXPECT_TRUE(ended);
}

TEST_F(UserPlaneFaultTest, shows_a_response_that_its_reader_was_too_slow_for_as_cut) {
  settings.server.body_timeout = Milliseconds{300};
  std::atomic<bool> ended{false};
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    socket.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5f5e100\r\n");
    const std::string piece(100'000, 'x');
    for (int i = 0; i < 1'000; ++i) socket.send(piece);
    ended = true;
  });
  start();
  Socket user = client();
  user.send("GET / HTTP/1.0\r\n\r\n");
  user.read_until(end_of_head);
  while (!ended) std::this_thread::yield();
  bool reset = false;
  EXPECT_LT(user.read_all(&reset).size(), 100'000'000u);
  EXPECT_TRUE(reset);
}

TEST_F(UserPlaneFaultTest, ends_in_order_for_a_user_whose_content_was_not_read) {
  settings.server.max_request_body = 1000;
  std::atomic<bool> answer{false};
  origin.play([&](Socket& socket, int) {
    socket.read_until(end_of_head);
    while (!answer) std::this_thread::yield();
    socket.send(ok_response);
  });
  start();
  Socket user = client();
  user.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  while (origin.connections() == 0) std::this_thread::yield();
  // Here, end included, before the first of it is looked at.
  user.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n" + std::string(50'000, 'x'));
  user.shutdown_write();
  answer = true;
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 200"));
  user.read_exactly(2);
  bool reset = false;
  EXPECT_TRUE(user.read_all(&reset).starts_with("HTTP/1.1 413"));
  EXPECT_FALSE(reset);
}

TEST_F(UserPlaneFaultTest, repeats_no_request_that_the_primary_has_begun_to_answer) {
  std::atomic<int> requests{0};
  origin.play([&](Socket& socket, int connection) {
    while (!socket.read_until(end_of_head).empty()) {
      if (++requests == 2 && connection == 0) {
        socket.send("HTTP/1.1 103 Early Hints\r\n\r\n");
        return;
      }
      socket.send(ok_response);
    }
  });
  start();
  Socket user = client();
  user.send("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n");
  user.read_until(end_of_head);
  user.read_exactly(2);
  user.send("GET /2 HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 103"));
  EXPECT_TRUE(user.read_until(end_of_head).starts_with("HTTP/1.1 502"));
  EXPECT_EQ(requests, 2);
}

TEST_F(UserPlaneFaultTest, refuses_nobody_for_connections_that_another_thread_keeps_idle) {
  settings.primary.connections = 1;
  origin.play(always(ok_response));
  start();
  // Enough for both threads to get some of them, in turns.
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(ask("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 200"));
}

}  // namespace
}  // namespace understudy::test
