// The tap's memory: a single-producer single-consumer ring of frames between two processes that may die at any moment
// and trust each other with nothing. One per thread of the user plane ("slot"); the supervisor owns it, so that it
// outlives both ends.
//
//   slot memory (writer: user plane)    UserAccounts | pages up to data_offset | capacity octets of frames, mapped
//   twice in a row reader positions (writer: shadow)   ShadowAccounts::readers[slot]
//
//   0 ......... released ......... claimed ......... position ......... released + capacity      (64-bit, ever growing;
//   modulo capacity in memory)
//     reusable            being read        published           free, less what open exchanges have reserved for their
//     last frame
//
// Neither end waits, wakes or calls the kernel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "proxy/control/counters.h"
#include "proxy/control/shared_memory.h"
#include "proxy/tap/frame.h"

namespace understudy::tap {

inline constexpr std::size_t data_offset = 64 * 1024;
static_assert(sizeof(control::UserAccounts) <= data_offset);

// Octets of a slot's memory for a ring of about `capacity` octets (rounded down to pages, at least 256 KiB).
std::size_t ring_capacity(std::uint64_t wanted);
inline std::size_t slot_memory_size(std::size_t capacity) {
  return data_offset + capacity;
}

// The producer: one thread of the user plane.
class RingWriter {
 public:
  // `slot_fd` writable. `reader` is the shadow plane's read-only positions of this slot. Takes over from a dead
  // predecessor: finishes or undoes a half-done publication and publishes `restart`, so that what it left open is
  // settled as user_restart.
  RingWriter(int slot_fd, const control::ReaderPositions& reader);

  control::UserAccounts& accounts() { return *accounts_; }

  // Offers an exchange: publishes its head frame (which *is* the count of eligible exchanges: `copies` of them) and
  // reserves room for its end. False: no room; the exchange was counted as refused{tap_full} (or tap_corrupt), and
  // nothing more may be offered for it.
  bool open(const RequestHeadParts& head, std::int64_t time_ns, std::uint64_t& exchange);

  // Counts an exchange as eligible and as dropped: it is not offered at all.
  void refuse(std::uint32_t copies, control::DropReason reason);

  // Offers a later frame of an open exchange. False: no room; the exchange was abandoned as tap_full and is closed.
  bool offer(std::uint64_t exchange, FrameType type, std::span<const std::byte> payload, std::int64_t time_ns);
  bool offer(std::uint64_t exchange, const ResponseHeadParts& head, std::int64_t time_ns);
  bool offer_trailers(std::uint64_t exchange, std::span<const http::Field> trailers, std::int64_t time_ns);

  // The last frame of an exchange: always has its room. `aborted`: as in EndPayload.
  void end(std::uint64_t exchange, std::int64_t time_ns, bool aborted = false);
  void end_failed(std::uint64_t exchange, control::FailReason reason, std::int64_t time_ns);
  void abandon(std::uint64_t exchange, control::DropReason reason, std::int64_t time_ns);

 private:
  std::uint64_t free_room();
  std::byte* begin_frame(FrameType type, std::uint64_t exchange, std::size_t payload_size, std::int64_t time_ns);
  void publish(std::uint32_t size);
  void finish(std::uint64_t exchange, FrameType type, const void* payload, std::size_t size, std::int64_t time_ns);

  control::Shared<control::UserAccounts> accounts_;
  control::Mapping data_;
  const control::ReaderPositions& reader_;
  std::uint64_t position_ = 0;
  std::uint64_t known_released_ = 0;
  std::uint64_t reserved_ = 0;
  bool corrupt_ = false;
};

// One frame as the reader finds it; the payload points into the ring and holds until release().
struct FrameView {
  FrameType type{};
  std::uint64_t exchange = 0;
  std::int64_t time_ns = 0;
  std::span<const std::byte> payload;
  std::uint64_t next = 0;  // position after the frame
};

// The consumer: the shadow plane. Claiming goes through control::Decisions (head frames) or claim(); releasing is here.
class RingReader {
 public:
  // `slot_fd` may be read-only. Starts at the claimed position that `own` holds.
  RingReader(int slot_fd, control::ReaderPositions& own);

  const control::UserAccounts& accounts() const { return *accounts_; }

  enum class State { empty, frame, corrupt };
  // The next frame, not claimed yet. corrupt: what stands there cannot be a frame; skip_all() goes on behind everything
  // published.
  State peek(FrameView& frame);
  // The frame is claimed by whoever calls (Decisions::claim, or this, for frames that open no exchange).
  void claim(const FrameView& frame);
  // The frame's memory may be reused.
  void release(const FrameView& frame);
  // After State::corrupt: goes on behind everything published. The caller accounts for the exchanges that this loses.
  void skip_all();
  std::uint64_t published() const;
  std::uint64_t backlog() const;  // published octets that are not released

 private:
  control::Shared<const control::UserAccounts> accounts_;
  control::Mapping data_;
  control::ReaderPositions& own_;
};

}  // namespace understudy::tap
