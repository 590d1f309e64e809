#include "proxy/shadow/upstream.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "proxy/net/address.h"

namespace understudy::shadow {
namespace {

// An upstream that fills its limit and answers nothing for so long is asked once more, beyond the limit, this often: so
// one that comes back is noticed before the legs that it left hanging have timed out.
constexpr std::int64_t silence_ns = 1'000'000'000;

}  // namespace

Upstream::Upstream(World& world, control::Role role, const ShadowTargetSettings& settings)
    : world_(world),
      role_(role),
      settings_(settings),
      addresses_(settings.url),
      tls_(role == control::Role::candidate ? world.tls.candidate : world.tls.secondary),
      breaker_(policy::BreakerSettings{}, world.random.next()),
      health_(world, role, settings.url),
      limit_(std::min(world.settings.mirror.in_flight, settings.connections)) {}

Upstream::Admission Upstream::admit() {
  const std::int64_t now = world_.loop.now_ns();
  if (!has_room() && !may_probe()) return {Refusal::in_flight_limit, {}};
  const std::optional<policy::Breaker::Permit> permit = breaker_.try_acquire(now);
  if (!permit) return {Refusal::breaker_open, {}};
  next_probe_ns_ = now + silence_ns;
  ++in_flight_;
  return {Refusal::none, *permit};
}

bool Upstream::may_probe() const {
  const std::int64_t now = world_.loop.now_ns();
  return now - answered_ns_ > silence_ns && now >= next_probe_ns_;
}

void Upstream::leave(policy::Breaker::Permit permit, Experience experience) {
  --in_flight_;
  if (experience == Experience::answered) {
    answered_ns_ = world_.loop.now_ns();
    breaker_.succeeded(permit);
  }
  if (experience == Experience::failed) breaker_.failed(permit, world_.loop.now_ns());
}

Upstream::Idle Upstream::take_idle(bool certain) {
  while (!idle_.empty()) {
    Idle idle = std::move(idle_.back());
    idle_.pop_back();
    // An idle connection on which anything can be read is closed, or carries a response to nobody.
    if (!idle.stream.has_news() && !(certain && idle.stream.is_stale_now())) return idle;
  }
  return {};
}

void Upstream::keep(net::Stream stream) {
  stream.expires_after(Milliseconds{0});
  const net::Address peer = net::peer_address(stream.fd());
  idle_.push_back({std::move(stream), world_.loop.now_ms(), peer});
}

net::Task<net::ConnectResult> Upstream::connect() {
  const std::vector<net::Address> addresses = addresses_.current();
  net::ConnectResult result;
  result.error = ECONNREFUSED;
  for (const net::Address& address : addresses) {
    result = co_await net::connect(world_.loop, address, settings_.connect_timeout, tls_.get());
    if (result.stream.is_open()) break;
  }
  const bool is_refused = !result.stream.is_open() && (result.error == ECONNREFUSED || result.error == ECONNRESET);
  if (is_refused) health_.refused();
  co_return result;
}

void Upstream::sweep() {
  health_.tick(breaker_.state() != policy::Breaker::State::closed);
  const std::int64_t oldest = world_.loop.now_ms() - settings_.idle_timeout.count();
  std::erase_if(idle_, [&](const Idle& idle) {
    return idle.since_ms < oldest || idle.stream.has_news() || !addresses_.contains(idle.peer);
  });
  const std::string news = tls_ ? tls_->news(world_.loop.now_ms()) : "";
  if (news.empty()) return;
  const std::string_view role = control::role_names[static_cast<std::size_t>(role_)];
  std::fprintf(stderr, "us-shadow: %.*s: %s\n", static_cast<int>(role.size()), role.data(), news.c_str());
}

}  // namespace understudy::shadow
