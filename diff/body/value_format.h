// What a scalar value looks like: dates, identifiers, tokens, addresses (DIFF.md 2.1). Run only on leaves that differ.
// Callers: value_difference.cc, moment.cc.
#pragma once

#include <cstdint>
#include <string_view>

namespace understudy::diff {

enum class ValueFormat : unsigned char {
  plain,
  date_time,        // RFC 3339
  local_date_time,  // the same without an offset, or with a space for the T
  date,             // full-date of RFC 3339
  http_date,        // RFC 1123 as in RFC 9110 5.6.7
  uuid,
  ulid,
  jwt,
  url,
  ip_address,
  epoch_seconds,
  epoch_milliseconds,
  epoch_microseconds,
  epoch_nanoseconds,  // digits that fall into 2001..2100
  hex_token,          // at least 16 hexadecimal digits of one case, letters and digits
  base64_token,       // at least 16 of the base64 or base64url alphabet, upper case, lower case and digits
};

ValueFormat format_of(std::string_view value);
// One of the epochs, or plain.
ValueFormat format_of_epoch(std::uint64_t value);

// Whether a value of one format took the place of a value of another, so that a client that reads the format breaks.
// Conservative and symmetric: opaque tokens and digits may become other plain text, and an address another name,
// without a word; a date, an identifier of a known scheme or a URL may not. An empty string has no format, it is just
// another value.
bool format_changed(std::string_view primary, std::string_view other);
// The same where the formats are known.
bool format_changed(std::string_view primary, ValueFormat primary_format, std::string_view other,
                    ValueFormat other_format);

// The same for integers: an epoch time that is written in another unit. The two must mean about the same moment (a year
// apart at most), so that identifiers of different magnitudes are not taken for times.
bool epoch_unit_changed(std::int64_t primary, std::int64_t other);

}  // namespace understudy::diff
