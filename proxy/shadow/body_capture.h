// Collects the content of one answer: whole up to `mirror.body`, JSON up to what the comparison takes (8 MiB) while the
// budget has room for it, beyond that as digests in constant memory.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "diff/body/digest.h"
#include "diff/response.h"
#include "proxy/settings.h"
#include "proxy/shadow/budget.h"

namespace understudy::shadow {

class BodyCapture {
 public:
  BodyCapture(const Settings& settings, Budget& budget);

  // A content announced as too large to keep is digested from its start. Room is taken only for what has come: an
  // announcement costs its sender nothing.
  void expect(std::uint64_t length, diff::Response& response);
  // False: the budget is exhausted, nothing was taken.
  bool append(std::string_view piece, diff::Response& response);
  // Call once, last. `cut_off`: the reader stopped before the content's end.
  void finish(bool cut_off, diff::Response& response);
  // Gives the room back: the response will not be looked at any more.
  void drop(diff::Response& response);

  std::uint64_t size() const { return size_; }

 private:
  bool keeps_more(std::uint64_t size, const diff::Response& response) const;
  void turn_to_digest(diff::Response& response);

  Charge charge_;
  std::uint64_t keep_;
  std::uint64_t blocks_;
  std::uint64_t size_ = 0;
  std::optional<diff::Digester> digester_;
};

}  // namespace understudy::shadow
