// test_client: sends a load of requests, verifies every response, prints one line of JSON (see LoadResult) and ends
// with status 0 when no request failed, 1 otherwise. SIGTERM: begins no more requests, waits for those under way.
//   test_client --target HOST:PORT --request "[WEIGHT] METHOD TARGET" ... [--requests N] [--duration S] [--rate RPS]
//   [--connections N]
//     [--ids N] [--seed N] [--body MIN:MAX] [--chunked SHARE] [--pace BYTES_PER_SECOND] [--close-each 1] [--verify 0]
//     [--timeout S]
//     [--host NAME] [--header "Name: value"] [--users N] [--any-status 1] [--bodies FILE] [--progress 1]
// %d in a target is a random number below --ids. With --users each request bears "Cookie: uid=" and a random number
// below it.
#include <csignal>
#include <cstdio>
#include <deque>
#include <exception>
#include <iostream>
#include <memory>
#include <sstream>

#include "tests/tools/client_connection.h"
#include "tests/tools/load.h"
#include "tests/tools/options.h"
#include "tests/tools/poller.h"
#include "tests/tools/sockets.h"

namespace understudy::tools {
namespace {

volatile std::sig_atomic_t stopped = 0;

class LoadGenerator : public ClientConnection::Owner {
 public:
  LoadGenerator(const LoadOptions& options, std::FILE* bodies, bool progress)
      : options_(options), plan_(options), progress_(progress) {
    for (std::size_t i = 0; i < options.connections; ++i) {
      connections_.push_back(std::make_unique<ClientConnection>(poller_, options_, result_, bodies, *this));
      free_.push_back(connections_.back().get());
    }
  }

  LoadResult& run() {
    start_ = Clock::now();
    while (more_to_come() || !again_.empty() || free_.size() < connections_.size()) {
      dispatch();
      poller_.turn(until_next());
      keep_time();
    }
    result_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    return result_;
  }

 private:
  void on_free(ClientConnection& connection) override { free_.push_back(&connection); }
  void on_unsent(ClientConnection& connection, PlannedRequest request) override {
    again_.push_back(std::move(request));
    free_.push_back(&connection);
  }

  Clock::time_point due(std::uint64_t number) const {
    if (options_.rate <= 0) return Clock::now();
    return start_ + std::chrono::duration_cast<Clock::duration>(
                        std::chrono::duration<double>(static_cast<double>(number) / options_.rate));
  }

  bool more_to_come() const {
    if (stopped != 0 || (options_.requests > 0 && begun_ >= options_.requests)) return false;
    return options_.duration <= 0 || due(begun_) < start_ + std::chrono::duration<double>(options_.duration);
  }

  // Gives what is due to connections that are free, the longest free first.
  void dispatch() {
    while (!free_.empty() && !again_.empty()) {
      ClientConnection* connection = take_free();
      PlannedRequest request = std::move(again_.front());
      again_.pop_front();
      connection->send_request(std::move(request));
    }
    // At most one round, so that answers are read in between even where they come at once.
    for (std::size_t left = free_.size(); left > 0 && more_to_come(); --left) {
      const Clock::time_point when = due(begun_);
      if (when > Clock::now()) return;
      PlannedRequest request = plan_.make(begun_++);
      request.due = when;
      take_free()->send_request(std::move(request));
    }
  }

  ClientConnection* take_free() {
    ClientConnection* connection = free_.front();
    free_.pop_front();
    return connection;
  }

  std::chrono::milliseconds until_next() const {
    const auto pause = std::chrono::milliseconds{options_.pace > 0 ? 1 : 50};
    if (!more_to_come() || free_.empty()) return pause;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due(begun_) - Clock::now());
    return std::clamp(wait, std::chrono::milliseconds{0}, pause);
  }

  void keep_time() {
    const auto now = Clock::now();
    if (options_.pace > 0)
      for (const auto& connection : connections_) connection->go_on_sending();
    if (now - checked_ < std::chrono::milliseconds{200}) return;
    checked_ = now;
    for (const auto& connection : connections_) connection->check_timeout(now);
    if (progress_)
      std::fprintf(stderr, "\r%llu sent, %llu errors", static_cast<unsigned long long>(result_.sent),
                   static_cast<unsigned long long>(result_.errors));
  }

  const LoadOptions& options_;
  LoadPlan plan_;
  bool progress_;
  Poller poller_;
  LoadResult result_;
  std::vector<std::unique_ptr<ClientConnection>> connections_;
  std::deque<ClientConnection*> free_;
  std::deque<PlannedRequest> again_;
  std::uint64_t begun_ = 0;
  Clock::time_point start_, checked_;
};

LoadOptions::Kind parse_kind(const std::string& text) {
  std::istringstream words(text);
  LoadOptions::Kind kind;
  if (!(words >> kind.weight)) {
    kind.weight = 1;
    words.clear();
    words.seekg(0);
  }
  words >> kind.method >> kind.target;
  return kind;
}

LoadOptions read_options(const CommandLine& line) {
  LoadOptions options;
  options.target = line.text("target", "");
  options.host = line.text("host", "");
  options.connections = static_cast<std::size_t>(line.number("connections", 16));
  options.rate = line.number("rate", 0);
  options.requests = static_cast<std::uint64_t>(line.number("requests", 0));
  options.duration = line.number("duration", 0);
  options.timeout = line.number("timeout", 30);
  options.ids = static_cast<std::uint64_t>(line.number("ids", 1000));
  options.seed = static_cast<std::uint64_t>(line.number("seed", 1));
  options.chunked_share = line.number("chunked", 0);
  options.pace = line.number("pace", 0);
  options.close_each = line.number("close-each", 0) != 0;
  options.verify = line.number("verify", 1) != 0;
  options.header = line.text("header", "");
  options.users = static_cast<std::uint64_t>(line.number("users", 0));
  options.any_status = line.number("any-status", 0) != 0;
  options.bodies_file = line.text("bodies", "");
  const std::string body = line.text("body", "0:4096");
  options.body_min = std::stoull(body);
  options.body_max = std::stoull(body.substr(body.find(':') + 1));
  for (const std::string& text : line.all("request")) options.kinds.push_back(parse_kind(text));
  if (options.kinds.empty()) options.kinds.push_back({"GET", "/orders/%d", 1});
  return options;
}

}  // namespace
}  // namespace understudy::tools

int main(int argc, char** argv) try {
  using namespace understudy::tools;
  const CommandLine line(argc, argv, {"target", "host", "connections", "rate",     "requests",   "duration",  "timeout",
                                      "ids",    "seed", "chunked",     "pace",     "close-each", "verify",    "header",
                                      "bodies", "body", "request",     "progress", "users",      "any-status"});
  const LoadOptions options = read_options(line);
  if (options.target.empty() || (options.requests == 0 && options.duration <= 0)) {
    std::cerr << "test_client: needs --target and one of --requests and --duration\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, [](int) { stopped = 1; });
  raise_descriptor_limit();

  std::FILE* bodies = options.bodies_file.empty() ? nullptr : std::fopen(options.bodies_file.c_str(), "w");
  LoadGenerator generator(options, bodies, line.number("progress", 0) != 0);
  LoadResult& result = generator.run();
  if (bodies != nullptr) std::fclose(bodies);
  std::cout << result.to_json() << std::endl;
  return result.errors == 0 && result.ok > 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << "test_client: " << error.what() << "\n";
  return 2;
}
