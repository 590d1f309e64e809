// Sizes and durations: one grammar, a whole number directly followed by a unit, and two tables of units. See
// config_units.h.
#include "proxy/config_units.h"

#include <charconv>
#include <limits>
#include <span>

#include "proxy/config_quote.h"

namespace understudy {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// Binary units first and from large to small: that is the order in which format_size tries them.
constexpr Unit size_units[] = {
    {"TiB", 1ull << 40},          {"GiB", 1ull << 30},      {"MiB", 1ull << 20},  {"KiB", 1ull << 10}, {"B", 1},
    {"TB", 1'000'000'000'000ull}, {"GB", 1'000'000'000ull}, {"MB", 1'000'000ull}, {"kB", 1'000},       {"KB", 1'000},
};
constexpr std::size_t units_to_write_sizes = 5;
constexpr Unit duration_units[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};

struct Number {
  std::uint64_t value = 0;
  std::string problem;
};

// `example` and `units` go into the remedy.
Number parse_number_with_unit(std::string_view text, std::span<const Unit> units, const char* example,
                              const char* names) {
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (end == text.data())
    return {0, in_quotes(text) + " does not start with a whole number; write for example " + example};
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (unit.empty()) return {0, in_quotes(text) + " has no unit; write for example " + example};
  for (const Unit& known : units) {
    if (unit != known.name) continue;
    if (error != std::errc() ||
        count > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / known.factor) {
      return {0, in_quotes(text) + " is too large; write a smaller number"};
    }
    return {count * known.factor, {}};
  }
  if (unit.front() == '.')
    return {0, in_quotes(text) + " is not a whole number; use a smaller unit, for example " + example};
  return {0, in_quotes(text) + " has the unknown unit " + in_quotes(unit) + "; use one of " + names};
}

}  // namespace

ParsedSize parse_size(std::string_view text) {
  if (text == "0") return {};
  const Number number = parse_number_with_unit(text, size_units, "\"64KiB\"", "B, KiB, MiB, GiB, TiB, kB, MB, GB, TB");
  return {number.value, number.problem};
}

ParsedDuration parse_duration(std::string_view text) {
  const Number number = parse_number_with_unit(text, duration_units, "\"30s\"", "ms, s, m, h, d");
  return {std::chrono::milliseconds(number.value), number.problem};
}

std::string format_size(std::uint64_t octets) {
  if (octets == 0) return "0";
  for (const Unit& unit : std::span(size_units).first(units_to_write_sizes)) {
    if (octets % unit.factor == 0) return std::to_string(octets / unit.factor) + std::string(unit.name);
  }
  return {};  // not reached: every number is a multiple of one octet
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto count = static_cast<std::uint64_t>(duration.count());
  if (count == 0) return "0s";
  for (const Unit& unit : duration_units) {
    const std::uint64_t least = unit.factor > 1'000 ? 2 * unit.factor : unit.factor;
    if (count >= least && count % unit.factor == 0) return std::to_string(count / unit.factor) + std::string(unit.name);
  }
  return {};  // not reached: every duration is a multiple of one millisecond
}

}  // namespace understudy
