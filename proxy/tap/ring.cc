#include "proxy/tap/ring.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace understudy::tap {

using control::add;
using control::get;

namespace {

constexpr std::size_t page = 4096;
constexpr std::size_t smallest = 256 * 1024;
constexpr std::uint32_t restart_frame_size = frame_size(0);

control::Mapping map_data(int fd, control::Mapping::Access access) {
  return control::Mapping(fd, data_offset, control::size_of_memory(fd) - data_offset, access, 2);
}

}  // namespace

std::size_t ring_capacity(std::uint64_t wanted) {
  return std::max<std::size_t>(smallest, static_cast<std::size_t>(wanted) / page * page);
}

// --- RingWriter
// --------------------------------------------------------------------------------------------------------------------------

RingWriter::RingWriter(int slot_fd, const control::ReaderPositions& reader)
    : accounts_(slot_fd, control::Mapping::Access::write),
      data_(map_data(slot_fd, control::Mapping::Access::write)),
      reader_(reader) {
  position_ = get(accounts_->position);
  // The predecessor died between journal and publication, or between publication and count.
  if (get(accounts_->pending_position) != 0 && get(accounts_->pending_position) <= position_ &&
      get(accounts_->pending_exchanges) > get(accounts_->exchanges)) {
    accounts_->exchanges.store(get(accounts_->pending_exchanges), std::memory_order_release);
  }
  accounts_->pending_exchanges.store(get(accounts_->exchanges), std::memory_order_release);
  const std::uint64_t released = reader_.released.load(std::memory_order_acquire);
  if (released <= position_) known_released_ = released;
  // Room for this frame is kept free for ever (free_room). Where even that is used up, an earlier restart frame took it
  // and nothing was opened since.
  if (position_ != 0 && position_ - known_released_ + restart_frame_size <= data_.size()) {
    begin_frame(FrameType::restart, 0, 0, 0);
    publish(restart_frame_size);
  }
}

bool RingWriter::open(const RequestHeadParts& head, std::int64_t time_ns, std::uint64_t& exchange) {
  const std::size_t payload = encoded_size(head);
  if (frame_size(payload) + end_frame_size > free_room()) {
    refuse(head.copies, corrupt_ ? control::DropReason::tap_corrupt : control::DropReason::tap_full);
    return false;
  }
  exchange = get(accounts_->exchanges);
  encode(head, begin_frame(FrameType::request_head, exchange, payload, time_ns));
  reserved_ += end_frame_size;
  accounts_->pending_position.store(position_ + frame_size(payload), std::memory_order_release);
  accounts_->pending_exchanges.store(exchange + head.copies, std::memory_order_release);
  publish(frame_size(payload));
  accounts_->exchanges.store(exchange + head.copies, std::memory_order_release);
  return true;
}

void RingWriter::refuse(std::uint32_t copies, control::DropReason reason) {
  add(accounts_->refused[static_cast<std::size_t>(reason)], copies);
}

bool RingWriter::offer(std::uint64_t exchange, FrameType type, std::span<const std::byte> payload,
                       std::int64_t time_ns) {
  if (frame_size(payload.size()) > free_room()) {
    abandon(exchange, corrupt_ ? control::DropReason::tap_corrupt : control::DropReason::tap_full, time_ns);
    return false;
  }
  std::byte* out = begin_frame(type, exchange, payload.size(), time_ns);
  if (!payload.empty()) std::memcpy(out, payload.data(), payload.size());
  publish(frame_size(payload.size()));
  return true;
}

bool RingWriter::offer(std::uint64_t exchange, const ResponseHeadParts& head, std::int64_t time_ns) {
  const std::size_t payload = encoded_size(head);
  if (frame_size(payload) > free_room()) {
    abandon(exchange, corrupt_ ? control::DropReason::tap_corrupt : control::DropReason::tap_full, time_ns);
    return false;
  }
  // Trailers are a head without a status.
  const FrameType type = head.status == 0 ? FrameType::trailers : FrameType::response_head;
  encode(head, begin_frame(type, exchange, payload, time_ns));
  publish(frame_size(payload));
  return true;
}

bool RingWriter::offer_trailers(std::uint64_t exchange, std::span<const http::Field> trailers, std::int64_t time_ns) {
  const ResponseHeadParts parts{0, trailers};
  return offer(exchange, parts, time_ns);
}

void RingWriter::end(std::uint64_t exchange, std::int64_t time_ns, bool aborted) {
  EndPayload payload{};
  payload.primary_aborted = aborted ? 1 : 0;
  finish(exchange, FrameType::end, &payload, sizeof payload, time_ns);
}

void RingWriter::end_failed(std::uint64_t exchange, control::FailReason reason, std::int64_t time_ns) {
  const EndPayload payload{1, reason, 0, {}};
  finish(exchange, FrameType::end, &payload, sizeof payload, time_ns);
}

void RingWriter::abandon(std::uint64_t exchange, control::DropReason reason, std::int64_t time_ns) {
  const AbandonPayload payload{reason, {}};
  finish(exchange, FrameType::abandon, &payload, sizeof payload, time_ns);
}

void RingWriter::finish(std::uint64_t exchange, FrameType type, const void* payload, std::size_t size,
                        std::int64_t time_ns) {
  std::memcpy(begin_frame(type, exchange, size, time_ns), payload, size);
  reserved_ -= end_frame_size;
  publish(frame_size(size));
}

// Octets that may be offered now, beyond what open exchanges and one restart frame have reserved.
std::uint64_t RingWriter::free_room() {
  const std::uint64_t capacity = data_.size();
  const std::uint64_t kept = reserved_ + restart_frame_size;
  if (position_ - known_released_ + kept + capacity / 4 > capacity) {
    // The reader's line of memory is looked at only when the ring seems three quarters full.
    const std::uint64_t released = reader_.released.load(std::memory_order_acquire);
    const bool sound = released >= known_released_ && released <= position_;
    if (sound) {
      known_released_ = released;
    } else if (!corrupt_) {
      add(accounts_->tap_corrupt);
    }
    corrupt_ = !sound;
    if (corrupt_) return 0;
  }
  const std::uint64_t used = position_ - known_released_ + kept;
  return used >= capacity ? 0 : capacity - used;
}

std::byte* RingWriter::begin_frame(FrameType type, std::uint64_t exchange, std::size_t payload_size,
                                   std::int64_t time_ns) {
  const FrameHeader header{frame_size(payload_size),
                           static_cast<std::uint32_t>(payload_size),
                           static_cast<std::uint16_t>(type),
                           0,
                           0,
                           exchange,
                           time_ns};
  std::byte* at = data_.data() + position_ % data_.size();
  std::memcpy(at, &header, sizeof header);
  return at + sizeof header;
}

void RingWriter::publish(std::uint32_t size) {
  position_ += size;
  accounts_->position.store(position_, std::memory_order_release);
}

// --- RingReader
// --------------------------------------------------------------------------------------------------------------------------

RingReader::RingReader(int slot_fd, control::ReaderPositions& own)
    : accounts_(slot_fd, control::Mapping::Access::read),
      data_(map_data(slot_fd, control::Mapping::Access::read)),
      own_(own) {
  own_.released.store(get(own_.claimed), std::memory_order_release);
}

std::uint64_t RingReader::published() const {
  return accounts_->position.load(std::memory_order_acquire);
}

std::uint64_t RingReader::backlog() const {
  const std::uint64_t position = published();
  const std::uint64_t released = get(own_.released);
  return position > released ? position - released : 0;
}

RingReader::State RingReader::peek(FrameView& frame) {
  const std::uint64_t position = published();
  const std::uint64_t at = get(own_.claimed);
  if (position == at) return State::empty;
  if (position < at || position - at > data_.size() || position - at < sizeof(FrameHeader)) return State::corrupt;
  FrameHeader header;
  std::memcpy(&header, data_.data() + at % data_.size(), sizeof header);
  if (header.size < sizeof header || header.size > position - at || header.payload_size > header.size - sizeof header ||
      header.size != frame_size(header.payload_size)) {
    return State::corrupt;
  }
  frame.type = static_cast<FrameType>(header.type);
  frame.exchange = header.exchange;
  frame.time_ns = header.time_ns;
  frame.payload = {data_.data() + at % data_.size() + sizeof header, header.payload_size};
  frame.next = at + header.size;
  return State::frame;
}

void RingReader::skip_all() {
  const std::uint64_t position = published();
  own_.claimed.store(position, std::memory_order_release);
  own_.released.store(position, std::memory_order_release);
}

void RingReader::claim(const FrameView& frame) {
  own_.claimed.store(frame.next, std::memory_order_release);
}
void RingReader::release(const FrameView& frame) {
  own_.released.store(frame.next, std::memory_order_release);
}

}  // namespace understudy::tap
