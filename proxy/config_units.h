// Sizes and durations as people write them: "64KiB", "250ms". Pure; called by the configuration and by the command
// line, on any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace understudy {

// A value, or what is wrong with the text and how to write it. `problem` is empty if and only if `value` is to be used.
struct ParsedSize {
  std::uint64_t value = 0;  // octets
  std::string problem;
};
struct ParsedDuration {
  std::chrono::milliseconds value{};
  std::string problem;
};

// A whole number and one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB; "0" needs no unit.
ParsedSize parse_size(std::string_view text);

// A whole number and one of ms, s, m, h, d.
ParsedDuration parse_duration(std::string_view text);

// The shortest of the accepted spellings: "64KiB", "0".
std::string format_size(std::uint64_t octets);

// "250ms", "60s", "14d": the largest unit that divides the value, but minutes, hours and days only from two of them on,
// as people write.
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace understudy
