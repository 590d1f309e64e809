// Lines and pieces of two texts, see the header.
#include "diff/body/text_lines.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

enum class Joint : unsigned char { none, line_end, before, behind };

constexpr auto joints = [] {
  std::array<Joint, 256> table{};
  table['\n'] = Joint::line_end;
  table['<'] = Joint::before;
  for (const unsigned char c : {'>', ',', ';', '&'}) table[c] = Joint::behind;
  return table;
}();

struct Lines {
  std::size_t lines = 0;                // that are not blank
  std::vector<std::uint64_t> pieces{};  // hashes of those that are not blank
};

Lines lines_of(std::string_view text) {
  Lines result;
  result.pieces.reserve(std::min(text.size() / 16 + 1, line_limit));
  std::size_t begin = 0;
  bool blank = true;  // the line, so far
  const auto end_piece = [&](std::size_t end) {
    const std::string_view piece = trimmed(text.substr(begin, end - begin));
    begin = end;
    if (piece.empty()) return;
    blank = false;
    if (result.pieces.size() < line_limit) result.pieces.push_back(XXH3_64bits(piece.data(), piece.size()));
  };
  const auto end_line = [&] {
    result.lines += blank ? 0 : 1;
    blank = true;
  };
  for (std::size_t i = 0; i < text.size() && (result.lines < line_limit && result.pieces.size() < line_limit); ++i) {
    switch (joints[static_cast<unsigned char>(text[i])]) {
      case Joint::none:
        break;
      case Joint::before:
        end_piece(i);
        break;
      case Joint::behind:
        end_piece(i + 1);
        break;
      case Joint::line_end:
        end_piece(i + 1);
        end_line();
        break;
    }
  }
  end_piece(text.size());
  end_line();
  std::sort(result.pieces.begin(), result.pieces.end());
  return result;
}

// Any of fewer than `few`, or else more than one in `part`.
bool number_changed(std::size_t primary, std::size_t other, std::size_t few, std::size_t part) {
  const std::size_t larger = std::max(primary, other);
  const std::size_t apart = larger - std::min(primary, other);
  return larger < few ? apart > 0 : apart * part > larger;
}

std::size_t count_in_common(const std::vector<std::uint64_t>& primary, const std::vector<std::uint64_t>& other) {
  std::size_t count = 0;
  for (auto one = primary.begin(), two = other.begin(); one != primary.end() && two != other.end();) {
    if (*one == *two) {
      ++count;
      ++one;
      ++two;
    } else if (*one < *two) {
      ++one;
    } else {
      ++two;
    }
  }
  return count;
}

}  // namespace

LinesDifference compare_lines(std::string_view primary, std::string_view other) {
  const Lines primary_lines = lines_of(primary);
  const Lines other_lines = lines_of(other);
  LinesDifference difference;
  difference.lines_changed = number_changed(primary_lines.lines, other_lines.lines, 20, 10) ||
                             number_changed(primary_lines.pieces.size(), other_lines.pieces.size(), 100, 50);
  if (!other_lines.pieces.empty()) {
    difference.in_common = static_cast<double>(count_in_common(primary_lines.pieces, other_lines.pieces)) /
                           static_cast<double>(other_lines.pieces.size());
  } else if (!primary_lines.pieces.empty()) {
    difference.in_common = 0;
  }
  return difference;
}

}  // namespace understudy::diff
