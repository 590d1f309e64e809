#include "proxy/http/head_scan.h"

#include <bit>
#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace understudy::http {
namespace {

// The index of the first octet at or after `from` that is at most 0x0d: CR, LF, HT, NUL and the control octets between;
// or the size.
std::size_t find_low_octet(std::string_view text, std::size_t from) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t i = from;
#ifdef __SSE2__
  for (const __m128i bound = _mm_set1_epi8(0x0d); text.size() - i >= 16; i += 16) {
    const __m128i octets = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const int low = _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(octets, bound), octets));
    if (low != 0) return i + static_cast<std::size_t>(std::countr_zero(static_cast<unsigned>(low)));
  }
#endif
  if constexpr (std::endian::native == std::endian::little) {
    for (; text.size() - i >= 8; i += 8) {
      std::uint64_t word;
      std::memcpy(&word, text.data() + i, 8);
      // The lowest marked octet is exact; those above it may be marked by a borrow, and are looked at again.
      const std::uint64_t low = (word - ones * 0x0e) & ~word & high_bits;
      if (low != 0) return i + static_cast<std::size_t>(std::countr_zero(low)) / 8;
    }
  }
  while (i < text.size() && static_cast<unsigned char>(text[i]) > 0x0d) ++i;
  return i;
}

}  // namespace

HeadScanner::State HeadScanner::scan(std::string_view buffer, const HeadLimits& limits) {
  std::size_t position = position_;  // in a register: this loop runs over every head octet of the user plane
  for (;;) {
    if (position == line_begin_ && position < buffer.size()) {
      const char first = buffer[position];
      if (first == ' ' || first == '\t') return fail(State::bad, "line starts with white space");
      if (first == ':') return fail(State::bad, "empty field name");
    }
    position = find_low_octet(buffer, position);
    if (position + 1 >= buffer.size() && (position == buffer.size() || buffer[position] == '\r')) break;
    if (buffer[position] == '\t') {
      ++position;
      continue;
    }
    if (buffer[position] != '\r')
      return fail(State::bad, buffer[position] == '\n' ? "LF without CR" : "control octet in head");
    if (buffer[position + 1] != '\n') return fail(State::bad, "CR without LF");
    const bool empty = position == line_begin_;
    position += 2;
    line_begin_ = position;
    if (!empty) {
      if (++lines_ > limits.fields + 1) return fail(State::too_large, "too many fields");
    } else if (lines_ == 0) {
      begin_ = position;
      if (++blank_lines_ > limits.blank_lines) return fail(State::bad, "empty line before the start line");
    } else {
      end_ = position;
      return end_ <= limits.head_bytes ? State::complete : fail(State::too_large, "head too large");
    }
  }
  position_ = position;
  return buffer.size() >= limits.head_bytes ? fail(State::too_large, "head too large") : State::need_more;
}

HeadScanner::State HeadScanner::fail(State state, const char* reason) {
  reason_ = reason;
  return state;
}

}  // namespace understudy::http
