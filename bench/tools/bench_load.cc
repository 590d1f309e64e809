// bench_load: the load of a benchmark. One thread; sends one request again and again over N connections and reads the
// answers no further than it must. Two ways:
//   closed loop (no --rate): each connection sends its next request when the last one is answered: throughput;
//   constant rate: requests are due at their times whatever became of the earlier ones, and a latency counts from the
//   time that the request was due, not from when it could at last be sent (no coordinated omission).
// Prints one line of JSON and ends with status 0. `tests/tools/test_client` is its strict sister: it verifies every
// octet, and costs more than what it measures.
//   bench_load --target HOST:PORT [--path /N] [--body OCTETS] [--connections N] [--rate RPS] [--duration S] [--grace S]
//     [--close-each 1] [--windows 1] [--stay 1]
// --body makes it a POST; --close-each takes a new connection for each request; --windows adds one row for each second;
// --grace is how long after the end answers are still waited for, with --stay also where none is awaited.
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "tests/tools/options.h"
#include "tests/tools/sockets.h"

namespace understudy::tools {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Settings {
  std::string target, path, request;
  std::size_t connections = 64;
  double rate = 0;
  double duration = 2;
  double grace = 2;
  bool close_each = false;
  bool windows = false;
  bool stay = false;
};

struct Connection {
  int fd = -1;
  bool connected = false;
  bool busy = false;  // a request is under way
  bool waits_for_room = false;
  Clock::time_point due;    // of that request
  std::string_view unsent;  // of it
  std::string head;         // of its answer, until it is whole
  bool head_done = false;
  std::uint64_t content_left = 0;
};

class Load {
 public:
  explicit Load(const Settings& settings)
      : settings_(settings), epoll_(epoll_create1(EPOLL_CLOEXEC)), connections_(settings.connections) {
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    latencies_.reserve(1 << 20);
  }

  void run() {
    for (Connection& connection : connections_) {
      if (!settings_.close_each) open(connection);
      free_.push_back(&connection);
    }
    start_ = Clock::now();
    end_ = start_ + std::chrono::duration_cast<Clock::duration>(Seconds(settings_.duration));
    const auto last = end_ + std::chrono::duration_cast<Clock::duration>(Seconds(settings_.grace));
    for (;;) {
      const auto now = Clock::now();
      begin_what_is_due(now);
      const bool idle = free_.size() == connections_.size() && !is_due(now);
      if (now >= last || (now >= end_ && idle && !settings_.stay)) break;
      wait(now);
    }
    seconds_ = Seconds(std::min(Clock::now(), std::max(end_, last_answer_)) - start_).count();
  }

  void print() {
    const std::uint64_t planned =
        settings_.rate > 0 ? static_cast<std::uint64_t>(std::ceil(settings_.duration * settings_.rate)) : begun_;
    const std::uint64_t unanswered = planned - answered_ - errors_;
    std::vector<float> all;
    for (const auto& [due, latency] : latencies_) all.push_back(latency);
    // What was never answered took at least until now.
    const auto now = Clock::now();
    for (const Connection& connection : connections_)
      if (connection.busy) all.push_back(microseconds(now - connection.due));
    for (std::uint64_t number = begun_; number < planned; ++number) all.push_back(microseconds(now - due_at(number)));
    std::printf(
        "{\"answered\":%llu,\"errors\":%llu,\"unanswered\":%llu,\"seconds\":%.4f,\"rps\":%.1f,\"octets\":%llu,"
        "\"connects\":%llu,%s",
        ull(answered_), ull(errors_), ull(unanswered), seconds_, static_cast<double>(answered_) / seconds_,
        ull(octets_), ull(connects_), quantiles(all).c_str());
    if (settings_.windows) {
      std::vector<std::vector<float>> windows(static_cast<std::size_t>(settings_.duration) + 1);
      for (const auto& [due, latency] : latencies_)
        windows[std::min(static_cast<std::size_t>(due), windows.size() - 1)].push_back(latency);
      windows.pop_back();
      std::printf(",\"windows\":[");
      for (std::size_t i = 0; i < windows.size(); ++i)
        std::printf("%s{\"answered\":%zu,%s}", i != 0 ? "," : "", windows[i].size(), quantiles(windows[i]).c_str());
      std::printf("]");
    }
    std::printf("}\n");
  }

 private:
  static unsigned long long ull(std::uint64_t value) { return value; }
  static float microseconds(Clock::duration duration) {
    return std::chrono::duration<float, std::micro>(duration).count();
  }

  static std::string quantiles(std::vector<float>& values) {
    std::sort(values.begin(), values.end());
    const auto at = [&values](double quantile) {
      if (values.empty()) return 0.0;
      return static_cast<double>(values[static_cast<std::size_t>(quantile * static_cast<double>(values.size() - 1))]);
    };
    char text[160];
    std::snprintf(text, sizeof text, "\"p50_us\":%.1f,\"p90_us\":%.1f,\"p99_us\":%.1f,\"p999_us\":%.1f,\"max_us\":%.1f",
                  at(0.5), at(0.9), at(0.99), at(0.999), at(1));
    return text;
  }

  // --- when

  Clock::time_point due_at(std::uint64_t number) const {
    return start_ + std::chrono::duration_cast<Clock::duration>(Seconds(static_cast<double>(number) / settings_.rate));
  }
  bool is_due(Clock::time_point now) const {
    if (settings_.rate <= 0) return now < end_;
    const Clock::time_point due = due_at(begun_);
    return due <= now && due < end_;
  }

  void begin_what_is_due(Clock::time_point now) {
    while (!free_.empty() && is_due(now)) {
      Connection& connection = *free_.front();
      free_.pop_front();
      connection.due = settings_.rate > 0 ? due_at(begun_) : now;
      ++begun_;
      connection.busy = true;
      connection.head_done = false;
      connection.unsent = settings_.request;
      if (connection.fd < 0) open(connection);
      if (connection.connected) send_more(connection);
    }
  }

  void wait(Clock::time_point now) {
    Clock::duration wait = std::chrono::milliseconds{20};
    if (settings_.rate > 0 && !free_.empty() && now < end_) wait = std::min(wait, due_at(begun_) - now);
    const auto nanoseconds = std::max<std::int64_t>(0, std::chrono::nanoseconds(wait).count());
    const timespec timeout{nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
    epoll_event events[256];
    const int count = epoll_pwait2(epoll_, events, 256, &timeout, nullptr);
    for (int i = 0; i < count; ++i)
      on_event(connections_[static_cast<std::size_t>(events[i].data.u64)], events[i].events);
  }

  // --- one connection

  void open(Connection& connection) {
    connection.fd = begin_connect(settings_.target);
    connection.connected = connection.waits_for_room = false;
    ++connects_;
    control(EPOLL_CTL_ADD, connection, EPOLLIN | EPOLLOUT);
  }

  void control(int operation, const Connection& connection, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = static_cast<std::uint64_t>(&connection - connections_.data());
    epoll_ctl(epoll_, operation, connection.fd, &event);
  }

  void on_event(Connection& connection, std::uint32_t events) {
    if (connection.fd < 0) return;
    if ((events & EPOLLOUT) != 0) {
      if (!connection.connected) {
        connection.connected = true;
        control(EPOLL_CTL_MOD, connection, EPOLLIN);
      }
      if (!connection.unsent.empty()) send_more(connection);
    }
    if (connection.fd >= 0 && (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(connection);
  }

  void send_more(Connection& connection) {
    const ssize_t count = send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN) return fail(connection);
    if (count > 0) connection.unsent.remove_prefix(static_cast<std::size_t>(count));
    const bool waits = !connection.unsent.empty();
    if (waits != connection.waits_for_room) control(EPOLL_CTL_MOD, connection, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
    connection.waits_for_room = waits;
  }

  void read(Connection& connection) {
    const ssize_t count = recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return fail(connection);
    octets_ += static_cast<std::uint64_t>(count);
    if (!connection.busy) return;  // nothing was asked: the end follows
    std::string_view octets(buffer_.data(), static_cast<std::size_t>(count));
    if (!connection.head_done) {
      if (!connection.head.empty()) {
        connection.head.append(octets);
        octets = connection.head;
      }
      const std::size_t end = octets.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        if (connection.head.empty()) connection.head.assign(octets);
        return;
      }
      if (!read_head(connection, octets.substr(0, end + 2))) return fail(connection);
      octets.remove_prefix(end + 4);
    }
    connection.content_left -= std::min<std::uint64_t>(connection.content_left, octets.size());
    connection.head.clear();
    if (connection.content_left == 0) answered(connection);
  }

  static bool read_head(Connection& connection, std::string_view head) {
    connection.head_done = true;
    if (!head.starts_with("HTTP/1.1 200")) return false;
    for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
      const std::size_t at = head.find(name);
      if (at == std::string_view::npos) continue;
      std::from_chars(head.data() + at + name.size(), head.data() + head.size(), connection.content_left);
      return true;
    }
    return false;
  }

  void answered(Connection& connection) {
    last_answer_ = Clock::now();
    ++answered_;
    latencies_.emplace_back(static_cast<float>(Seconds(connection.due - start_).count()),
                            microseconds(last_answer_ - connection.due));
    connection.busy = false;
    if (settings_.close_each) shut(connection);
    free_.push_back(&connection);
  }

  void fail(Connection& connection) {
    shut(connection);
    if (!connection.busy) {
      if (!settings_.close_each) open(connection);
      return;
    }
    ++errors_;
    connection.busy = false;
    connection.head.clear();
    connection.content_left = 0;
    free_.push_back(&connection);
  }

  static void shut(Connection& connection) {
    close(connection.fd);
    connection.fd = -1;
    connection.connected = false;
    connection.unsent = {};
  }

  const Settings& settings_;
  int epoll_;
  std::vector<Connection> connections_;
  std::deque<Connection*> free_;  // the longest free first
  std::vector<char> buffer_ = std::vector<char>(256 << 10);
  Clock::time_point start_, end_, last_answer_;
  double seconds_ = 0;
  std::uint64_t begun_ = 0, answered_ = 0, errors_ = 0, octets_ = 0, connects_ = 0;
  std::vector<std::pair<float, float>> latencies_;  // second in which it was due, microseconds
};

}  // namespace
}  // namespace understudy::tools

int main(int argc, char** argv) try {
  using namespace understudy::tools;
  const CommandLine line(
      argc, argv,
      {"target", "path", "body", "connections", "rate", "duration", "grace", "close-each", "windows", "stay"});
  Settings settings;
  settings.target = line.text("target", "");
  settings.path = line.text("path", "/1024");
  settings.connections = static_cast<std::size_t>(line.number("connections", 64));
  settings.rate = line.number("rate", 0);
  settings.duration = line.number("duration", 2);
  settings.grace = line.number("grace", 2);
  settings.close_each = line.number("close-each", 0) != 0;
  settings.windows = line.number("windows", 0) != 0;
  settings.stay = line.number("stay", 0) != 0;
  const auto body = static_cast<std::size_t>(line.number("body", 0));
  settings.request = (body != 0 ? "POST " : "GET ") + settings.path + " HTTP/1.1\r\nHost: " + settings.target +
                     "\r\nUser-Agent: bench\r\nAccept: */*\r\n" + (settings.close_each ? "Connection: close\r\n" : "") +
                     (body != 0 ? "Content-Type: text/plain\r\nContent-Length: " + std::to_string(body) + "\r\n" : "") +
                     "\r\n" + std::string(body, 'x');
  std::signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_TIMERSLACK, 1);
  raise_descriptor_limit();
  Load load(settings);
  load.run();
  load.print();
  return 0;
} catch (const std::exception& error) {
  std::cerr << "bench_load: " << error.what() << "\n";
  return 1;
}
