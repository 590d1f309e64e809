// The scan of a raw head that goes before llhttp, because llhttp 8.1 lets through what its callbacks cannot show
// (obs-fold, empty names) and has no limits. One pass; goes on where it stopped when more octets have come. Called by
// whoever reads heads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "proxy/http/limits.h"

namespace understudy::http {

class HeadScanner {
 public:
  enum class State { need_more, complete, bad, too_large };

  // Before each head.
  void reset() { *this = HeadScanner(); }

  // `buffer` holds the head from its first octet, contiguous, and on a repeated call the same octets and more (it may
  // have moved). complete: head(buffer) is the head, start line to the empty line; the caller drops buffer[0, end()).
  // bad: a line end other than CRLF, a control octet, a line that starts with SP, HT or ':'; reason() says which.
  State scan(std::string_view buffer, const HeadLimits& limits);

  std::string_view head(std::string_view buffer) const { return buffer.substr(begin_, end_ - begin_); }
  std::size_t end() const { return end_; }
  const char* reason() const { return reason_; }
  // True once an octet of the start line has been seen: tells a slow head (408) from an idle connection.
  bool started() const { return lines_ != 0 || position_ > line_begin_; }

 private:
  State fail(State state, const char* reason);

  std::size_t begin_ = 0;       // of the start line, after blank lines
  std::size_t line_begin_ = 0;  // of the line being scanned
  std::size_t position_ = 0;    // next octet to look at
  std::size_t end_ = 0;
  std::uint32_t lines_ = 0;
  std::uint32_t blank_lines_ = 0;
  const char* reason_ = "";
};

}  // namespace understudy::http
