#include "proxy/user/copy.h"

#include <algorithm>

namespace understudy::user {
namespace {

// Pieces small enough that a nearly full ring still takes some of them.
constexpr std::size_t largest_piece = 64 * 1024;

}  // namespace

void Copy::begin(const http::ForwardedRequest& request, int copies, std::uint64_t connection, std::int64_t now_ns) {
  open_ = false;
  if (copies <= 0) return;
  tap::RequestHeadParts parts;
  parts.connection = connection;
  parts.copies = static_cast<std::uint32_t>(copies);
  parts.framing = request.framing();
  parts.content_length = request.content_length();
  parts.method = request.method();
  parts.scheme = request.scheme();
  parts.authority = request.authority();
  parts.target = request.target();
  parts.fields = request.fields();
  open_ = ring_.open(parts, now_ns, exchange_);
}

void Copy::refuse(int copies, control::DropReason reason) {
  open_ = false;
  if (copies > 0) ring_.refuse(static_cast<std::uint32_t>(copies), reason);
}

void Copy::request_body(std::string_view data, std::int64_t now_ns) {
  for (; open_ && !data.empty(); data.remove_prefix(std::min(data.size(), largest_piece))) {
    open_ = ring_.offer(exchange_, tap::FrameType::request_body,
                        std::as_bytes(std::span(data.substr(0, largest_piece))), now_ns);
  }
}

void Copy::request_end(std::int64_t now_ns) {
  if (open_) open_ = ring_.offer(exchange_, tap::FrameType::request_end, {}, now_ns);
}

void Copy::response_head(int status, std::span<const http::Field> fields, std::int64_t now_ns) {
  const tap::ResponseHeadParts parts{status, fields};
  if (open_) open_ = ring_.offer(exchange_, parts, now_ns);
}

void Copy::response_body(std::string_view data, std::int64_t now_ns) {
  for (; open_ && !data.empty(); data.remove_prefix(std::min(data.size(), largest_piece))) {
    open_ = ring_.offer(exchange_, tap::FrameType::response_body,
                        std::as_bytes(std::span(data.substr(0, largest_piece))), now_ns);
  }
}

void Copy::trailers(std::span<const http::Field> fields, std::int64_t now_ns) {
  if (open_ && !fields.empty()) open_ = ring_.offer_trailers(exchange_, fields, now_ns);
}

void Copy::end(std::int64_t now_ns, bool aborted) {
  if (open_) ring_.end(exchange_, now_ns, aborted);
  open_ = false;
}

void Copy::end_failed(control::FailReason reason, std::int64_t now_ns) {
  if (open_) ring_.end_failed(exchange_, reason, now_ns);
  open_ = false;
}

void Copy::abandon(control::DropReason reason, std::int64_t now_ns) {
  if (open_) ring_.abandon(exchange_, reason, now_ns);
  open_ = false;
}

}  // namespace understudy::user
