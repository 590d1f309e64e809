#include "proxy/shadow/addresses.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "proxy/net/address.h"

namespace understudy::shadow {
namespace {

constexpr std::chrono::seconds refresh_interval{10};

bool is_literal(const std::string& host) {
  return host.find(':') != std::string::npos || host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

Addresses::Addresses(const Url& url) {
  ask(*last_, url.host, url.port);
  if (!is_literal(url.host)) std::thread(keep_asking, std::weak_ptr(last_), url.host, url.port).detach();
}

std::vector<net::Address> Addresses::current() const {
  const std::lock_guard lock(last_->mutex);
  return last_->addresses;
}

bool Addresses::contains(const net::Address& address) const {
  const std::lock_guard lock(last_->mutex);
  return std::ranges::any_of(last_->addresses,
                             [&](const net::Address& known) { return net::same_address(known, address); });
}

void Addresses::ask(LastAnswer& last, const std::string& host, std::uint16_t port) {
  std::string error;
  std::vector<net::Address> found = net::resolve(host, port, error);
  const std::lock_guard lock(last.mutex);
  if (!found.empty()) last.addresses = std::move(found);
}

void Addresses::keep_asking(std::weak_ptr<LastAnswer> last, std::string host, std::uint16_t port) {
  for (;;) {
    std::this_thread::sleep_for(refresh_interval);
    const std::shared_ptr<LastAnswer> wanted = last.lock();
    if (!wanted) return;
    ask(*wanted, host, port);
  }
}

}  // namespace understudy::shadow
