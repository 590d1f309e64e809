// The algorithm of RFC 6265 5.1.1, see the header.
#include "diff/cookie_date.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

constexpr std::string_view months = "janfebmaraprmayjunjulaugsepoctnovdec";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_delimiter(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return octet == 0x09 || (octet >= 0x20 && octet <= 0x2F) || (octet >= 0x3B && octet <= 0x40) ||
         (octet >= 0x5B && octet <= 0x60) || (octet >= 0x7B && octet <= 0x7E);
}

// The digits that `text` begins with, `least` to `most` of them, taken from it; -1 where they are fewer or more.
int take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t count = 0;
  int number = 0;
  while (count < text.size() && count <= most && is_digit(text[count])) number = number * 10 + (text[count++] - '0');
  if (count < least || count > most) return -1;
  text.remove_prefix(count);
  return number;
}

struct Parts {
  int hour = -1;
  int minute = 0;
  int second = 0;
  int day = -1;
  int month = -1;
  int year = -1;

  bool take_time(std::string_view token) {
    std::array<int, 3> fields{};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0 && !token.starts_with(':')) return false;
      if (i > 0) token.remove_prefix(1);
      fields[i] = take_number(token, 1, 2);
      if (fields[i] < 0) return false;
    }
    hour = fields[0];
    minute = fields[1];
    second = fields[2];
    return true;
  }
  bool take_day(std::string_view token) {
    day = take_number(token, 1, 2);
    return day >= 0;
  }
  bool take_month(std::string_view token) {
    if (token.size() < 3) return false;
    const auto place = months.find(ascii_lower(token.substr(0, 3)));
    if (place == std::string_view::npos || place % 3 != 0) return false;
    month = static_cast<int>(place / 3) + 1;
    return true;
  }
  bool take_year(std::string_view token) {
    year = take_number(token, 2, 4);
    if (year >= 70 && year <= 99) year += 1900;
    if (year >= 0 && year <= 69) year += 2000;
    return year >= 0;
  }
};

}  // namespace

std::optional<std::int64_t> cookie_date(std::string_view text) {
  Parts parts;
  while (!text.empty()) {
    const auto begin = std::find_if_not(text.begin(), text.end(), is_delimiter);
    const auto end = std::find_if(begin, text.end(), is_delimiter);
    const std::string_view token(begin, end);
    text = std::string_view(end, text.end());
    if (parts.hour < 0 && parts.take_time(token)) continue;
    if (parts.day < 0 && parts.take_day(token)) continue;
    if (parts.month < 0 && parts.take_month(token)) continue;
    if (parts.year < 0) parts.take_year(token);
  }
  if (parts.hour < 0 || parts.hour > 23 || parts.minute > 59 || parts.second > 59 || parts.year < 1601) return {};
  const std::chrono::year_month_day date{std::chrono::year(parts.year),
                                         std::chrono::month(static_cast<unsigned>(std::max(parts.month, 0))),
                                         std::chrono::day(static_cast<unsigned>(std::max(parts.day, 0)))};
  if (!date.ok()) return {};
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  return ((days * 24 + parts.hour) * 60 + parts.minute) * 60 + parts.second;
}

}  // namespace understudy::diff
