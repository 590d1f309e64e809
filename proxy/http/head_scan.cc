#include "proxy/http/head_scan.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace understudy::http {
namespace {

// The index of the first octet at or after `from` that is at most 0x0d: CR, LF, HT, NUL and the control octets between;
// or the size.
std::size_t find_low_octet(std::string_view text, std::size_t from) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  std::size_t i = from;
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
  const auto exhausted = [&] {
    if (position_ > line_begin_) started_ = true;
    return buffer.size() >= limits.head_bytes ? fail(State::too_large, "head too large") : State::need_more;
  };
  for (;;) {
    if (position_ == line_begin_ && position_ < buffer.size()) {
      const char first = buffer[position_];
      if (first == ' ' || first == '\t') return fail(State::bad, "line starts with white space");
      if (first == ':') return fail(State::bad, "empty field name");
    }
    position_ = find_low_octet(buffer, position_);
    if (position_ == buffer.size()) return exhausted();
    switch (buffer[position_]) {
      case '\t':
        ++position_;
        break;
      case '\r': {
        if (position_ + 1 == buffer.size()) return exhausted();
        if (buffer[position_ + 1] != '\n') return fail(State::bad, "CR without LF");
        const State state = end_of_line(limits);
        if (state != State::need_more) return state;
        break;
      }
      case '\n':
        return fail(State::bad, "LF without CR");
      default:
        return fail(State::bad, "control octet in head");
    }
  }
}

// `position_` is at a CR LF. Gives need_more where the head goes on.
HeadScanner::State HeadScanner::end_of_line(const HeadLimits& limits) {
  const bool empty = position_ == line_begin_;
  position_ += 2;
  line_begin_ = position_;
  if (position_ > limits.head_bytes) return fail(State::too_large, "head too large");
  if (!empty) {
    started_ = true;
    if (++lines_ > limits.fields + 1) return fail(State::too_large, "too many fields");
    return State::need_more;
  }
  if (lines_ == 0) {
    begin_ = position_;
    if (++blank_lines_ > limits.blank_lines) return fail(State::bad, "empty line before the start line");
    return State::need_more;
  }
  end_ = position_;
  return State::complete;
}

HeadScanner::State HeadScanner::fail(State state, const char* reason) {
  reason_ = reason;
  return state;
}

}  // namespace understudy::http
