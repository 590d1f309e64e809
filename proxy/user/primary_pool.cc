#include "proxy/user/primary_pool.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "proxy/net/address.h"

namespace understudy::user {
namespace {

constexpr int ticks_to_yield = 3;  // in which every other thread has had a tick

}  // namespace

PrimaryAddresses::PrimaryAddresses(const Url& url) : url_(url) {
  all_.push_back(std::make_unique<const std::vector<net::Address>>());
  current_.store(all_.back().get(), std::memory_order_release);
  literal_ = url.host.find_first_not_of("0123456789.") == std::string::npos || url.host.find(':') != std::string::npos;
  refresh();
}

bool PrimaryAddresses::refresh() {
  std::string error;
  std::vector<net::Address> found = net::resolve(url_.host, url_.port, error);
  const auto same = [](const net::Address& a, const net::Address& b) {
    return a.size == b.size && std::memcmp(&a.storage, &b.storage, a.size) == 0;
  };
  // Resolvers turn the list from answer to answer: another order is nothing new, and every list that is published
  // stays.
  if (found.empty() || std::is_permutation(found.begin(), found.end(), current().begin(), current().end(), same))
    return false;
  all_.push_back(std::make_unique<const std::vector<net::Address>>(std::move(found)));
  current_.store(all_.back().get(), std::memory_order_release);
  return true;
}

PrimaryPool::PrimaryPool(net::Loop& loop, const UpstreamSettings& settings, const PrimaryAddresses& addresses,
                         PrimaryConnectionCounts& counts, control::UserAccounts& accounts)
    : loop_(loop), settings_(settings), addresses_(addresses), counts_(counts), accounts_(accounts) {}

std::unique_ptr<PrimaryConnection> PrimaryPool::take_idle(bool certain) {
  while (!idle_.empty()) {
    std::unique_ptr<PrimaryConnection> connection = std::move(idle_.back());
    idle_.pop_back();
    // An idle connection on which anything can be read is closed, or carries a response to nobody: it must not be used.
    if (!connection->stream.has_news() && !(certain && connection->stream.is_stale_now())) {
      connection->reused = true;
      return connection;
    }
    discard(std::move(connection));
  }
  return nullptr;
}

bool PrimaryPool::reserve() {
  const bool reserved = counts_.open.fetch_add(1, std::memory_order_relaxed) < settings_.connections;
  if (!reserved) counts_.open.fetch_sub(1, std::memory_order_relaxed);
  return reserved;
}

net::Task<PrimaryPool::Acquired> PrimaryPool::connect() {
  Acquired acquired;
  bool reserved = reserve();
  for (int ticks = 0; !reserved && ticks < ticks_to_yield; ++ticks) {
    counts_.waiting.fetch_add(1, std::memory_order_relaxed);
    co_await loop_.sleep(net::Loop::tick_interval);
    counts_.waiting.fetch_sub(1, std::memory_order_relaxed);
    reserved = reserve();
  }
  if (!reserved) {
    acquired.failure = Failure::exhausted;
    co_return acquired;
  }
  acquired.failure = Failure::refused;
  const std::vector<net::Address>& addresses = addresses_.current();
  for (std::size_t tried = 0; tried < addresses.size(); ++tried) {
    const net::Address address = addresses[next_address_ % addresses.size()];
    net::ConnectResult result = co_await net::connect(loop_, address, settings_.connect_timeout);
    if (result.stream.is_open()) {
      accounts_.primary_connected_ms.store(static_cast<std::uint64_t>(loop_.now_ms()), std::memory_order_relaxed);
      acquired.connection = std::make_unique<PrimaryConnection>();
      acquired.connection->stream = std::move(result.stream);
      acquired.failure = Failure::none;
      co_return acquired;
    }
    ++next_address_;  // the next exchange begins with the next address, too
    acquired.failure = result.error == ETIMEDOUT                          ? Failure::timed_out
                       : result.error == EMFILE || result.error == ENFILE ? Failure::exhausted
                                                                          : Failure::refused;
  }
  accounts_.primary_refused_ms.store(static_cast<std::uint64_t>(loop_.now_ms()), std::memory_order_relaxed);
  counts_.open.fetch_sub(1, std::memory_order_relaxed);
  co_return acquired;
}

void PrimaryPool::give_back(std::unique_ptr<PrimaryConnection> connection) {
  connection->stream.expires_after(net::Milliseconds{0});
  connection->idle_since_ms = loop_.now_ms();
  idle_.push_back(std::move(connection));
}

void PrimaryPool::discard(std::unique_ptr<PrimaryConnection> connection) {
  connection.reset();
  counts_.open.fetch_sub(1, std::memory_order_relaxed);
}

void PrimaryPool::sweep() {
  const std::int64_t oldest = loop_.now_ms() - settings_.idle_timeout.count();
  const auto gone =
      std::remove_if(idle_.begin(), idle_.end(), [&](const std::unique_ptr<PrimaryConnection>& connection) {
        return connection->idle_since_ms < oldest || connection->stream.has_news();
      });
  counts_.open.fetch_sub(static_cast<std::uint32_t>(idle_.end() - gone), std::memory_order_relaxed);
  idle_.erase(gone, idle_.end());
}

void PrimaryPool::close_idle() {
  counts_.open.fetch_sub(static_cast<std::uint32_t>(idle_.size()), std::memory_order_relaxed);
  idle_.clear();
}

void PrimaryPool::yield_idle() {
  if (counts_.waiting.load(std::memory_order_relaxed) != 0) close_idle();
}

}  // namespace understudy::user
