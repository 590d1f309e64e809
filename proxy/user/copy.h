// The tap's side of one exchange: offers what passes, until the exchange is whole, abandoned or refused. Every call is
// a no-op once that is so, and for an exchange that is not mirrored; none can fail, wait or touch what the user gets.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/http/field.h"
#include "proxy/http/forward.h"
#include "proxy/tap/ring.h"

namespace understudy::user {

class Copy {
 public:
  explicit Copy(tap::RingWriter& ring) : ring_(ring) {}

  bool is_open() const { return open_; }

  // To be called once per exchange, with copies = 0 for one that is not mirrored.
  void begin(const http::ForwardedRequest& request, int copies, std::uint64_t connection, std::int64_t now_ns);
  // Instead of begin(): an exchange that was selected, and is given up before it begins.
  void refuse(int copies, control::DropReason reason);
  void request_body(std::string_view data, std::int64_t now_ns);
  void request_end(std::int64_t now_ns);
  void response_head(int status, std::span<const http::Field> fields, std::int64_t now_ns);
  void response_body(std::string_view data, std::int64_t now_ns);
  void trailers(std::span<const http::Field> fields, std::int64_t now_ns);
  // `aborted`: the primary ended a warm connection without an answer, and was asked again.
  void end(std::int64_t now_ns, bool aborted);
  void end_failed(control::FailReason reason, std::int64_t now_ns);
  void abandon(control::DropReason reason, std::int64_t now_ns);

 private:
  tap::RingWriter& ring_;
  std::uint64_t exchange_ = 0;
  bool open_ = false;
};

}  // namespace understudy::user
