#include "proxy/user/primary_pool.h"

#include <algorithm>
#include <cerrno>

namespace understudy::user {
namespace {

constexpr net::Milliseconds two_ticks = 2 * net::Loop::tick_interval;  // in which every thread has had one
constexpr int times_to_ask = 3;
constexpr net::Milliseconds probe_interval{1'000};

PrimaryPool::Failure failure_of(int error) {
  switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:  // no port left
      return PrimaryPool::Failure::exhausted;
    case ETIMEDOUT:
      return PrimaryPool::Failure::timed_out;
    case EPROTO:
      return PrimaryPool::Failure::tls;
    default:
      return PrimaryPool::Failure::refused;
  }
}

}  // namespace

PrimaryPool::PrimaryPool(net::Loop& loop, const UpstreamSettings& settings, const PrimaryAddresses& addresses,
                         PrimaryConnectionCounts& counts, control::UserAccounts& accounts, const net::TlsClient* tls)
    : loop_(loop), settings_(settings), addresses_(addresses), counts_(counts), accounts_(accounts), tls_(tls) {}

control::FailReason PrimaryPool::Acquired::reason() const {
  if (failure == Failure::timed_out) return control::FailReason::connect_timeout;
  return failure == Failure::tls ? control::FailReason::tls : control::FailReason::refused;
}

// Where in `list` the next address is that is not set aside; where all are, the next one.
std::size_t PrimaryPool::in_turn(const PrimaryAddresses::List& list) const {
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::size_t index = (turn_ + i) % list.size();
    if (!list[index]->aside.load(std::memory_order_relaxed)) return index;
  }
  return turn_ % list.size();
}

std::unique_ptr<PrimaryConnection> PrimaryPool::take_idle(bool certain) {
  const PrimaryAddresses::List& list = addresses_.current();
  if (list.empty()) return nullptr;
  const std::size_t index = in_turn(list);
  for (std::size_t i = idle_.size(); i-- > 0;) {
    if (idle_[i]->address != list[index]) continue;
    std::unique_ptr<PrimaryConnection> connection = std::move(idle_[i]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(i));
    // An idle connection on which anything can be read is closed, or carries a response to nobody: it must not be used.
    if (!connection->stream.has_news() && !(certain && connection->stream.is_stale_now())) {
      connection->reused = true;
      turn_ = index + 1;
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

// … if need be, instead of an idle connection to another address than the one whose turn it is, or one given back just
// now.
bool PrimaryPool::reserve_or_replace() {
  if (reserve()) return true;
  if (idle_.empty()) return false;
  discard(std::move(idle_.back()));
  idle_.pop_back();
  return reserve();
}

net::Task<PrimaryPool::Acquired> PrimaryPool::connect() {
  Acquired acquired;
  bool reserved = reserve_or_replace();
  if (!reserved) {
    counts_.waiting.fetch_add(1, std::memory_order_relaxed);
    co_await loop_.sleep(two_ticks);
    reserved = reserve_or_replace();
    // What is taken back for one may go to another who has just come.
    for (int i = 0; !reserved && i < times_to_ask; ++i) {
      const std::uint64_t before = counts_.asked.fetch_add(1, std::memory_order_relaxed);
      co_await loop_.sleep(two_ticks);
      // All wait for the same time: whoever asked before has gone as well.
      hear_up_to(before + 1);
      reserved = reserve_or_replace();
    }
    counts_.waiting.fetch_sub(1, std::memory_order_relaxed);
  }
  if (!reserved) {
    acquired.failure = Failure::exhausted;
    co_return acquired;
  }
  acquired.failure = Failure::refused;
  const PrimaryAddresses::List& list = addresses_.current();
  for (std::size_t tried = 0; tried < list.size(); ++tried) {
    const std::size_t index = in_turn(list);
    // Where all are set aside, one is tried: no user waits for each of them.
    if (tried > 0 && list[index]->aside.load(std::memory_order_relaxed)) break;
    turn_ = index + 1;
    const net::Address address = list[index]->address;
    net::ConnectResult result = co_await net::connect(loop_, address, settings_.connect_timeout, tls_);
    if (result.stream.is_open()) {
      accounts_.primary_connected_ms.store(static_cast<std::uint64_t>(loop_.now_ms()), std::memory_order_relaxed);
      acquired.connection = std::make_unique<PrimaryConnection>();
      acquired.connection->stream = std::move(result.stream);
      acquired.connection->address = list[index];
      acquired.failure = Failure::none;
      co_return acquired;
    }
    acquired.failure = failure_of(result.error);
    if (acquired.failure != Failure::exhausted && list.size() > 1) set_aside(*list[index]);
  }
  // Of ours is what there is not enough of: production may be as well as ever.
  if (acquired.failure != Failure::exhausted)
    accounts_.primary_refused_ms.store(static_cast<std::uint64_t>(loop_.now_ms()), std::memory_order_relaxed);
  counts_.open.fetch_sub(1, std::memory_order_relaxed);
  co_return acquired;
}

void PrimaryPool::set_aside(PrimaryAddress& address) {
  if (address.aside.exchange(true, std::memory_order_relaxed)) return;
  control::add(accounts_.primary_set_aside);
  loop_.spawn(probe(address));
}

// No user waits for this one.
net::Task<void> PrimaryPool::probe(PrimaryAddress& address) {
  const net::Milliseconds patience = std::min(settings_.connect_timeout, probe_interval);
  for (;;) {
    co_await loop_.sleep(probe_interval);
    const bool is_wanted = !stopping_ && leads_to_primary(address);
    if (!is_wanted) break;
    const net::Address where = address.address;
    const net::ConnectResult result = co_await net::connect(loop_, where, patience, tls_);
    if (result.stream.is_open()) break;
  }
  address.aside.store(false, std::memory_order_relaxed);
}

bool PrimaryPool::leads_to_primary(const PrimaryAddress& address) const {
  const PrimaryAddresses::List& list = addresses_.current();
  return std::find(list.begin(), list.end(), &address) != list.end();
}

void PrimaryPool::give_back(std::unique_ptr<PrimaryConnection> connection) {
  connection->stream.expires_after(net::Milliseconds{0});
  connection->idle_since_ms = loop_.now_ms();
  idle_.push_back(std::move(connection));
}

net::Stream PrimaryPool::detach(std::unique_ptr<PrimaryConnection> connection) {
  counts_.open.fetch_sub(1, std::memory_order_relaxed);
  return std::move(connection->stream);
}

void PrimaryPool::discard(std::unique_ptr<PrimaryConnection> connection) {
  connection.reset();
  counts_.open.fetch_sub(1, std::memory_order_relaxed);
}

void PrimaryPool::sweep() {
  const std::int64_t oldest = loop_.now_ms() - settings_.idle_timeout.count();
  const auto gone =
      std::remove_if(idle_.begin(), idle_.end(), [&](const std::unique_ptr<PrimaryConnection>& connection) {
        return connection->idle_since_ms < oldest || connection->stream.has_news() ||
               !leads_to_primary(*connection->address);
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

bool PrimaryPool::claim_wanted() {
  std::uint64_t heard = counts_.heard.load(std::memory_order_relaxed);
  while (heard < counts_.asked.load(std::memory_order_relaxed)) {
    if (counts_.heard.compare_exchange_weak(heard, heard + 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

void PrimaryPool::hear_up_to(std::uint64_t count) {
  std::uint64_t heard = counts_.heard.load(std::memory_order_relaxed);
  while (heard < count && !counts_.heard.compare_exchange_weak(heard, count, std::memory_order_relaxed)) {
  }
}

}  // namespace understudy::user
