// Limits on what a message head and a chunked body may cost the reader. Plain values, filled from `server.limits` by
// whoever reads the configuration. What exceeds one is refused, never cut: a request head with 431, a response head
// with 502, a body as malformed.
#pragma once

#include <cstdint>

namespace understudy::http {

struct HeadLimits {
  std::uint32_t head_bytes = 64 * 1024;  // start line, fields and the blank lines before them
  std::uint32_t fields = 128;            // field lines
  std::uint32_t blank_lines = 2;  // empty lines skipped before a request line (RFC 9112 2.2); 0 before a status line
};

struct ChunkedLimits {
  std::uint32_t extension_bytes = 16 * 1024;  // chunk extensions of one body, all chunks together
  std::uint32_t trailer_bytes = 16 * 1024;    // trailer section, line ends included
  std::uint32_t trailer_fields = 64;
};

}  // namespace understudy::http
