// Connects to the primary now and then, so that an idle program still knows whether it is ready. Each probe has a
// thread of its own, because resolving a name can take long; it shares nothing with the plane but its State, and
// nobody waits for it. Where the name cannot be resolved, it goes where it went before, as the user plane does.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/net/stream.h"
#include "proxy/net/tls.h"
#include "proxy/settings.h"

namespace understudy::admin {

class PrimaryProbe {
 public:
  static constexpr std::int64_t interval_ms = 5'000;

  // `tls`: null for http.
  PrimaryProbe(const UpstreamSettings& primary, std::shared_ptr<const net::TlsClient> tls);

  // Called about every tick with the time of the user plane's newest connect, good or bad: probes if that and the last
  // probe are `interval_ms` ago.
  void tick(std::int64_t now_ms, std::int64_t user_connect_ms);

  std::int64_t connected_ms() const { return state_->connected_ms.load(std::memory_order_relaxed); }
  std::int64_t refused_ms() const { return state_->refused_ms.load(std::memory_order_relaxed); }

 private:
  struct State {
    std::atomic<std::int64_t> connected_ms{0}, refused_ms{0};
    std::atomic<bool> busy{false};
    std::vector<net::Address> addresses;  // the last good answer of the resolver; the busy thread's alone
  };

  UpstreamSettings primary_;
  std::shared_ptr<const net::TlsClient> tls_;
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::int64_t probed_ms_ = 0;
};

}  // namespace understudy::admin
