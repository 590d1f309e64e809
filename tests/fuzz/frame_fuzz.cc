// The tap's reader on memory that a hostile or broken producer wrote: RingReader::peek on any ring and any positions,
// and every decoder on what it gives. Input: published position (3 octets) | claimed position (3 octets) | what the
// ring holds from the claimed position on.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <span>
#include <vector>

#include "proxy/tap/ring.h"

namespace {

using namespace understudy;

constexpr std::size_t capacity = 256 * 1024;

struct Slot {
  int fd = control::create_shared_memory("fuzz", tap::slot_memory_size(capacity));
  control::Shared<control::UserAccounts> accounts{fd, control::Mapping::Access::write};
  control::Mapping ring{fd, tap::data_offset, capacity, control::Mapping::Access::write, 2};
  control::ReaderPositions positions;
};

Slot& slot() {
  static Slot instance;
  return instance;
}

std::uint64_t position_at(const std::uint8_t* data) {
  return static_cast<std::uint64_t>(data[0]) | static_cast<std::uint64_t>(data[1]) << 8 |
         static_cast<std::uint64_t>(data[2]) << 16;
}

void require(bool holds) {
  if (!holds) std::abort();
}

// What a decoder takes, an encoder gives back octet by octet.
void decode_everything(std::span<const std::byte> payload) {
  tap::DecodedRequestHead request;
  if (tap::decode(payload, request)) {
    tap::RequestHeadParts parts;
    parts.connection = request.connection;
    parts.copies = request.copies;
    parts.framing = request.message.framing;
    parts.content_length = request.message.content_length;
    parts.method = request.message.method;
    parts.scheme = request.message.scheme;
    parts.authority = request.message.authority;
    parts.target = request.message.target;
    std::vector<http::Field> fields;
    for (const http::OwnedField& field : request.message.fields) fields.push_back({field.name, field.value});
    parts.fields = fields;
    std::vector<std::byte> again(tap::encoded_size(parts));
    tap::encode(parts, again.data());
    require(std::equal(again.begin(), again.end(), payload.begin(), payload.end()));
  }
  http::ResponseMessage response;
  tap::decode(payload, response);
  std::vector<http::OwnedField> trailers;
  tap::decode_trailers(payload, trailers);
  tap::EndPayload end{};
  tap::decode(payload, end);
  tap::AbandonPayload abandon{};
  tap::decode(payload, abandon);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 6) return 0;
  Slot& memory = slot();
  const std::uint64_t claimed = position_at(data + 3);
  const std::size_t held = std::min(size - 6, capacity);
  std::memcpy(memory.ring.data() + claimed % capacity, data + 6, held);
  memory.accounts->position = position_at(data);
  memory.positions.claimed = claimed;

  tap::RingReader reader(memory.fd, memory.positions);
  tap::FrameView frame;
  for (;;) {
    const std::uint64_t before = control::get(memory.positions.claimed);
    const tap::RingReader::State state = reader.peek(frame);
    if (state == tap::RingReader::State::empty) break;
    if (state == tap::RingReader::State::corrupt) {
      reader.skip_all();
      require(reader.peek(frame) == tap::RingReader::State::empty);
      break;
    }
    // A frame lies whole in the mapping and in what is published, and the reader gets on.
    require(frame.next > before && frame.next <= reader.published() && frame.payload.size() <= capacity);
    require(frame.payload.size() + sizeof(tap::FrameHeader) <= frame.next - before);
    // A copy of its own, so that the sanitizer sees any octet read beyond it.
    const std::vector<std::byte> payload(frame.payload.begin(), frame.payload.end());
    decode_everything(payload);
    reader.claim(frame);
    reader.release(frame);
  }
  decode_everything(std::as_bytes(std::span(data, size)));
  std::memset(memory.ring.data() + claimed % capacity, 0, held);  // each input starts on an empty ring
  return 0;
}
