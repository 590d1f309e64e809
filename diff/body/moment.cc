// Points in time, see the header.
#include "diff/body/moment.h"

#include <cstddef>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

constexpr std::int64_t minute_us = 60 * microseconds_a_second;
constexpr std::int64_t hour_us = 60 * minute_us;
constexpr std::int64_t day_us = 24 * hour_us;

std::optional<Moment> moment_of_date_time(std::string_view text);
std::optional<Moment> moment_of_http_date(std::string_view text);

// Whether a clock that is `offset_us` ahead of UTC showed `moment` during the exchange, cut to `unit_us`.
bool shows(const Moment& moment, std::int64_t offset_us, std::int64_t unit_us, const Occasion& occasion) {
  const auto remainder = [&](std::int64_t time_us) { return ((time_us % unit_us) + unit_us) % unit_us; };
  const bool finer = unit_us > moment.resolution_us && (remainder(moment.local_us) != 0 || moment.nanoseconds != 0);
  const std::int64_t begin_us = occasion.begin_us - clock_tolerance_us + offset_us;
  const std::int64_t end_us = occasion.end_us + clock_tolerance_us + offset_us;
  return !finer && begin_us - remainder(begin_us) <= moment.local_us && moment.local_us <= end_us;
}

// The same of two times to come in whole seconds, when something expires. Not at the border of a minute: whether a day
// ends at 23:59:59 or a second later is no matter of clocks.
bool are_ahead_alike(const Moment& moment, const Moment& other, const Occasion& occasion) {
  const auto is_ahead = [&](const Moment& one) {
    return one.has_zone && one.resolution_us == microseconds_a_second && one.utc_us() > occasion.end_us &&
           is_near(one, occasion) && one.local_us % minute_us != 0;
  };
  const std::int64_t apart_us = std::abs(moment.utc_us() - other.utc_us());
  return is_ahead(moment) && is_ahead(other) && apart_us <= occasion.end_us - occasion.begin_us + microseconds_a_second;
}

}  // namespace

std::optional<Moment> moment_of(std::string_view text) {
  constexpr std::size_t shortest = 10;
  constexpr std::size_t longest = 64;
  if (text.size() < shortest || text.size() > longest) return std::nullopt;
  return text[4] == '-' ? moment_of_date_time(text) : text[3] == ',' ? moment_of_http_date(text) : std::nullopt;
}

std::optional<Moment> moment_of_epoch(std::uint64_t value) {
  Moment moment;
  switch (format_of_epoch(value)) {
    case ValueFormat::epoch_seconds:
      moment.resolution_us = microseconds_a_second;
      moment.local_us = static_cast<std::int64_t>(value) * microseconds_a_second;
      return moment;
    case ValueFormat::epoch_milliseconds:
      moment.resolution_us = 1000;
      moment.local_us = static_cast<std::int64_t>(value) * 1000;
      return moment;
    case ValueFormat::epoch_microseconds:
      moment.local_us = static_cast<std::int64_t>(value);
      return moment;
    case ValueFormat::epoch_nanoseconds:
      moment.local_us = static_cast<std::int64_t>(value / 1000);
      moment.nanoseconds = static_cast<unsigned>(value % 1000);
      return moment;
    default:
      return std::nullopt;
  }
}

std::optional<Moment> moment_of_epoch(double value) {
  constexpr double largest = 9e18;  // and not NaN
  if (!(value >= 0 && value < largest)) return std::nullopt;
  Moment moment;
  switch (format_of_epoch(static_cast<std::uint64_t>(value))) {
    case ValueFormat::epoch_seconds:
      moment.local_us = static_cast<std::int64_t>(value * 1e6);
      return moment;
    case ValueFormat::epoch_milliseconds:
      moment.local_us = static_cast<std::int64_t>(value * 1e3);
      return moment;
    case ValueFormat::epoch_microseconds:
      moment.local_us = static_cast<std::int64_t>(value);
      return moment;
    case ValueFormat::epoch_nanoseconds:
      moment.local_us = static_cast<std::int64_t>(value / 1e3);
      return moment;
    default:
      return std::nullopt;
  }
}

bool same_instant(const Moment& moment, const Moment& other) {
  return moment.utc_us() == other.utc_us() && moment.nanoseconds == other.nanoseconds;
}

bool same_notation(const Moment& moment, const Moment& other) {
  return moment.zone == other.zone && moment.separator == other.separator &&
         moment.fraction_digits == other.fraction_digits;
}

bool is_near(const Moment& moment, const Occasion& occasion) {
  constexpr std::int64_t near_us = 30 * day_us;
  return moment.utc_us() >= occasion.begin_us - near_us && moment.utc_us() <= occasion.end_us + near_us;
}

bool are_clock_readings(const Moment& moment, const Moment& other, const Occasion& occasion) {
  if (!occasion.has_span()) return false;
  // At a constant distance from the clock (when something expires): as far apart as two moments of the exchange are.
  const std::int64_t apart_us = std::abs(moment.utc_us() - other.utc_us());
  const auto is_to_a_fraction = [&](const Moment& one) {
    return one.resolution_us < microseconds_a_second && (one.format != ValueFormat::plain || is_near(one, occasion));
  };
  const bool to_a_fraction = is_to_a_fraction(moment) && is_to_a_fraction(other);
  if (to_a_fraction && moment.has_zone == other.has_zone &&
      apart_us <= occasion.end_us - occasion.begin_us + microseconds_a_second) {
    return true;
  }
  if (are_ahead_alike(moment, other, occasion)) return true;
  const auto both_show = [&](std::int64_t offset_us) {
    const std::int64_t moment_offset_us = moment.has_zone ? moment.zone_us : offset_us;
    const std::int64_t other_offset_us = other.has_zone ? other.zone_us : offset_us;
    if (shows(moment, moment_offset_us, moment.resolution_us, occasion) &&
        shows(other, other_offset_us, other.resolution_us, occasion))
      return true;
    for (const std::int64_t unit_us : {minute_us, hour_us, day_us}) {
      if (shows(moment, moment_offset_us, unit_us, occasion) && shows(other, other_offset_us, unit_us, occasion))
        return true;
    }
    return false;
  };
  if (moment.has_zone && other.has_zone) return both_show(0);
  constexpr std::int64_t quarter_us = hour_us / 4;
  constexpr std::int64_t farthest_us = 14 * hour_us;  // of all zones there are, to either side
  for (std::int64_t offset_us = -farthest_us; offset_us <= farthest_us; offset_us += quarter_us) {
    if (both_show(offset_us)) return true;
  }
  return false;
}

namespace {

// Two digits at `place` of a text that reaches so far, or less than 0.
int two_digits(std::string_view text, std::size_t place) {
  constexpr int no_number = -10'000;  // in the hundreds as well
  const unsigned tens = static_cast<unsigned char>(text[place]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(text[place + 1]) - unsigned{'0'};
  return tens <= 9 && ones <= 9 ? static_cast<int>(tens * 10 + ones) : no_number;
}
int four_digits(std::string_view text, std::size_t place) {
  return two_digits(text, place) * 100 + two_digits(text, place + 2);
}

// Days since 1970 of the Gregorian calendar (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
std::int64_t days_since_1970(int year, int month, int day) {
  const int y = month <= 2 ? year - 1 : year;
  const int era = (y >= 0 ? y : y - 399) / 400;
  const int year_of_era = y - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return std::int64_t{era} * 146'097 + day_of_era - 719'468;
}

// Sets the moment to "00:00:00" at `place` of that day. A 60th second is a leap second.
bool set_time(Moment& moment, int year, int month, int day, std::string_view text, std::size_t place) {
  const int hour = two_digits(text, place);
  const int minute = two_digits(text, place + 3);
  const int second = two_digits(text, place + 6);
  const bool is_time = hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60 &&
                       text[place + 2] == ':' && text[place + 5] == ':';
  if (!is_time) return false;
  moment.local_us =
      days_since_1970(year, month, day) * day_us + hour * hour_us + minute * minute_us + second * microseconds_a_second;
  moment.resolution_us = microseconds_a_second;
  return true;
}

bool is_day(int year, int month, int day) {
  return year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

std::optional<Moment> moment_of_date_time(std::string_view text) {
  constexpr std::size_t date_length = 10;
  constexpr std::size_t time_end = 19;
  const int year = four_digits(text, 0);
  const int month = two_digits(text, 5);
  const int day = two_digits(text, 8);
  if (text[7] != '-' || !is_day(year, month, day)) return std::nullopt;
  Moment moment;
  moment.has_zone = false;
  if (text.size() == date_length) {
    moment.local_us = days_since_1970(year, month, day) * day_us;
    moment.resolution_us = day_us;
    moment.format = ValueFormat::date;
    return moment;
  }
  moment.separator = text[date_length];
  const bool separated = moment.separator == 'T' || moment.separator == 't' || moment.separator == ' ';
  if (!separated || text.size() < time_end || !set_time(moment, year, month, day, text, date_length + 1))
    return std::nullopt;

  std::size_t place = time_end;
  if (place < text.size() && text[place] == '.') {
    std::int64_t unit_ns = 1'000'000'000;
    std::int64_t fraction_ns = 0;
    while (++place < text.size() && is_digit(text[place])) {
      unit_ns /= 10;
      fraction_ns += (text[place] - '0') * unit_ns;
      ++moment.fraction_digits;
    }
    if (moment.fraction_digits == 0) return std::nullopt;
    moment.local_us += fraction_ns / 1000;
    moment.nanoseconds = static_cast<unsigned>(fraction_ns % 1000);
    moment.resolution_us = unit_ns < 1000 ? 1 : unit_ns / 1000;
  }

  moment.zone = text.substr(place);
  moment.format = ValueFormat::local_date_time;
  if (moment.zone.empty()) return moment;
  moment.has_zone = true;
  if (moment.separator != ' ') moment.format = ValueFormat::date_time;
  if (moment.zone == "Z" || moment.zone == "z") return moment;
  constexpr std::size_t offset_length = 6;
  const char sign = moment.zone.front();
  const bool is_offset = moment.zone.size() == offset_length && (sign == '+' || sign == '-') && moment.zone[3] == ':';
  if (!is_offset) return std::nullopt;
  const int hours = two_digits(moment.zone, 1);
  const int minutes = two_digits(moment.zone, 4);
  if (hours < 0 || minutes < 0) return std::nullopt;
  moment.zone_us = (sign == '-' ? -1 : 1) * (hours * hour_us + minutes * minute_us);
  return moment;
}

// "Tue, 26 Sep 2017 03:31:12 GMT"
std::optional<Moment> moment_of_http_date(std::string_view text) {
  constexpr std::size_t zone_place = 26;
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text.size() <= zone_place) return std::nullopt;
  for (const std::size_t place : {4U, 7U, 11U, 16U, 25U}) {
    if (text[place] != ' ') return std::nullopt;
  }
  const auto month_place = months.find(text.substr(8, 3));
  if (month_place == std::string_view::npos || month_place % 3 != 0) return std::nullopt;
  const int day = two_digits(text, 5);
  const int year = four_digits(text, 12);
  const int month = static_cast<int>(month_place / 3) + 1;
  Moment moment;
  moment.format = ValueFormat::http_date;
  moment.zone = text.substr(zone_place);
  if (!is_day(year, month, day) || (moment.zone != "GMT" && moment.zone != "+0000")) return std::nullopt;
  return set_time(moment, year, month, day, text, 17) ? std::optional(moment) : std::nullopt;
}

}  // namespace
}  // namespace understudy::diff
