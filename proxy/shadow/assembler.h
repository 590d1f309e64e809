// Puts the frames of an exchange together again: the request's content for the legs, the primary's answer for the
// judge. Caller: reader.cc, for every frame that is not a request head.
#pragma once

#include <string_view>

#include "proxy/shadow/exchanges.h"
#include "proxy/shadow/judge.h"
#include "proxy/tap/ring.h"

namespace understudy::shadow {

class Assembler {
 public:
  Assembler(World& world, Exchanges& exchanges, Judge& judge) : world_(world), exchanges_(exchanges), judge_(judge) {}

  // Takes a claimed frame of `slot`; nothing of it is needed afterwards. Frames of unknown exchanges are skipped.
  // Nonsense ends the exchange's copies as tap_corrupt.
  void take(unsigned slot, const tap::FrameView& frame);
  // The frame is content of a request that a candidate is being sent and has not taken enough of, or that waits for its
  // turn (order.h): with this piece the copy would count as lagging.
  bool outruns_candidate(unsigned slot, const tap::FrameView& frame) const;

 private:
  void note_production(const tap::FrameView& frame);
  bool take_part(Exchange& exchange, const tap::FrameView& frame);
  bool take_request_body(Exchange& exchange, std::string_view piece);
  bool take_end(Exchange& exchange, const tap::FrameView& frame);
  void give_up_laggards(Exchange& exchange);

  World& world_;
  Exchanges& exchanges_;
  Judge& judge_;
};

}  // namespace understudy::shadow
