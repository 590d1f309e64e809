// What two scalars differ in, see the header.
#include "diff/body/value_difference.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdlib>

#include "diff/body/moment.h"
#include "diff/body/string_form.h"
#include "diff/body/text_template.h"
#include "diff/body/value_format.h"
#include "diff/body/written_number.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

using Class = DifferenceClass;

constexpr std::int64_t day_us = 86'400 * microseconds_a_second;

void set(ValueDifference& difference, DifferenceClass aspect, bool holds) {
  if (holds) difference.aspects |= bit_of(aspect);
}

bool differ_as_moments(const Moment& primary, const Moment& other, bool written_alike, const Occasion& occasion,
                       ValueDifference& difference);
void compare_quantities(double primary, double other, ValueDifference& difference);
bool is_placeholder(std::string_view text);
bool is_nil(const Moment& moment);
bool is_nil(std::string_view text);
bool length_class_changed(std::string_view primary, std::string_view other);
bool letter_case_changed(std::string_view primary, std::string_view other);
std::string_view origin_of(std::string_view text);
std::optional<Moment> epoch_in(std::string_view text, const WrittenNumber& number);

}  // namespace

ValueDifference string_difference(std::string_view primary, std::string_view other, const Occasion& occasion) {
  ValueDifference difference;
  // The commonest of all values that differ come first.
  const auto moment = moment_of(primary);
  const auto other_moment = moment ? moment_of(other) : std::nullopt;
  if (other_moment && moment->format == other_moment->format) {
    set(difference, Class::zeroed, is_nil(*other_moment) && !is_nil(*moment));
    differ_as_moments(*moment, *other_moment, same_notation(*moment, *other_moment), occasion, difference);
    return difference;
  }
  if (differ_in_form_only(primary, other)) {
    difference.difference_class = Class::string_form;
    return difference;
  }
  const ValueFormat format = format_of(primary);
  const ValueFormat other_format = format_of(other);
  if (format_changed(primary, format, other, other_format)) {
    difference.difference_class = Class::format_changed;
    return difference;
  }
  const bool to_nothing = is_placeholder(other);
  set(difference, Class::emptied, to_nothing && !is_placeholder(primary));
  const bool was_nil = is_nil(primary);
  const bool to_nil = is_nil(other);
  set(difference, Class::zeroed, to_nil && !was_nil);
  const auto number = number_in(primary);
  const auto other_number = number ? number_in(other) : std::nullopt;
  if (number && other_number) {
    const bool written_alike = same_notation(*number, *other_number);
    const auto epoch = epoch_in(primary, *number);
    const auto other_epoch = epoch ? epoch_in(other, *other_number) : std::nullopt;
    if (epoch && other_epoch) {
      differ_as_moments(*epoch, *other_epoch, written_alike, occasion, difference);
      return difference;
    }
    const bool same_unit = number->prefix == other_number->prefix && number->suffix == other_number->suffix;
    if (number->value == other_number->value && number->exact && other_number->exact && same_unit) {
      difference.difference_class = Class::notation_changed;
      difference.aspects = 0;
      return difference;
    }
    set(difference, Class::notation_changed, !written_alike);
    compare_quantities(number->value, other_number->value, difference);
    return difference;
  }
  if ((format == ValueFormat::uuid || format == ValueFormat::hex_token) && format == other_format) {
    if (equal_but_for_case(primary, other)) {
      difference.difference_class = Class::notation_changed;
      difference.aspects = 0;
      return difference;
    }
    set(difference, Class::notation_changed, letter_case_changed(primary, other));
  }
  const std::string_view origin = origin_of(primary);
  const std::string_view other_origin = origin_of(other);
  const bool have_origins = !origin.empty() && !other_origin.empty();
  set(difference, Class::origin_changed,
      have_origins && (origin.size() != other_origin.size() || !equal_but_for_case(origin, other_origin)));
  if (to_nothing) return difference;
  set(difference, Class::length_changed, length_class_changed(primary, other));
  if (was_nil || to_nil) return difference;
  set(difference, Class::template_changed,
      template_changed(primary.substr(have_origins ? origin.size() : 0),
                       other.substr(have_origins ? other_origin.size() : 0)));
  return difference;
}

ValueDifference number_difference(const NumberValue& primary, const NumberValue& other, const Occasion& occasion) {
  ValueDifference difference;
  if (primary.integer && other.integer && epoch_unit_changed(*primary.integer, *other.integer)) {
    difference.difference_class = Class::format_changed;
    return difference;
  }
  const auto epoch_of = [](const NumberValue& number) {
    if (!number.integer) return moment_of_epoch(number.value);
    return *number.integer < 0 ? std::nullopt : moment_of_epoch(static_cast<std::uint64_t>(*number.integer));
  };
  const bool integers = primary.integer && other.integer;
  if (occasion.has_span()) {
    const auto epoch = epoch_of(primary);
    const auto other_epoch = epoch ? epoch_of(other) : std::nullopt;
    if (epoch && other_epoch) {
      const bool written_alike = primary.integer.has_value() == other.integer.has_value();
      differ_as_moments(*epoch, *other_epoch, written_alike, occasion, difference);
      if (!difference.differs || difference.difference_class != Class::value_changed) return difference;
    }
  }
  difference.aspects &= bit_of(Class::out_of_range);
  compare_quantities(primary.value, other.value, difference);
  // Large ones may be the same when rounded.
  if (integers && primary.value == other.value) {
    set(difference, Class::greater, *other.integer > *primary.integer);
    set(difference, Class::less, *other.integer < *primary.integer);
  }
  return difference;
}

namespace {

// Of two times: the same one, two readings of a clock, or another value.
bool differ_as_moments(const Moment& primary, const Moment& other, bool written_alike, const Occasion& occasion,
                       ValueDifference& difference) {
  // What a time far from the exchange's own differs by says nothing: data has times of all years.
  constexpr std::int64_t year_us = 366 * day_us;
  const bool same = same_instant(primary, other);
  if ((same && !written_alike) || are_clock_readings(primary, other, occasion)) {
    difference.differs = !written_alike;
    difference.difference_class = Class::notation_changed;
    difference.aspects = 0;
    return difference.differs;
  }
  const std::int64_t time_us = primary.utc_us();
  const std::int64_t other_time_us = other.utc_us();
  const bool later = other_time_us != time_us ? other_time_us > time_us : other.nanoseconds > primary.nanoseconds;
  set(difference, Class::notation_changed, !written_alike);
  set(difference, Class::greater, later && !same);
  set(difference, Class::less, !later && !same);
  set(difference, Class::out_of_range,
      occasion.has_span() && is_near(primary, occasion) && std::abs(other_time_us - time_us) > year_us);
  difference.primary_number = primary.seconds();
  difference.other_number = other.seconds();
  return true;
}

void compare_quantities(double primary, double other, ValueDifference& difference) {
  const double magnitude = std::abs(primary);
  const double other_magnitude = std::abs(other);
  set(difference, Class::zeroed, other == 0 && primary != 0);
  set(difference, Class::sign_changed, (primary < 0 && other > 0) || (primary > 0 && other < 0));
  set(difference, Class::greater, other > primary);
  set(difference, Class::less, other < primary);
  set(difference, Class::out_of_range,
      magnitude > 0 && other_magnitude > 0 &&
          (other_magnitude > magnitude * range_factor || magnitude > other_magnitude * range_factor));
  if (std::isnan(primary) || std::isnan(other)) return;
  difference.primary_number = primary;
  difference.other_number = other;
}

// What programs write for what they do not have.
bool is_placeholder(std::string_view text) {
  static constexpr std::array<std::string_view, 16> placeholders{
      "",   "null",         "undefined",       "n/a",     "nan", "none", "nil", "<nil>", "(null)", "-", "--", "{}",
      "[]", "invalid date", "[object object]", "[object]"};
  constexpr std::size_t longest = 15;
  text = trimmed(text);
  return text.size() <= longest && std::any_of(placeholders.begin(), placeholders.end(), [&](std::string_view one) {
           return text.size() == one.size() && equal_but_for_case(text, one);
         });
}

// About the beginning of 1970, or of the year 1, in whatever zone.
bool is_nil(const Moment& moment) {
  constexpr std::int64_t year_one_us = -719'162 * day_us;
  return std::abs(moment.utc_us()) <= day_us || moment.utc_us() <= year_one_us + day_us;
}

// The zero of a format: "0.00", "0000-00-00", "0.0.0.0", "::", times as above, and identifiers of one repeated
// character.
bool is_nil(std::string_view text) {
  constexpr std::size_t shortest_token = 8;
  if (text == "::") return true;
  char only = 0;
  std::size_t count = 0;
  bool repeated = true;
  for (const char c : text) {
    if (c == '-' || c == ':' || c == '.' || c == ' ' || c == '/') continue;
    if (only == 0) only = c;
    repeated = c == only;
    if (!repeated) break;
    ++count;
  }
  if (repeated && count > 0)
    return only == '0' || (count >= shortest_token && (is_lower(only) || is_upper(only) || is_digit(only)));
  const auto moment = moment_of(text);
  return moment && is_nil(*moment);
}

// An identifier or token rather than words: of these, all are about equally long.
bool is_opaque(std::string_view text) {
  constexpr std::size_t shortest = 8;
  return text.size() >= shortest && std::any_of(text.begin(), text.end(), is_digit) &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool length_class_changed(std::string_view primary, std::string_view other) {
  const std::size_t longer = std::max(primary.size(), other.size());
  const std::size_t shorter = std::min(primary.size(), other.size());
  const std::size_t apart = longer - shorter;
  if (apart <= 2) return false;
  return is_opaque(primary) || is_opaque(other) ? apart * 4 > longer : shorter * 2 <= longer;
}

// Hexadecimal digits in capitals where they were not, or the other way round.
bool letter_case_changed(std::string_view primary, std::string_view other) {
  const auto has_lower = [](std::string_view text) { return std::any_of(text.begin(), text.end(), is_lower); };
  const auto has_upper = [](std::string_view text) { return std::any_of(text.begin(), text.end(), is_upper); };
  const bool upper = has_upper(primary);
  const bool other_upper = has_upper(other);
  return upper != other_upper && (upper || has_lower(primary)) && (other_upper || has_lower(other));
}

// Scheme and authority of an absolute URL (RFC 3986 3); empty where it is none.
std::string_view origin_of(std::string_view text) {
  constexpr std::size_t longest_scheme = 16;
  const auto is_letter = [](char c) { return is_lower(c) || is_upper(c); };
  const std::size_t colon = text.find("://");
  if (colon == 0 || colon > longest_scheme || !is_letter(text.front())) return {};
  const bool is_scheme = std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), [&](char c) {
    return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
  });
  return is_scheme ? text.substr(0, text.find_first_of("/?#", colon + 3)) : std::string_view{};
}

std::optional<Moment> epoch_in(std::string_view text, const WrittenNumber& number) {
  if (!number.prefix.empty() || !number.suffix.empty() || number.group_mark != 0 || number.decimal_mark == ',' ||
      number.plus)
    return std::nullopt;
  if (number.decimals > 0) return moment_of_epoch(number.value);
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? moment_of_epoch(value) : std::nullopt;
}

}  // namespace
}  // namespace understudy::diff
