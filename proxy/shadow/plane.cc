// The shadow plane as a process: what it maps, what ends it. Everything else is in shadow_plane.h.
#include "proxy/shadow/plane.h"

#include <poll.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <random>

#include "proxy/control/shared_memory.h"
#include "proxy/shadow/process.h"
#include "proxy/shadow/shadow_plane.h"

namespace understudy::shadow {
namespace {

volatile std::sig_atomic_t shutdown_asked = 0;
volatile std::sig_atomic_t reload_asked = 0;

void on_signal(int signal) {
  if (signal == SIGTERM) shutdown_asked = 1;
  if (signal == SIGUSR2) reload_asked = 1;
}

// A terminal's interrupt goes to every process; the supervisor alone decides what it means.
void listen_to_supervisor() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGUSR2, &action, nullptr);
  action.sa_handler = SIG_IGN;
  for (const int ignored : {SIGINT, SIGHUP, SIGPIPE, SIGUSR1}) sigaction(ignored, &action, nullptr);
}

// The pipe whose other end the supervisor holds; nothing is ever written to it.
bool is_closed(int lifeline_fd) {
  pollfd lifeline{lifeline_fd, POLLIN, 0};
  return ::poll(&lifeline, 1, 0) == 1;
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

}  // namespace

int run_shadow_plane(const Settings& settings, const PlaneResources& resources) {
  listen_to_supervisor();
  yield_to_everybody(settings.mirror);

  const control::Shared<control::ShadowAccounts> accounts(resources.shadow_accounts_fd,
                                                          control::Mapping::Access::write);
  const control::Shared<const control::Switch> control(resources.switch_fd, control::Mapping::Access::read);
  net::Loop loop;
  {
    std::vector<Reader::Slot> slots;
    for (const SlotResources& slot : resources.slots) {
      slots.push_back({slot.slot, std::make_unique<tap::RingReader>(slot.slot_fd, accounts->readers[slot.slot])});
    }
    ShadowPlane plane(loop, settings, *accounts, *control, std::move(slots), random_seed(), resources.tls);
    loop.on_tick([&] {
      if (is_closed(resources.lifeline_fd)) return plane.begin_end(Ending::abandoned);
      if (reload_asked != 0) plane.begin_end(Ending::reload);
      if (shutdown_asked != 0) plane.begin_end(Ending::shutdown);
    });
    loop.run();
  }
  return 0;
}

}  // namespace understudy::shadow
