// Sums and names of the counters. See counters.h.
#include "diff/evidence/counters.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdio>

namespace understudy::diff {

CellCounters& CellCounters::operator+=(const CellCounters& other) {
  raw += other.raw;
  raw_paired += other.raw_paired;
  noise += other.noise;
  b += other.b;
  c += other.c;
  b_directional += other.b_directional;
  c_directional += other.c_directional;
  return *this;
}

EndpointCounters& EndpointCounters::operator+=(const EndpointCounters& other) {
  requests += other.requests;
  compared += other.compared;
  triples += other.triples;
  differed += other.differed;
  failed += other.failed;
  overflowed += other.overflowed;
  dropped += other.dropped;
  return *this;
}

std::string serialized_state(const Cell& cell) {
  char text[256];
  const int size = std::snprintf(
      text, sizeof text, "1 %llu %llu %llu %llu %llu %llu %d %d %d %lld %llu %llu %llu;",
      static_cast<unsigned long long>(cell.proof.b), static_cast<unsigned long long>(cell.proof.c),
      static_cast<unsigned long long>(cell.proof_directional.b),
      static_cast<unsigned long long>(cell.proof_directional.c),
      static_cast<unsigned long long>(cell.replacement.from_to),
      static_cast<unsigned long long>(cell.replacement.count), cell.replacement.varies ? 1 : 0, cell.is_course ? 1 : 0,
      cell.knows_course ? 1 : 0, static_cast<long long>(cell.proved_us), static_cast<unsigned long long>(cell.seen_at),
      static_cast<unsigned long long>(cell.asked_again.b), static_cast<unsigned long long>(cell.asked_again.c));
  return std::string(text, static_cast<std::size_t>(size)) + cell.dependence.serialize();
}

void merge_state(Cell& cell, std::string_view state) {
  const std::string copy(state.substr(0, state.find(';')));
  unsigned long long proof_b = 0, proof_c = 0, directional_b = 0, directional_c = 0, from_to = 0, count = 0,
                     seen_at = 0, still = 0, gone = 0;
  int varies = 0, is_course = 0, knows_course = 0;
  long long proved_us = 0;
  const int read = std::sscanf(copy.c_str(), "1 %llu %llu %llu %llu %llu %llu %d %d %d %lld %llu %llu %llu", &proof_b,
                               &proof_c, &directional_b, &directional_c, &from_to, &count, &varies, &is_course,
                               &knows_course, &proved_us, &seen_at, &still, &gone);
  constexpr int read_of_older = 11;  // before anything was asked again
  if ((read != 13 && read != read_of_older) || copy.size() == state.size() ||
      !cell.dependence.merge_serialized(state.substr(copy.size() + 1))) {
    return;
  }
  cell.proof += Signs{proof_b, proof_c};
  cell.proof_directional += Signs{directional_b, directional_c};
  cell.asked_again += Signs{still, gone};
  if (count != 0) {
    cell.replacement.varies =
        cell.replacement.varies || varies != 0 || (cell.replacement.count != 0 && cell.replacement.from_to != from_to);
    cell.replacement.from_to = from_to;
    cell.replacement.count += count;
  }
  cell.seen_at += seen_at;
  cell.is_course = cell.is_course || is_course != 0;
  cell.knows_course = knows_course != 0;
  cell.proved_us = cell.proved_us == 0 ? proved_us : cell.proved_us;
}

std::string difference_id(std::string_view endpoint, std::string_view path, DifferenceClass difference_class) {
  std::string text(endpoint);  // a NUL between the parts keeps ("a", "bc") from ("ab", "c")
  text += '\0';
  text += path;
  text += '\0';
  text += name_of(difference_class);
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx",
                static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
  return digits;
}

}  // namespace understudy::diff
