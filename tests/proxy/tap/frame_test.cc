#include "proxy/tap/frame.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace understudy::tap {
namespace {

using Octets = std::vector<std::byte>;

template <class Parts>
Octets encoded(const Parts& parts) {
  Octets octets(encoded_size(parts));
  encode(parts, octets.data());
  return octets;
}

Octets octets_of(const void* data, std::size_t size) {
  Octets octets(size);
  std::memcpy(octets.data(), data, size);
  return octets;
}

const std::vector<http::Field> fields{{"Accept", "text/html"}, {"X-Empty", ""}, {"Accept", "*/*"}};

RequestHeadParts request_parts() {
  RequestHeadParts parts;
  parts.connection = 0x1234'5678'9abc'def0;
  parts.copies = 3;
  parts.framing = http::Framing::content_length;
  parts.content_length = 77;
  parts.method = "POST";
  parts.scheme = "http";
  parts.authority = "shop.example:8080";
  parts.target = "/orders?id=7";
  parts.fields = fields;
  return parts;
}

TEST(Frame, size_is_a_multiple_of_eight_that_holds_header_and_payload) {
  for (std::size_t payload = 0; payload < 40; ++payload) {
    EXPECT_EQ(frame_size(payload) % 8, 0u);
    EXPECT_GE(frame_size(payload), sizeof(FrameHeader) + payload);
    EXPECT_LT(frame_size(payload), sizeof(FrameHeader) + payload + 8);
  }
}

TEST(Frame, request_head_comes_back_as_it_went) {
  DecodedRequestHead head;
  ASSERT_TRUE(decode(encoded(request_parts()), head));
  EXPECT_EQ(head.connection, 0x1234'5678'9abc'def0u);
  EXPECT_EQ(head.copies, 3u);
  EXPECT_EQ(head.message.framing, http::Framing::content_length);
  EXPECT_EQ(head.message.content_length, 77u);
  EXPECT_EQ(head.message.method, "POST");
  EXPECT_EQ(head.message.scheme, "http");
  EXPECT_EQ(head.message.authority, "shop.example:8080");
  EXPECT_EQ(head.message.target, "/orders?id=7");
  const std::vector<http::OwnedField> expected{{"Accept", "text/html"}, {"X-Empty", ""}, {"Accept", "*/*"}};
  EXPECT_EQ(head.message.fields, expected);
}

TEST(Frame, response_head_comes_back_as_it_went_and_forgets_older_trailers) {
  http::ResponseMessage head;
  head.trailers.push_back({"Old", "1"});
  ASSERT_TRUE(decode(encoded(ResponseHeadParts{404, fields}), head));
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.fields.size(), 3u);
  EXPECT_TRUE(head.trailers.empty());
}

TEST(Frame, trailers_are_a_head_without_a_status) {
  std::vector<http::OwnedField> trailers;
  ASSERT_TRUE(decode_trailers(encoded(ResponseHeadParts{0, fields}), trailers));
  EXPECT_EQ(trailers.size(), 3u);
  http::ResponseMessage head;
  EXPECT_FALSE(decode(encoded(ResponseHeadParts{0, fields}), head));
  EXPECT_FALSE(decode_trailers(encoded(ResponseHeadParts{200, fields}), trailers));
}

TEST(Frame, end_and_abandon_come_back_as_they_went) {
  const EndPayload end{1, control::FailReason::truncated, 1, {}};
  EndPayload read_end{};
  ASSERT_TRUE(decode(octets_of(&end, sizeof end), read_end));
  EXPECT_EQ(read_end.primary_failed, 1);
  EXPECT_EQ(read_end.reason, control::FailReason::truncated);
  EXPECT_EQ(read_end.primary_aborted, 1);
  const AbandonPayload abandon{control::DropReason::client_aborted, {}};
  AbandonPayload read_abandon{};
  ASSERT_TRUE(decode(octets_of(&abandon, sizeof abandon), read_abandon));
  EXPECT_EQ(read_abandon.reason, control::DropReason::client_aborted);
}

enum class Kind { request, response, trailers, end, abandon };

bool is_taken(Kind kind, const Octets& octets) {
  DecodedRequestHead request;
  http::ResponseMessage response;
  std::vector<http::OwnedField> trailers;
  EndPayload end{};
  AbandonPayload abandon{};
  switch (kind) {
    case Kind::request:
      return decode(octets, request);
    case Kind::response:
      return decode(octets, response);
    case Kind::trailers:
      return decode_trailers(octets, trailers);
    case Kind::end:
      return decode(octets, end);
    case Kind::abandon:
      return decode(octets, abandon);
  }
  return false;
}

std::vector<std::pair<Kind, Octets>> one_of_each() {
  const EndPayload end{1, control::FailReason::reset, 0, {}};
  const AbandonPayload abandon{control::DropReason::lagging, {}};
  return {{Kind::request, encoded(request_parts())},
          {Kind::response, encoded(ResponseHeadParts{200, fields})},
          {Kind::trailers, encoded(ResponseHeadParts{0, fields})},
          {Kind::end, octets_of(&end, sizeof end)},
          {Kind::abandon, octets_of(&abandon, sizeof abandon)}};
}

TEST(Frame, cut_at_any_octet_is_refused) {
  for (const auto& [kind, whole] : one_of_each()) {
    ASSERT_TRUE(is_taken(kind, whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // A copy of its own, so that the sanitizer sees any octet read beyond it.
      EXPECT_FALSE(is_taken(kind, Octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))) << size;
    }
    Octets longer = whole;
    longer.push_back(std::byte{0});
    EXPECT_FALSE(is_taken(kind, longer));
  }
}

TEST(Frame, with_the_highest_bit_of_a_length_set_is_refused) {
  const Octets whole = encoded(request_parts());
  for (const std::size_t length_at : {24u, 32u, 40u}) {  // of method, scheme, authority
    Octets changed = whole;
    changed[length_at + 3] = std::byte{0x80};
    EXPECT_FALSE(is_taken(Kind::request, changed)) << length_at;
  }
}

TEST(Frame, with_a_value_out_of_range_is_refused) {
  DecodedRequestHead head;
  for (const std::uint32_t copies : {0u, 11u}) {
    RequestHeadParts parts = request_parts();
    parts.copies = copies;
    EXPECT_FALSE(decode(encoded(parts), head));
  }
  http::ResponseMessage response;
  for (const int status : {99, 600, -1}) EXPECT_FALSE(decode(encoded(ResponseHeadParts{status, fields}), response));
  EndPayload end{2, control::FailReason::refused, 0, {}};
  EXPECT_FALSE(decode(octets_of(&end, sizeof end), end));
  end = {1, static_cast<control::FailReason>(control::fail_reason_names.size()), 0, {}};
  EXPECT_FALSE(decode(octets_of(&end, sizeof end), end));
  end = {0, control::FailReason::refused, 2, {}};
  EXPECT_FALSE(decode(octets_of(&end, sizeof end), end));
  AbandonPayload abandon{static_cast<control::DropReason>(control::drop_reason_names.size()), {}};
  EXPECT_FALSE(decode(octets_of(&abandon, sizeof abandon), abandon));
}

TEST(Frame, with_a_false_number_of_fields_allocates_nothing_for_them) {
  Octets octets = encoded(ResponseHeadParts{200, {}});
  const std::uint32_t count = 0xffff'ffff;
  std::memcpy(octets.data() + 4, &count, sizeof count);
  http::ResponseMessage response;
  EXPECT_FALSE(decode(octets, response));
  EXPECT_LE(response.fields.capacity(), 16u);
}

}  // namespace
}  // namespace understudy::tap
