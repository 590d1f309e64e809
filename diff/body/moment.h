// Points in time as values write them, and whether they are those of a clock that was read during the exchange. Run
// only on leaves that differ. Caller: value_difference.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "diff/body/value_format.h"
#include "diff/occasion.h"

namespace understudy::diff {

inline constexpr std::int64_t microseconds_a_second = 1'000'000;
// How far a clock may be off, and how long before the first octet it may have been read.
inline constexpr std::int64_t clock_tolerance_us = 5 * microseconds_a_second;

struct Moment {
  std::int64_t local_us = 0;       // since 1970 as written, without its zone
  std::int64_t zone_us = 0;        // how far the zone is ahead of UTC
  std::int64_t resolution_us = 1;  // of the last unit that is written
  unsigned nanoseconds = 0;        // below the microsecond
  bool has_zone = true;
  ValueFormat format = ValueFormat::plain;  // that of format_of; plain for epochs
  // How it is written; views into the text.
  std::string_view zone;
  char separator = 0;
  std::size_t fraction_digits = 0;

  std::int64_t utc_us() const { return local_us - zone_us; }
  double seconds() const { return static_cast<double>(utc_us()) / static_cast<double>(microseconds_a_second); }
};

// RFC 3339 with any zone and fraction, the same without a zone or with a space for the T, a full-date, an HTTP date.
std::optional<Moment> moment_of(std::string_view text);
// An epoch time of 2001..2100 in seconds, ms, us or ns.
std::optional<Moment> moment_of_epoch(std::uint64_t value);
std::optional<Moment> moment_of_epoch(double value);

// Without a zone it is read as UTC: a zone that is left out is another notation.
bool same_instant(const Moment& moment, const Moment& other);
bool same_notation(const Moment& moment, const Moment& other);

// Within 30 days of the exchange. Data has times of all years, and identifiers and sizes look like them.
bool is_near(const Moment& moment, const Occasion& occasion);

// Whether both are the time of the exchange: within its span and the tolerance. Cut to a minute, an hour or a day, they
// are if the span's is, cut alike; without a zone, if there is one offset of whole quarter hours by which both are. Or
// whether both are written to fractions of a second (numbers: within 30 days of the exchange), or lie up to 30 days
// ahead, and are no further apart than two moments of the exchange: what is at a constant distance from the clock.
bool are_clock_readings(const Moment& moment, const Moment& other, const Occasion& occasion);

}  // namespace understudy::diff
