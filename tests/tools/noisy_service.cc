// noisy_service: one process of a service that differs from its twins without any fault of a build (noisy_zoo.cc), or
// of a shop that a candidate can break in 28 ways (noisy_shop.cc), or of one with differences without number
// (noisy_wide.cc). Three of them, started with the same seed and one
// role each, are production, candidate and secondary. Its first line on stdout is its port. Ends on SIGTERM, with its
// parent, and after --lifetime seconds.
//   noisy_service --service NAME [--role production|candidate|secondary] [--seed N] [--scale X] [--delay-ms D]
//   [--regression NAME] [--port N]
//     [--lifetime S]
#include <sys/prctl.h>

#include <csignal>
#include <exception>
#include <iostream>

#include "tests/tools/noisy_server.h"
#include "tests/tools/noisy_world.h"
#include "tests/tools/options.h"
#include "tests/tools/sockets.h"

namespace {
volatile std::sig_atomic_t stopped = 0;
}

int main(int argc, char** argv) try {
  using namespace understudy::tools;
  const CommandLine line(argc, argv,
                         {"service", "role", "seed", "scale", "delay-ms", "regression", "port", "lifetime"});
  NoisyWorld world({line.text("role", "production"), static_cast<std::uint64_t>(line.number("seed", 1)),
                    line.number("scale", 1), line.number("delay-ms", 0), line.text("regression", "")});
  const std::string name = line.text("service", "");
  const std::string& regression = world.options().regression;
  if (!regression.empty() && !is_noisy_regression(regression)) {
    std::cerr << "noisy_service: no regression \"" << regression << "\"\n";
    return 2;
  }
  const auto service = make_noisy_service(name, world);
  if (service == nullptr) {
    std::cerr << "noisy_service: no service \"" << name << "\"\n";
    return 2;
  }

  prctl(PR_SET_PDEATHSIG, SIGTERM);
  prctl(PR_SET_TIMERSLACK, 1);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, [](int) { stopped = 1; });
  std::signal(SIGINT, [](int) { stopped = 1; });
  raise_descriptor_limit();
  const auto last = Clock::now() + std::chrono::seconds{static_cast<long>(line.number("lifetime", 900))};
  Poller poller;
  NoisyServer server(poller, *service, world.options().delay_ms, static_cast<std::uint16_t>(line.number("port", 0)));
  std::cout << server.port() << std::endl;
  while (stopped == 0 && Clock::now() < last) poller.turn(std::chrono::milliseconds{200});
  return 0;
} catch (const std::exception& error) {
  std::cerr << "noisy_service: " << error.what() << "\n";
  return 1;
}
