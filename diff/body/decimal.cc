// Exact decimals, see the header.
#include "diff/body/decimal.h"

#include <charconv>
#include <system_error>

namespace understudy::diff {

std::optional<Decimal> parse_decimal(std::string_view number) {
  Decimal decimal;
  if (number.starts_with('-')) {
    decimal.negative = true;
    number.remove_prefix(1);
  }
  const auto mark = number.find_first_of("eE");
  std::int64_t written_exponent = 0;
  if (mark != std::string_view::npos) {
    std::string_view exponent = number.substr(mark + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    if (std::from_chars(exponent.data(), exponent.data() + exponent.size(), written_exponent).ec != std::errc{})
      return std::nullopt;
  }
  const std::string_view mantissa = number.substr(0, mark);
  const auto point = mantissa.find('.');
  decimal.digits = mantissa.substr(0, point);
  std::int64_t integer_digits = static_cast<std::int64_t>(decimal.digits.size());
  if (point != std::string_view::npos) decimal.digits += mantissa.substr(point + 1);

  const auto first = decimal.digits.find_first_not_of('0');
  if (first == std::string::npos) return Decimal{};
  integer_digits -= static_cast<std::int64_t>(first);
  decimal.digits.erase(0, first);
  decimal.digits.erase(decimal.digits.find_last_not_of('0') + 1);
  if (__builtin_add_overflow(written_exponent, integer_digits, &decimal.exponent)) return std::nullopt;
  return decimal;
}

bool same_value(std::string_view number, std::string_view other) {
  if (number == other) return true;
  const auto value = parse_decimal(number);
  return value && value == parse_decimal(other);
}

}  // namespace understudy::diff
