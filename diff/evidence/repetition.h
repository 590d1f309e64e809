// Identical requests that come again and again are not as many observations: a stampede on one cached object is one.
// Remembers, per request fingerprint and difference, when it last counted. Bounded memory, about 10 MB; an entry that
// was overwritten lets one repetition count. Caller: evidence.cc.
#pragma once

#include <cstddef>
#include <cstdint>

#include "diff/evidence/paged.h"

namespace understudy::diff {

// Structure, status and failures: caches keep old values, not other shapes, and a load on one single target must reach
// a verdict within a second. At most one discordance counts in each window.
inline constexpr std::int64_t dependence_window_us = 25'000;
// Values: what differs at one target without interruption counts once in so long, where it differs at hardly any other,
// so that it still is proved. Longer than what is cached for a minute.
inline constexpr std::int64_t unbroken_interval_us = 65'000'000;

class Repetitions {
 public:
  // How many exchanges with this request there have been at the endpoint, this one included.
  std::uint32_t note_request(std::uint64_t endpoint_and_fingerprint);

  // Whether the same request has already counted for the same difference in this window.
  bool is_in_window(std::uint64_t difference_and_fingerprint, std::int64_t time_us);

  enum class Novelty : unsigned char {
    first,     // the request never differed here before
    again,     // it did, and not the last time it was asked, or the other way round
    unbroken,  // it did the last time as well, without interruption since it counted, and long ago
    repeated,  // it did the last time as well
  };
  // `request`: from note_request.
  Novelty note_value(std::uint64_t difference_and_fingerprint, std::uint32_t request, bool by_candidate,
                     std::int64_t time_us);

 private:
  struct Request {
    std::uint32_t tag = 0;
    std::uint32_t count = 0;
  };
  struct Window {
    std::uint64_t key = 0;
    std::int64_t number = -1;
  };
  struct Value {
    std::uint32_t tag = 0;
    std::uint32_t last_request = 0;
    std::uint32_t counted_s = 0;  // when an unbroken stretch began, or last counted
    bool by_candidate = false;
  };
  static constexpr std::size_t entries_of_page = 256;
  Paged<Request, entries_of_page> requests_;
  Paged<Window, entries_of_page> windows_;
  Paged<Value, entries_of_page> values_;
};

}  // namespace understudy::diff
