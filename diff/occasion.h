// What is known of an exchange beside its responses. Filled by proxy/shadow/'s judge; read where values are compared.
#pragma once

#include <cstdint>

namespace understudy::diff {

// The span is the exchange's own, in microseconds since 1970: from the first octet sent to anybody to the last one
// received from anybody. 0, 0: unknown, and then no time is taken for a clock's.
struct Occasion {
  bool head_only = false;  // the request was a HEAD, so no response has content
  std::int64_t begin_us = 0;
  std::int64_t end_us = 0;

  bool has_span() const { return begin_us > 0 && end_us >= begin_us; }
};

}  // namespace understudy::diff
