// The nearest known key. See config_nearest.h.
#include "proxy/config_nearest.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace understudy {
namespace {

std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

}  // namespace

std::string nearest_key(std::string_view unknown, std::span<const std::string> known) {
  std::string best;
  std::size_t best_distance = std::numeric_limits<std::size_t>::max();
  for (const std::string& key : known) {
    const std::size_t whole = edit_distance(unknown, key);
    const std::size_t moved = edit_distance(last_part(unknown), last_part(key)) + 1;
    const std::size_t distance = std::min(whole, moved);
    if (distance < best_distance) {
      best_distance = distance;
      best = key;
    }
  }
  return best;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: row i holds the distances between a[0, i) and every b[0, j).
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[b.size()];
}

}  // namespace understudy
