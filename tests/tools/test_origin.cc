// test_origin: see origin.h for what it answers. Its first line on stdout tells its ports: {"port":n,"control":n}. Ends
// on SIGTERM.
//   test_origin [--port N] [--control N] [--mode MODE] [--requests-per-connection N] [--idle-timeout MS] [--expect
//   answered|ignored]
#include <csignal>
#include <exception>
#include <iostream>

#include "tests/tools/options.h"
#include "tests/tools/origin.h"
#include "tests/tools/sockets.h"

namespace {
volatile std::sig_atomic_t stopped = 0;
}

int main(int argc, char** argv) try {
  using namespace understudy::tools;
  const CommandLine line(argc, argv, {"port", "control", "mode", "requests-per-connection", "idle-timeout", "expect"});
  OriginOptions options;
  options.port = static_cast<std::uint16_t>(line.number("port", 0));
  options.control_port = static_cast<std::uint16_t>(line.number("control", 0));
  options.requests_per_connection = static_cast<std::uint64_t>(line.number("requests-per-connection", 0));
  options.idle_timeout = std::chrono::milliseconds{static_cast<long>(line.number("idle-timeout", 0))};
  options.answers_expect = line.text("expect", "answered") == "answered";
  if (!OriginMode::parse(line.text("mode", "healthy"), options.mode)) {
    std::cerr << "test_origin: unknown mode\n";
    return 2;
  }

  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, [](int) { stopped = 1; });
  std::signal(SIGINT, [](int) { stopped = 1; });
  raise_descriptor_limit();
  Poller poller;
  Origin origin(poller, options);
  std::cout << "{\"port\":" << origin.port() << ",\"control\":" << origin.control_port() << "}" << std::endl;
  while (stopped == 0) poller.turn(std::chrono::milliseconds{200});
  return 0;
} catch (const std::exception& error) {
  std::cerr << "test_origin: " << error.what() << "\n";
  return 1;
}
