// "Did you mean": the known key that an unknown one was most likely meant to be. Pure; called by config.cc for unknown
// keys.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace understudy {

// Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other (optimal string
// alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// The best of `known` for the dotted key `unknown`: nearest as a whole, or nearest in its last part where the key
// stands in a wrong section. Empty only if `known` is.
std::string nearest_key(std::string_view unknown, std::span<const std::string> known);

}  // namespace understudy
