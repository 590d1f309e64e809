// Where a body ends (RFC 9112 6.3), and the reader that finds it: one interface over no body, a counted one, a chunked
// one and one that ends with the connection. Used by every plane that reads messages; one BodyReader per connection and
// direction, reused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "proxy/http/chunked.h"
#include "proxy/http/field.h"

namespace understudy::http {

enum class Framing : std::uint8_t { none, content_length, chunked, until_close };

class BodyReader {
 public:
  using State = ChunkedReader::State;
  using Step = ChunkedReader::Step;

  // Starts on a new body. `content_length` counts for Framing::content_length alone. After it, state() is done for a
  // body of no octets.
  void start(Framing framing, std::uint64_t content_length, const ChunkedLimits& limits);

  // Takes octets off `input` up to the end of the next stretch of content, which `Step::data` shows as a view into
  // `input`. Never takes an octet beyond the end of the body. While state is `more` and `input` is not empty, at least
  // one octet is consumed.
  Step consume(std::string_view input);

  // The peer has ended its side in order. True if that ends the body as a whole; false: the body is cut short.
  bool finish();

  State state() const { return state_; }
  const char* reason() const { return chunked_.reason(); }  // of an error

  // Trailer fields of a chunked body that is done; valid until the next start().
  std::span<const Field> trailers() const;

 private:
  Framing framing_ = Framing::none;
  State state_ = State::done;
  std::uint64_t remaining_ = 0;
  ChunkedReader chunked_;
};

}  // namespace understudy::http
