// Exact decimal values of JSON numbers, beyond any machine type. Callers: json_document.cc, json_compare.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace understudy::diff {

// 0.d1d2d3... * 10^exponent with d1 and the last digit not 0; zero has no digits, no sign and the exponent 0.
struct Decimal {
  bool negative = false;
  std::string digits;
  std::int64_t exponent = 0;
  bool operator==(const Decimal&) const = default;
};

// The value of a number as RFC 8259 writes it; nothing if its exponent does not fit 64 bits.
std::optional<Decimal> parse_decimal(std::string_view number);

// Whether two numbers have the same value, however written. Numbers with exponents beyond 64 bits are equal only if
// written alike.
bool same_value(std::string_view number, std::string_view other);

}  // namespace understudy::diff
