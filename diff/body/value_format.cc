// Value detectors, see the header.
#include "diff/body/value_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

bool matches(std::string_view value, std::string_view shape);
ValueFormat date_format(std::string_view value);
bool is_http_date(std::string_view value);
bool is_uuid(std::string_view value);
bool is_ulid(std::string_view value);
bool is_jwt(std::string_view value);
bool is_url(std::string_view value);
bool is_ip_address(std::string_view value);
ValueFormat token_format(std::string_view value);

// A format whose values a client parses. The others are opaque tokens or digits.
bool is_parsed_format(ValueFormat format) {
  return format >= ValueFormat::date_time && format <= ValueFormat::url;
}
bool is_epoch(ValueFormat format) {
  return format >= ValueFormat::epoch_seconds && format <= ValueFormat::epoch_nanoseconds;
}

}  // namespace

ValueFormat format_of(std::string_view value) {
  if (value.size() < 7)
    return ValueFormat::plain;  // the shortest is an IPv4 address; shorter IPv6 addresses are too like words
  if (const ValueFormat date = date_format(value); date != ValueFormat::plain) return date;
  if (is_http_date(value)) return ValueFormat::http_date;
  if (is_uuid(value)) return ValueFormat::uuid;
  if (is_ulid(value)) return ValueFormat::ulid;
  if (is_jwt(value)) return ValueFormat::jwt;
  if (is_url(value)) return ValueFormat::url;
  if (is_ip_address(value)) return ValueFormat::ip_address;
  if (value.size() <= 19 && std::all_of(value.begin(), value.end(), is_digit)) {
    std::uint64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return format_of_epoch(number);
  }
  return token_format(value);
}

ValueFormat format_of_epoch(std::uint64_t value) {
  constexpr std::uint64_t first = 978'307'200;   // 2001
  constexpr std::uint64_t last = 4'102'444'800;  // 2100
  std::uint64_t scale = 1;
  for (int unit = 0; unit < 4; ++unit, scale *= 1000) {
    if (value >= first * scale && value < last * scale) {
      return static_cast<ValueFormat>(static_cast<int>(ValueFormat::epoch_seconds) + unit);
    }
  }
  return ValueFormat::plain;
}

bool format_changed(std::string_view primary, std::string_view other) {
  return format_changed(primary, format_of(primary), other, format_of(other));
}

bool format_changed(std::string_view primary, ValueFormat primary_format, std::string_view other,
                    ValueFormat other_format) {
  if (primary.empty() || other.empty() || primary_format == other_format) return false;
  if (is_parsed_format(primary_format) || is_parsed_format(other_format)) return true;
  if (is_epoch(primary_format) && is_epoch(other_format)) {
    std::int64_t primary_number = 0;
    std::int64_t other_number = 0;
    std::from_chars(primary.data(), primary.data() + primary.size(), primary_number);
    std::from_chars(other.data(), other.data() + other.size(), other_number);
    return epoch_unit_changed(primary_number, other_number);
  }
  const auto is_token = [](ValueFormat format) {
    return format == ValueFormat::hex_token || format == ValueFormat::base64_token;
  };
  return is_token(primary_format) && is_token(other_format);
}

bool epoch_unit_changed(std::int64_t primary, std::int64_t other) {
  if (primary <= 0 || other <= 0) return false;
  const ValueFormat primary_format = format_of_epoch(static_cast<std::uint64_t>(primary));
  const ValueFormat other_format = format_of_epoch(static_cast<std::uint64_t>(other));
  if (primary_format == other_format || !is_epoch(primary_format) || !is_epoch(other_format)) return false;
  const auto seconds = [](std::int64_t value, ValueFormat format) {
    for (auto unit = static_cast<int>(format); unit > static_cast<int>(ValueFormat::epoch_seconds); --unit)
      value /= 1000;
    return value;
  };
  constexpr std::int64_t year = 366LL * 24 * 3600;
  const std::int64_t apart = seconds(primary, primary_format) - seconds(other, other_format);
  return apart <= year && apart >= -year;
}

namespace {

// In a shape '0' stands for a digit, 'A' for a letter, 'x' for a hexadecimal digit; anything else for itself.
bool matches(std::string_view value, std::string_view shape) {
  static constexpr auto kinds = [] {  // of octets, one bit for each letter of shapes
    std::array<unsigned char, 256> table{};
    for (unsigned c = 0; c < table.size(); ++c) {
      const char octet = static_cast<char>(c);
      table[c] = static_cast<unsigned char>((is_digit(octet) ? 1 : 0) | (is_lower(octet) || is_upper(octet) ? 2 : 0) |
                                            (is_hex(octet) ? 4 : 0));
    }
    return table;
  }();
  return value.size() == shape.size() && std::equal(value.begin(), value.end(), shape.begin(), [](char c, char s) {
           const unsigned wanted = s == '0' ? 1 : s == 'A' ? 2 : s == 'x' ? 4 : 0;
           return wanted != 0 ? (kinds[static_cast<unsigned char>(c)] & wanted) != 0 : c == s;
         });
}

ValueFormat date_format(std::string_view value) {
  constexpr std::size_t date_length = 10;
  constexpr std::size_t time_length = 9;
  if (!matches(value.substr(0, date_length), "0000-00-00")) return ValueFormat::plain;
  if (value.size() == date_length) return ValueFormat::date;
  const std::string_view time = value.substr(date_length, time_length);
  const bool separated = matches(time, "T00:00:00") || matches(time, "t00:00:00");
  if (!separated && !matches(time, " 00:00:00")) return ValueFormat::plain;
  std::string_view rest = value.substr(date_length + time_length);
  if (rest.starts_with('.')) {
    const auto end = rest.find_first_not_of("0123456789", 1);
    if (end == 1) return ValueFormat::plain;
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
  }
  const bool offset = rest == "Z" || rest == "z" || matches(rest, "+00:00") || matches(rest, "-00:00");
  if (offset) return separated ? ValueFormat::date_time : ValueFormat::local_date_time;
  return rest.empty() ? ValueFormat::local_date_time : ValueFormat::plain;
}

bool is_http_date(std::string_view value) {
  return matches(value, "AAA, 00 AAA 0000 00:00:00 GMT") || matches(value, "AAA, 00 AAA 0000 00:00:00 +0000");
}

bool is_uuid(std::string_view value) {
  return matches(value, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
}

// github.com/ulid/spec: 26 of Crockford's base 32, the first at most 7. Both a digit and a letter, so that no word or
// number is one.
bool is_ulid(std::string_view value) {
  if (value.size() != 26 || value.front() < '0' || value.front() > '7') return false;
  const auto crockford = [](char c) {
    return is_digit(c) || (is_upper(c) && c != 'I' && c != 'L' && c != 'O' && c != 'U');
  };
  return std::all_of(value.begin(), value.end(), crockford) && std::any_of(value.begin(), value.end(), is_upper);
}

bool is_jwt(std::string_view value) {
  if (!value.starts_with("eyJ") || std::count(value.begin(), value.end(), '.') != 2) return false;
  return std::all_of(value.begin(), value.end(), [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '_' || c == '.';
  });
}

bool is_url(std::string_view value) {
  const auto separator = value.find("://");
  if (separator == std::string_view::npos || separator == 0 || separator > 16 || separator + 3 == value.size())
    return false;
  const std::string_view scheme = value.substr(0, separator);
  const bool scheme_valid =
      (is_lower(scheme.front()) || is_upper(scheme.front())) && std::all_of(scheme.begin(), scheme.end(), [](char c) {
        return is_digit(c) || is_lower(c) || is_upper(c) || c == '+' || c == '-' || c == '.';
      });
  return scheme_valid && value.find_first_of(" \t\r\n") == std::string_view::npos;
}

bool is_ip_address(std::string_view value) {
  if (value.find(':') == std::string_view::npos) {
    int parts = 0;
    for (;;) {
      unsigned octet = 0;
      const auto [end, error] =
          std::from_chars(value.data(), value.data() + std::min<std::size_t>(value.size(), 3), octet);
      if (error != std::errc{} || octet > 255) return false;
      value.remove_prefix(static_cast<std::size_t>(end - value.data()));
      if (++parts == 4) return value.empty();
      if (!value.starts_with('.')) return false;
      value.remove_prefix(1);
    }
  }
  // RFC 4291 2.2, without the dotted form: hexadecimal groups, either eight of them or fewer around one "::".
  const auto colons = std::count(value.begin(), value.end(), ':');
  const auto gap = value.find("::");
  if (colons > 7 || (gap == std::string_view::npos && colons != 7)) return false;
  if (gap != std::string_view::npos && value.find("::", gap + 1) != std::string_view::npos) return false;
  std::size_t group = 0;
  for (const char c : value) {
    if (c != ':' && !is_hex(c)) return false;
    group = c == ':' ? 0 : group + 1;
    if (group > 4) return false;
  }
  return true;
}

ValueFormat token_format(std::string_view value) {
  constexpr std::size_t shortest = 16;
  if (value.size() < shortest) return ValueFormat::plain;
  const std::string_view body = value.substr(0, value.find_last_not_of('=') + 1);
  bool digit = false;
  bool lower = false;
  bool upper = false;
  bool hex = body.size() == value.size();
  for (const char c : body) {
    digit = digit || is_digit(c);
    lower = lower || is_lower(c);
    upper = upper || is_upper(c);
    hex = hex && is_hex(c);
    if (!is_digit(c) && !is_lower(c) && !is_upper(c) && c != '-' && c != '_' && c != '+' && c != '/')
      return ValueFormat::plain;
  }
  if (hex) return digit && lower != upper ? ValueFormat::hex_token : ValueFormat::plain;
  return digit && lower && upper && value.size() - body.size() <= 2 ? ValueFormat::base64_token : ValueFormat::plain;
}

}  // namespace
}  // namespace understudy::diff
