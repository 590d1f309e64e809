// Numbers that strings hold, see the header.
#include "diff/body/written_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

constexpr std::size_t longest = 48;
constexpr std::size_t exact_digits = 15;

bool is_number_octet(char c) {
  return is_digit(c) || c == '.' || c == ',';
}

// A currency sign, or three letters as "EUR", with or without a space.
bool is_unit_before(std::string_view text) {
  if (text.ends_with(' ')) text.remove_suffix(1);
  const auto beyond_ascii = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (text.empty() || text == "$") return true;
  if (text.size() <= 4 && std::all_of(text.begin(), text.end(), beyond_ascii)) return true;
  return text.size() == 3 && std::all_of(text.begin(), text.end(), is_upper);
}

// The same, "%", or a unit of up to three letters.
bool is_unit_behind(std::string_view text) {
  if (text.starts_with(' ')) text.remove_prefix(1);
  const auto in_unit = [](char c) { return is_lower(c) || is_upper(c) || static_cast<unsigned char>(c) >= 0x80; };
  return text.empty() || text == "$" || text == "%" ||
         (text.size() <= 4 && std::all_of(text.begin(), text.end(), in_unit));
}

// Of the marks in "1,234.50", "1.234,50", "12,50" and "1,234,567", which is before the decimals and which between
// groups. False where they make no number.
bool find_marks(std::string_view digits, WrittenNumber& number) {
  const auto last = digits.find_last_of(".,");
  if (last == std::string_view::npos) return true;
  const char mark = digits[last];
  const char second_mark = mark == '.' ? ',' : '.';
  const bool repeated = digits.find(mark) != last;
  const bool both = digits.find(second_mark) != std::string_view::npos;
  const std::size_t behind = digits.size() - last - 1;
  const bool groups_only = repeated || (mark == ',' && !both && behind == 3);
  if (groups_only && both) return false;
  number.decimal_mark = groups_only ? '\0' : mark;
  number.group_mark = groups_only ? mark : both ? second_mark : '\0';
  number.decimals = groups_only ? 0 : behind;
  const std::string_view whole = digits.substr(0, groups_only ? digits.size() : last);
  if (whole.empty() || behind == 0) return false;
  if (number.group_mark == 0) return true;
  std::size_t group = 0;  // digits since the last mark
  bool first = true;
  for (const char c : whole) {
    if (c != number.group_mark) {
      ++group;
    } else {
      if (group == 0 || group > 3 || (!first && group != 3)) return false;
      group = 0;
      first = false;
    }
  }
  return group == 3;
}

}  // namespace

std::optional<WrittenNumber> number_in(std::string_view text) {
  if (text.empty() || text.size() > longest) return std::nullopt;
  const auto digits_begin = static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_digit) - text.begin());
  if (digits_begin == text.size()) return std::nullopt;
  auto digits_end = digits_begin;
  while (digits_end < text.size() && is_number_octet(text[digits_end])) ++digits_end;

  WrittenNumber number;
  std::string_view before = text.substr(0, digits_begin);
  bool negative = false;
  if (before.starts_with('-') || before.starts_with('+') || before.ends_with('-') || before.ends_with('+')) {
    const bool front = before.starts_with('-') || before.starts_with('+');
    const char sign = front ? before.front() : before.back();
    front ? before.remove_prefix(1) : before.remove_suffix(1);
    negative = sign == '-';
    number.plus = sign == '+';
  }
  number.prefix = before;
  const std::string_view digits = text.substr(digits_begin, digits_end - digits_begin);
  std::string_view behind = text.substr(digits_end);
  if (!find_marks(digits, number)) return std::nullopt;
  if (digits.size() > 1 && digits[0] == '0' && is_digit(digits[1])) return std::nullopt;

  std::array<char, longest + 1> plain{};
  std::size_t size = 0;
  std::size_t significant = 0;
  for (const char c : digits) {
    if (c == number.decimal_mark) {
      plain[size++] = '.';
    } else if (is_digit(c)) {
      plain[size++] = c;
      significant += significant > 0 || c != '0' ? 1 : 0;
    }
  }
  // An exponent: "1.5e-7".
  if (!behind.empty() && (behind.front() == 'e' || behind.front() == 'E') && before.empty()) {
    std::size_t end = behind.size() > 1 && (behind[1] == '-' || behind[1] == '+') ? 2 : 1;
    const std::size_t first_digit = end;
    while (end < behind.size() && is_digit(behind[end])) ++end;
    if (end != behind.size() || end == first_digit) return std::nullopt;
    for (const char c : behind) {
      if (c != '+') plain[size++] = c;
    }
    behind = {};
    number.exact = false;
  }
  number.suffix = behind;
  if (!is_unit_before(number.prefix) || !is_unit_behind(number.suffix)) return std::nullopt;
  if (!number.prefix.empty() && !number.suffix.empty()) return std::nullopt;
  const auto [end, error] = std::from_chars(plain.data(), plain.data() + size, number.value);
  if (error != std::errc{} || end != plain.data() + size) return std::nullopt;
  if (negative) number.value = -number.value;
  number.exact = number.exact && significant <= exact_digits;
  return number;
}

bool same_notation(const WrittenNumber& number, const WrittenNumber& other) {
  constexpr double grouped_from = 1000;
  const bool both_large = std::abs(number.value) >= grouped_from && std::abs(other.value) >= grouped_from;
  const bool both_with_decimals = number.decimals > 0 && other.decimals > 0;
  return number.decimals == other.decimals && number.prefix == other.prefix && number.suffix == other.suffix &&
         (!both_with_decimals || number.decimal_mark == other.decimal_mark) &&
         (!both_large || number.group_mark == other.group_mark) && number.plus == other.plus;
}

}  // namespace understudy::diff
