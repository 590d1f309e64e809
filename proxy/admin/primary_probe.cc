#include "proxy/admin/primary_probe.h"

#include <algorithm>
#include <exception>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "proxy/net/address.h"

namespace understudy::admin {
namespace {

net::Task<void> connect_to_any(net::Loop& loop, const std::vector<net::Address>& addresses, Milliseconds timeout,
                               const net::TlsClient* tls, bool& connected) {
  for (const net::Address& address : addresses) {
    const net::ConnectResult result = co_await net::connect(loop, address, timeout, tls);
    if (result.error == 0) {
      connected = true;
      co_return;
    }
  }
}

bool can_connect(const UpstreamSettings& primary, const net::TlsClient* tls, std::vector<net::Address>& addresses) {
  std::string error;
  std::vector<net::Address> found = net::resolve(primary.url.host, primary.url.port, error);
  if (!found.empty()) addresses = std::move(found);
  net::Loop loop;
  bool connected = false;
  loop.spawn(connect_to_any(loop, addresses, primary.connect_timeout, tls, connected));
  loop.run();
  return connected;
}

}  // namespace

PrimaryProbe::PrimaryProbe(const UpstreamSettings& primary, std::shared_ptr<const net::TlsClient> tls)
    : primary_(primary), tls_(std::move(tls)) {}

void PrimaryProbe::tick(std::int64_t now_ms, std::int64_t user_connect_ms) {
  const bool never = probed_ms_ == 0 && user_connect_ms == 0;
  if (!never && now_ms - std::max(probed_ms_, user_connect_ms) < interval_ms) return;
  if (state_->busy.exchange(true)) return;
  probed_ms_ = now_ms;
  try {
    std::thread([primary = primary_, tls = tls_, state = state_] {
      try {
        const bool connected = can_connect(primary, tls.get(), state->addresses);
        (connected ? state->connected_ms : state->refused_ms)
            .store(net::Loop::clock_ns() / 1'000'000, std::memory_order_relaxed);
      } catch (const std::exception&) {
        // No descriptor or memory to be had: that says nothing of the primary.
      }
      state->busy.store(false);
    }).detach();
  } catch (const std::system_error&) {
    state_->busy.store(false);  // no thread to be had: the next tick tries again
  }
}

}  // namespace understudy::admin
