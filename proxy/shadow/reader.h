// Reads the rings of all slots in turn: claims frames, opens exchanges, hands everything on, releases. There is no
// wake-up path in the tap, so it polls. The ring is also the queue: what cannot be taken right now stays there for a
// moment, and what is too old for that goes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "proxy/control/decisions.h"
#include "proxy/shadow/assembler.h"
#include "proxy/shadow/exchanges.h"
#include "proxy/shadow/player.h"
#include "proxy/tap/ring.h"

namespace understudy::shadow {

class Reader {
 public:
  struct Slot {
    unsigned number;
    std::unique_ptr<tap::RingReader> ring;
  };
  Reader(World& world, control::Decisions& decisions, Exchanges& exchanges, Assembler& assembler, Player& player,
         std::vector<Slot> slots);

  // Polls until stop(). To be spawned once.
  net::Task<void> run();
  void stop() { stopped_ = true; }
  // From now on nothing is claimed any more; polling goes on, so that the switch is seen.
  void stop_claiming() { claiming_ = false; }

  // Whether everything published has been claimed.
  bool has_read_everything() const;
  // Claims everything that is published and ends it as `reason`, unplayed.
  void drop_everything(control::DropReason reason);

  const std::vector<Slot>& slots() const { return slots_; }

 private:
  enum class Step : std::uint8_t { none, taken, held_back };
  void look_at_switch();
  bool read_slot(Slot& slot);
  Step take_frame(Slot& slot);
  Step take_head(Slot& slot, const tap::FrameView& frame);
  bool make_room(const tap::FrameView& frame, std::size_t copies);
  void lose(Slot& slot, std::uint64_t up_to, control::DropReason reason);
  void skip_corrupt(Slot& slot);

  World& world_;
  control::Decisions& decisions_;
  Exchanges& exchanges_;
  Assembler& assembler_;
  Player& player_;
  std::vector<Slot> slots_;
  std::vector<control::Decisions::Index> indexes_;  // of the head at hand; a member for its memory
  std::int64_t last_frame_ns_ = 0;
  bool stopped_ = false;
  bool claiming_ = true;
  bool dropping_ = false;  // drop_everything() is at work
  control::DropReason drop_reason_{};
};

}  // namespace understudy::shadow
