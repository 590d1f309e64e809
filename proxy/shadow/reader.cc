#include "proxy/shadow/reader.h"

#include <algorithm>

namespace understudy::shadow {

using control::DropReason;
using control::get;

namespace {

constexpr std::size_t frames_per_turn = 256;  // then sockets have their turn
// How often the tap is looked at, by how long ago something was in it.
constexpr std::int64_t busy_for_ns = 100'000'000;
constexpr std::int64_t awake_for_ns = 5'000'000'000;
constexpr std::chrono::milliseconds busy_interval{1};
constexpr std::chrono::milliseconds awake_interval{10};
constexpr std::chrono::milliseconds idle_interval{50};

// How long a frame that cannot be taken may wait in the ring. Longer, and copies would be played long after their
// originals.
constexpr std::int64_t patience_ns = 250'000'000;
// … and a piece of a request's content, until the candidate has taken the pieces before it: this plane may have been
// kept from the processor while they gathered.
constexpr std::int64_t content_patience_ns = 1'000'000'000;
// Exchanges lost at once, at most: more heads than that fit into no ring.
constexpr std::uint64_t largest_loss = 16'000'000;
constexpr std::uint64_t losses_per_step = 1024;

std::chrono::milliseconds interval_after(std::int64_t quiet_ns) {
  if (quiet_ns < busy_for_ns) return busy_interval;
  return quiet_ns < awake_for_ns ? awake_interval : idle_interval;
}

bool is_old(const tap::FrameView& frame, std::int64_t patience) {
  const std::int64_t age = net::Loop::clock_ns() - frame.time_ns;
  return age < 0 || age > patience;
}

bool takes_memory(tap::FrameType type) {
  return type == tap::FrameType::request_body || type == tap::FrameType::response_head ||
         type == tap::FrameType::response_body || type == tap::FrameType::trailers;
}

}  // namespace

Reader::Reader(World& world, control::Decisions& decisions, Exchanges& exchanges, Assembler& assembler, Player& player,
               std::vector<Slot> slots)
    : world_(world),
      decisions_(decisions),
      exchanges_(exchanges),
      assembler_(assembler),
      player_(player),
      slots_(std::move(slots)) {}

net::Task<void> Reader::run() {
  while (!stopped_) {
    look_at_switch();
    control::add(world_.accounts.polls);
    bool more = false;
    for (Slot& slot : slots_) more |= claiming_ && read_slot(slot);
    if (more) {
      co_await world_.loop.yield();
    } else {
      const std::chrono::milliseconds interval = interval_after(net::Loop::clock_ns() - last_frame_ns_);
      co_await world_.loop.sleep(interval);
    }
  }
}

// Every head that is written after this is written under this generation of the switch or a later one (see Leg::play):
// a PUT waits for it.
void Reader::look_at_switch() {
  const std::uint64_t generation = world_.control.generation.load(std::memory_order_acquire);
  world_.accounts.switch_seen.store(generation, std::memory_order_release);
}

// True: there is more than one turn takes.
bool Reader::read_slot(Slot& slot) {
  Step step = Step::taken;
  std::size_t frames = 0;
  for (; frames < frames_per_turn && step == Step::taken; ++frames) step = take_frame(slot);
  if (frames > 1) last_frame_ns_ = net::Loop::clock_ns();
  return step == Step::taken;
}

Reader::Step Reader::take_frame(Slot& slot) {
  tap::FrameView frame;
  switch (slot.ring->peek(frame)) {
    case tap::RingReader::State::empty:
      return Step::none;
    case tap::RingReader::State::corrupt:
      skip_corrupt(slot);
      return Step::taken;
    case tap::RingReader::State::frame:
      break;
  }
  if (frame.type == tap::FrameType::request_head) return take_head(slot, frame);
  if (takes_memory(frame.type) && !dropping_ && !make_room(frame, 0)) return Step::held_back;
  if (!dropping_ && assembler_.outruns_candidate(slot.number, frame) && !is_old(frame, content_patience_ns)) {
    return Step::held_back;
  }
  slot.ring->claim(frame);
  assembler_.take(slot.number, frame);
  slot.ring->release(frame);
  return Step::taken;
}

Reader::Step Reader::take_head(Slot& slot, const tap::FrameView& frame) {
  control::ReaderPositions& positions = world_.accounts.readers[slot.number];
  const std::uint64_t expected = get(positions.claimed_exchanges);
  tap::DecodedRequestHead head;
  if (!tap::decode(frame.payload, head)) {
    skip_corrupt(slot);
    return Step::taken;
  }
  if (frame.exchange < expected) {  // was counted when the ring was found corrupt
    slot.ring->claim(frame);
    slot.ring->release(frame);
    return Step::taken;
  }
  if (!dropping_ && !make_room(frame, head.copies)) return Step::held_back;
  if (frame.exchange > expected) lose(slot, frame.exchange, DropReason::tap_corrupt);

  indexes_.clear();
  for (std::uint32_t i = 0; i < head.copies; ++i) {
    indexes_.push_back(decisions_.prepare(slot.number, frame.exchange + i, frame.next));
  }
  decisions_.claim(slot.number, frame.next, frame.exchange + head.copies);
  const bool has_content = head.message.framing == http::Framing::chunked || head.message.content_length > 0;
  const auto exchange = exchanges_.open(slot.number, frame.exchange, std::move(head), indexes_);
  exchange->primary.started_ns = frame.time_ns;
  if (!has_content) exchange->body.finish();
  slot.ring->release(frame);
  if (dropping_) {
    exchanges_.end_copies(*exchange, control::dropped(drop_reason_));
  } else {
    player_.play(exchange);
  }
  return Step::taken;
}

// False: `frame`, with entries for `copies` copies, must wait. One that has waited long enough gets its room at the
// cost of the oldest exchange; where it is only the candidate that is busy, the player ends the new copies.
bool Reader::make_room(const tap::FrameView& frame, std::size_t copies) {
  const bool fits = decisions_.room() >= copies && !world_.budget.half_used();
  if (fits && (copies == 0 || player_.has_room() || is_old(frame, patience_ns))) return true;
  if (!fits && is_old(frame, patience_ns)) exchanges_.end_oldest(DropReason::in_flight_limit);
  return false;
}

// The heads of exchanges up to `up_to` are lost: counts them as far as they are not counted yet.
void Reader::lose(Slot& slot, std::uint64_t up_to, DropReason reason) {
  const control::ReaderPositions& positions = world_.accounts.readers[slot.number];
  const std::uint64_t position = get(positions.claimed);
  const std::uint64_t first = get(positions.claimed_exchanges);
  if (up_to <= first || up_to - first > largest_loss) return;
  for (std::uint64_t next = first; next < up_to;) {
    if (decisions_.room() == 0) exchanges_.end_oldest(DropReason::in_flight_limit);
    const std::uint64_t count = std::min({up_to - next, losses_per_step, std::uint64_t{decisions_.room()}});
    indexes_.clear();
    for (std::uint64_t i = 0; i < count; ++i) indexes_.push_back(decisions_.prepare(slot.number, next + i, position));
    next += count;
    decisions_.claim(slot.number, position, next);
    for (const control::Decisions::Index index : indexes_) decisions_.decide(index, control::dropped(reason));
  }
}

void Reader::skip_corrupt(Slot& slot) {
  exchanges_.end_slot(slot.number, DropReason::tap_corrupt);
  slot.ring->skip_all();
  lose(slot, slot.ring->accounts().exchanges.load(std::memory_order_acquire), DropReason::tap_corrupt);
}

bool Reader::has_read_everything() const {
  return std::all_of(slots_.begin(), slots_.end(), [this](const Slot& slot) {
    return get(world_.accounts.readers[slot.number].claimed) == slot.ring->published();
  });
}

void Reader::drop_everything(DropReason reason) {
  dropping_ = true;
  drop_reason_ = reason;
  exchanges_.end_all(reason);
  for (Slot& slot : slots_) {
    // What is published meanwhile is somebody else's: a producer that never pauses must not keep this from its end.
    const std::uint64_t end = slot.ring->published();
    while (get(world_.accounts.readers[slot.number].claimed) < end && take_frame(slot) == Step::taken) {
    }
  }
}

}  // namespace understudy::shadow
