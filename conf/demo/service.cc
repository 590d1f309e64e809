// The demo's service: a small shop with a JSON API. Built twice, see CMakeLists.txt; the port that it listens on is its
// first line on stdout.
//   demo-production|demo-candidate [SEED]
#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "conf/demo/catalogue.h"
#include "conf/demo/http.h"

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const int listener = demo::listen_on_loopback(0);
  if (listener < 0) {
    std::cerr << argv[0] << ": cannot listen\n";
    return 1;
  }
  std::cout << demo::port_of(listener) << std::endl;

  for (std::uint64_t number = 0;; ++number) {
    const int connection = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    std::thread([connection, connection_seed = seed * 1'000'003 + number] {
      demo::Catalogue catalogue(connection_seed);
      demo::serve(connection, [&catalogue](std::string_view target) { return catalogue.get(target); });
    }).detach();
  }
}
