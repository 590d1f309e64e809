// The shadow plane put together, on a loop: the way of a copy is reader -> assembler -> player -> legs -> judge.
// plane.cc runs it as a process; tests run it beside a scripted origin.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "proxy/control/decisions.h"
#include "proxy/shadow/assembler.h"
#include "proxy/shadow/exchanges.h"
#include "proxy/shadow/judge.h"
#include "proxy/shadow/player.h"
#include "proxy/shadow/reader.h"
#include "proxy/shadow/snapshots.h"
#include "proxy/shadow/world.h"

namespace understudy::shadow {

// How a plane ends: whether it still claims what is published, how long it may finish what it has, and what the rest is
// counted as.
enum class Ending : std::uint8_t {
  shutdown,   // claims everything, has a second, the rest is `shutdown`
  reload,     // claims nothing more, has a second, the rest is `reload`
  abandoned,  // at once; nothing is counted, because nobody is there to read it
};

class ShadowPlane {
 public:
  // Settles what a predecessor left (shadow_restart), restores the evidence, starts its tasks on `loop`. All arguments
  // but `slots` must outlive it, and it must outlive its tasks: the loop has run them to their end a few milliseconds
  // after ended() has turned true.
  ShadowPlane(net::Loop& loop, const Settings& settings, control::ShadowAccounts& accounts,
              const control::Switch& control, std::vector<Reader::Slot> slots, std::uint64_t seed,
              net::TlsClients tls = {});

  // Begins to end; a later call can only hasten it.
  void begin_end(Ending ending);
  bool ended() const { return ended_; }
  Player& player() { return player_; }
  // What has been seen so far.
  const diff::Evidence& evidence() { return snapshots_.evidence(); }
  // Called by the loop's tick: housekeeping, and the progress of the end.
  void tick();

 private:
  void finish();

  World world_;
  control::Decisions decisions_;
  Exchanges exchanges_;
  Snapshots snapshots_;
  Judge judge_;
  Player player_;
  Assembler assembler_;
  Reader reader_;
  std::optional<Ending> ending_;
  std::int64_t end_by_ns_ = 0;
  std::int64_t next_snapshot_ns_ = 0;
  bool ended_ = false;
};

}  // namespace understudy::shadow
