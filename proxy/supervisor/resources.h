// What outlives every plane and is handed to each: listening sockets, shared memory, the lifeline. One of it for the
// whole run.
#pragma once

#include <string>
#include <vector>

#include "proxy/control/counters.h"
#include "proxy/planes.h"
#include "proxy/supervisor/configuration.h"
#include "proxy/supervisor/listeners.h"
#include "proxy/supervisor/shared_page.h"
#include "proxy/supervisor/slots.h"

namespace understudy::supervisor {

class Resources {
 public:
  Resources();  // throws std::system_error
  ~Resources();
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  SharedPage<control::Switch> switch_page{"switch"};
  SharedPage<control::ShadowAccounts> shadow_accounts{"shadow"};
  SharedPage<control::SupervisorAccounts> accounts{"supervisor"};
  Slots slots{*shadow_accounts};

  // Opens what the settings name and is not open yet; `opened` gets a line for each. False: nothing is in force that
  // was not before, `error` says why, and close_addresses_but() of the settings in force undoes the rest.
  bool open_addresses(const Settings& settings, std::vector<std::string>& opened, std::string& error);
  void close_addresses_but(const Settings& settings);
  // Nobody new is let in: the planes close theirs when they drain.
  void close_users_addresses() { users_.keep_only({}); }

  // Each plane can write what it owns, and read what it has to. `slots`: for the user plane one for each thread.
  PlaneDescriptors for_plane(control::Plane plane, const Configuration& configuration,
                             const std::vector<unsigned>& slots) const;

 private:
  Listeners users_{Listeners::sockets_per_address};
  Listeners operators_{1};
  // A pipe whose writing end only the supervisor holds: the planes see it close, however the supervisor ends.
  int lifeline_[2];
};

}  // namespace understudy::supervisor
