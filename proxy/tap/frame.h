// What crosses the tap: frames, each a header and a payload, in the order in which the user plane saw the octets. Heads
// travel as version-neutral values. One format for the ring and, later, for recorded files; one reader (decode_*),
// which trusts nothing.
//
//   exchange:  request_head  request_body*  request_end?  response_head  response_body*  trailers?  end
//              ... or, at any point, abandon. Request and response frames may interleave (early responses).
//   restart :  the producer died and its successor took over: every open exchange of this ring is lost
// tap/ may include http/ and control/ alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/control/reasons.h"
#include "proxy/http/field.h"
#include "proxy/http/message.h"

namespace understudy::tap {

enum class FrameType : std::uint16_t {
  request_head = 1,
  request_body,
  request_end,  // the request's content is whole
  response_head,
  response_body,
  trailers,  // of the response
  end,       // the response is whole, or the primary failed: EndPayload
  abandon,   // no more will come: AbandonPayload
  restart,
};

// 32 octets before each payload; frames start at multiples of 8.
struct FrameHeader {
  std::uint32_t size;  // of header, payload and padding: a multiple of 8
  std::uint32_t payload_size;
  std::uint16_t type;
  std::uint16_t reserved16;
  std::uint32_t reserved32;
  std::uint64_t exchange;  // ordinal of the exchange (of its first copy) in its ring
  std::int64_t time_ns;    // CLOCK_MONOTONIC
};
static_assert(sizeof(FrameHeader) == 32);

struct EndPayload {
  std::uint8_t primary_failed;  // 1: `reason` says how
  control::FailReason reason;
  std::uint8_t primary_aborted;  // 1: it ended a warm connection without an answer, and was asked again
  std::uint8_t reserved[5];
};
struct AbandonPayload {
  control::DropReason reason;
  std::uint8_t reserved[7];
};

constexpr std::uint32_t frame_size(std::size_t payload) {
  return static_cast<std::uint32_t>((sizeof(FrameHeader) + payload + 7) & ~std::size_t{7});
}
inline constexpr std::uint32_t end_frame_size = frame_size(sizeof(EndPayload));
static_assert(end_frame_size == frame_size(sizeof(AbandonPayload)));

// A request head as the user plane offers it: views, written into the ring without another copy.
struct RequestHeadParts {
  std::uint64_t connection = 0;  // of the user, unique within the ring's producer
  std::uint32_t copies = 1;      // 1..10
  http::Framing framing = http::Framing::none;
  std::uint64_t content_length = 0;
  std::string_view method, scheme, authority, target;
  std::span<const http::Field> fields;  // as the primary gets them
};
std::size_t encoded_size(const RequestHeadParts& head);
void encode(const RequestHeadParts& head, std::byte* out);  // encoded_size octets

struct ResponseHeadParts {
  int status = 0;
  std::span<const http::Field> fields;
};
std::size_t encoded_size(const ResponseHeadParts& head);
void encode(const ResponseHeadParts& head, std::byte* out);

// The reader's side. False: the payload is malformed; the output is then undefined.
struct DecodedRequestHead {
  std::uint64_t connection = 0;
  std::uint32_t copies = 1;
  http::RequestMessage message;
};
bool decode(std::span<const std::byte> payload, DecodedRequestHead& head);
bool decode(std::span<const std::byte> payload, http::ResponseMessage& head);  // response_head; trailers stay empty
bool decode_trailers(std::span<const std::byte> payload, std::vector<http::OwnedField>& trailers);
bool decode(std::span<const std::byte> payload, EndPayload& end);
bool decode(std::span<const std::byte> payload, AbandonPayload& abandon);

}  // namespace understudy::tap
