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
