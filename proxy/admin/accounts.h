// The shared memory as the admin plane has it: everything to read, the switch to write. On the loop's thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "proxy/admin/observed.h"
#include "proxy/admin/plane.h"
#include "proxy/control/counters.h"
#include "proxy/control/shared_memory.h"

namespace understudy::admin {

// What a PUT changes.
struct SwitchChange {
  std::optional<bool> enabled;
  std::optional<double> percent;  // 0..1000
};

class Accounts {
 public:
  explicit Accounts(const PlaneResources& resources);  // throws std::system_error

  Observed observe() const;

  // Writes the switch; gives the generation that the shadow plane has to see.
  std::uint64_t change(const SwitchChange& change);
  bool is_seen(std::uint64_t generation) const;

  // Asks for a run ("": a fresh one); gives the generation that the shadow plane has to carry out. Not while another
  // request is under way.
  std::uint64_t request_run(std::string_view name);
  bool is_run_open(std::uint64_t generation) const;
  bool every_run_is_open() const;

  // Whether a shadow plane lives that has yet to see it.
  bool shadow_lives() const;

 private:
  void read_users(Observed& observed) const;
  void read_shadow(Observed& observed) const;
  void read_supervisor(Observed& observed) const;
  void read_switch(Observed& observed) const;

  struct Slot {
    control::Shared<const control::UserAccounts> accounts;
    std::uint64_t octets = 0;  // of the slot's memory: no ring holds more
  };
  std::vector<std::optional<Slot>> slots_;
  std::vector<const control::UserAccounts*> users_;  // null where a slot is not there
  control::Shared<const control::ShadowAccounts> shadow_;
  control::Shared<const control::SupervisorAccounts> supervisor_;
  control::Shared<control::Switch> switch_;
};

// Whether a process of that number is there.
bool is_alive(int pid);

}  // namespace understudy::admin
