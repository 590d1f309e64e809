// A slot of the tap as the supervisor makes it, with both ends in this process.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "proxy/tap/ring.h"

namespace understudy::tap {

inline constexpr std::size_t smallest_capacity = 256 * 1024;

struct Slot {
  explicit Slot(std::size_t capacity = smallest_capacity)
      : fd(control::create_shared_memory("slot", slot_memory_size(capacity))),
        readable(control::read_only_descriptor(fd)),
        positions_fd(control::create_shared_memory("positions", sizeof(control::ReaderPositions))),
        accounts(fd, control::Mapping::Access::write),
        positions(positions_fd, control::Mapping::Access::write) {}
  ~Slot() {
    ::close(positions_fd);
    ::close(fd);
    ::close(readable);
  }
  Slot(const Slot&) = delete;
  Slot& operator=(const Slot&) = delete;

  RingWriter writer() { return RingWriter(fd, *positions); }
  RingReader reader() { return RingReader(readable, *positions); }
  std::uint64_t exchanges() const { return control::get(accounts->exchanges); }
  std::uint64_t position() const { return control::get(accounts->position); }
  std::uint64_t refused(control::DropReason reason) const {
    return control::get(accounts->refused[static_cast<std::size_t>(reason)]);
  }

  int fd;
  int readable;
  int positions_fd;
  control::Shared<control::UserAccounts> accounts;
  control::Shared<control::ReaderPositions> positions;
};

inline RequestHeadParts small_request(std::uint32_t copies = 1) {
  RequestHeadParts parts;
  parts.copies = copies;
  parts.method = "GET";
  parts.scheme = "http";
  parts.authority = "a";
  parts.target = "/";
  return parts;
}

inline std::span<const std::byte> as_octets(const std::string& text) {
  return std::as_bytes(std::span(text));
}

struct ReadFrame {
  FrameType type;
  std::uint64_t exchange;
  std::int64_t time_ns;
  std::string payload;
};

// Takes one frame as the shadow plane does: peeks, claims, copies, releases. False where there is none.
inline bool take(RingReader& reader, ReadFrame& read) {
  FrameView frame;
  if (reader.peek(frame) != RingReader::State::frame) return false;
  reader.claim(frame);
  read = {frame.type, frame.exchange, frame.time_ns,
          std::string(reinterpret_cast<const char*>(frame.payload.data()), frame.payload.size())};
  reader.release(frame);
  return true;
}

inline std::vector<ReadFrame> take_all(RingReader& reader) {
  std::vector<ReadFrame> frames;
  for (ReadFrame frame; take(reader, frame);) frames.push_back(frame);
  return frames;
}

}  // namespace understudy::tap
