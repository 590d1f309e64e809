// What all parts of one shadow plane share. One world per thread: made by ShadowPlane, referred to by everything below
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "proxy/control/counters.h"
#include "proxy/http/buffer.h"
#include "proxy/net/loop.h"
#include "proxy/net/tls.h"
#include "proxy/policy/random.h"
#include "proxy/settings.h"
#include "proxy/shadow/budget.h"

namespace understudy::shadow {

struct World {
  World(net::Loop& its_loop, const Settings& its_settings, control::ShadowAccounts& its_accounts,
        const control::Switch& its_control, std::uint64_t seed, net::TlsClients its_tls)
      : loop(its_loop),
        settings(its_settings),
        accounts(its_accounts),
        control(its_control),
        budget(its_settings.mirror.memory_limit / 4),
        random(seed),
        tls(std::move(its_tls)) {}

  net::Loop& loop;
  const Settings& settings;
  control::ShadowAccounts& accounts;
  const control::Switch& control;
  Budget budget;
  policy::Random random;
  net::TlsClients tls;
  // When the tap last told of an answer that production gave whole: the loop's time of reading it; 0 = never.
  std::int64_t production_answered_ns = 0;

  // Whether copies may be sent at this very moment. The percentage is the user plane's business.
  bool mirror_is_on() const {
    const bool is_set = control.enabled_set.load(std::memory_order_acquire) != 0;
    return is_set ? control.off.load(std::memory_order_acquire) == 0 : settings.mirror.enabled;
  }

  // What legs read into. Few are at it at any moment, so few buffers serve all of them, and these stay in the cache.
  http::Buffer take_buffer() {
    if (spare_buffers_.empty()) return {};
    http::Buffer buffer = std::move(spare_buffers_.back());
    spare_buffers_.pop_back();
    return buffer;
  }
  void give_back(http::Buffer buffer) {
    buffer.clear();
    const bool is_usual = buffer.capacity() > 0 && buffer.capacity() <= largest_spare_octets;
    if (is_usual && spare_buffers_.size() < spare_limit) spare_buffers_.push_back(std::move(buffer));
  }

 private:
  static constexpr std::size_t largest_spare_octets = 64 * 1024;
  static constexpr std::size_t spare_limit = 16;
  std::vector<http::Buffer> spare_buffers_;
};

}  // namespace understudy::shadow
