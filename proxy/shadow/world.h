// What all parts of one shadow plane share. One world per thread: made by ShadowPlane, referred to by everything below
// it.
#pragma once

#include <cstdint>

#include "proxy/control/counters.h"
#include "proxy/net/loop.h"
#include "proxy/policy/random.h"
#include "proxy/settings.h"
#include "proxy/shadow/budget.h"

namespace understudy::shadow {

struct World {
  World(net::Loop& its_loop, const Settings& its_settings, control::ShadowAccounts& its_accounts,
        const control::Switch& its_control, std::uint64_t seed)
      : loop(its_loop),
        settings(its_settings),
        accounts(its_accounts),
        control(its_control),
        budget(its_settings.mirror.memory_limit / 4),
        random(seed) {}

  net::Loop& loop;
  const Settings& settings;
  control::ShadowAccounts& accounts;
  const control::Switch& control;
  Budget budget;
  policy::Random random;

  // Whether copies may be sent at this very moment. The percentage is the user plane's business.
  bool mirror_is_on() const {
    const bool is_set = control.enabled_set.load(std::memory_order_acquire) != 0;
    return is_set ? control.off.load(std::memory_order_acquire) == 0 : settings.mirror.enabled;
  }
};

}  // namespace understudy::shadow
