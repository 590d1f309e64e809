#include "proxy/shadow/shadow_plane.h"

#include <unistd.h>

#include "proxy/shadow/process.h"
#include "proxy/shadow/turn.h"

namespace understudy::shadow {

using control::DropReason;

namespace {

constexpr std::int64_t grace_ns = 1'000'000'000;
constexpr std::int64_t snapshot_interval_ns = 1'000'000'000;

std::vector<const control::UserAccounts*> accounts_by_slot(const std::vector<Reader::Slot>& slots) {
  std::vector<const control::UserAccounts*> users;
  for (const Reader::Slot& slot : slots) {
    if (users.size() <= slot.number) users.resize(slot.number + 1);
    users[slot.number] = &slot.ring->accounts();
  }
  return users;
}

}  // namespace

ShadowPlane::ShadowPlane(net::Loop& loop, const Settings& settings, control::ShadowAccounts& accounts,
                         const control::Switch& control, std::vector<Reader::Slot> slots, std::uint64_t seed,
                         net::TlsClients tls)
    : world_(loop, settings, accounts, control, seed, std::move(tls)),
      decisions_(accounts),
      exchanges_(world_, decisions_),
      snapshots_(world_, accounts_by_slot(slots)),
      judge_(world_, exchanges_, snapshots_),
      player_(world_, exchanges_, judge_),
      assembler_(world_, exchanges_, judge_),
      reader_(world_, decisions_, exchanges_, assembler_, player_, std::move(slots)) {
  // In this order: what evidence is lost shows once everything is decided.
  decisions_.settle_predecessor(DropReason::shadow_restart);
  snapshots_.restore();
  accounts.pid.store(static_cast<std::uint64_t>(::getpid()), std::memory_order_relaxed);
  player_.on_candidate_returned([this] { snapshots_.candidate_returned(); });
  loop.on_tick([this] { tick(); });
  loop.spawn(judge_.run());
  loop.spawn(snapshots_.run());
  loop.spawn(reader_.run());
}

void ShadowPlane::tick() {
  if (ended_) return;
  Turn turn(world_.accounts);
  const std::int64_t now = world_.loop.now_ns();
  player_.sweep();
  if (snapshots_.poll()) judge_.resume();
  if (ending_) {
    const bool nothing_left = exchanges_.empty() && (*ending_ == Ending::reload || reader_.has_read_everything());
    if (nothing_left || now >= end_by_ns_) {
      turn.forget();
      return finish();
    }
  }
  if (now < next_snapshot_ns_) return;
  next_snapshot_ns_ = now + snapshot_interval_ns;
  world_.accounts.resident_bytes.store(resident_bytes(), std::memory_order_relaxed);
  snapshots_.write();
}

void ShadowPlane::begin_end(Ending ending) {
  if (ended_) return;
  if (!ending_) end_by_ns_ = world_.loop.now_ns() + grace_ns;
  ending_ = ending;
  player_.end_confirmations();
  if (ending == Ending::abandoned) finish();
  if (ending == Ending::reload) {
    reader_.stop_claiming();
    exchanges_.end_unfinished(DropReason::reload);
  }
}

void ShadowPlane::finish() {
  ended_ = true;
  if (*ending_ == Ending::shutdown) reader_.drop_everything(DropReason::shutdown);
  if (*ending_ == Ending::reload) exchanges_.end_all(DropReason::reload);
  snapshots_.write_last();
  // Only so that every leg comes to its end: what this counts, nobody reads.
  if (*ending_ == Ending::abandoned) exchanges_.end_all(DropReason::shadow_restart);
  reader_.stop();
  judge_.stop();
  snapshots_.stop();
  player_.close_idle();
}

}  // namespace understudy::shadow
