// The chunked transfer coding (RFC 9112 7.1), read strictly and written by us alone: no chunk line is ever forwarded as
// received. The reader stops and goes on at any octet and copies no content. Used through BodyReader (framing.h) and by
// the writers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/field.h"
#include "proxy/http/limits.h"

namespace understudy::http {

class ChunkedReader {
 public:
  enum class State : std::uint8_t { more, done, error };

  struct Step {
    std::size_t consumed = 0;
    std::string_view data;  // content found, a view into the input; may be empty
    State state = State::more;
  };

  void start(const ChunkedLimits& limits);

  // Takes octets off `input` up to the end of the next stretch of content, never beyond the end of the body.
  Step consume(std::string_view input);

  State state() const;
  // Why the state is `error`; a literal.
  const char* reason() const { return reason_; }

  // The trailer section, without the fields that must not stand there (RFC 9110 6.5.1: framing, routing, content and
  // connection fields). Views into this object; valid once done, until the next start().
  std::span<const Field> trailers() const { return trailers_; }

 private:
  enum class Phase : std::uint8_t {
    size_first,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_start,
    trailer_line,
    trailer_lf,
    end_lf,
    done,
    error
  };

  bool step(char octet);
  bool fail(const char* reason);
  bool end_trailer_line();
  void collect_trailers();

  struct TrailerLine {
    std::uint32_t begin, colon, length;  // in trailer_bytes_; `colon` counts from `begin`
  };

  Phase phase_ = Phase::done;
  std::uint8_t digits_ = 0;
  std::uint32_t extension_bytes_ = 0;
  std::uint32_t line_begin_ = 0;
  std::uint64_t remaining_ = 0;
  ChunkedLimits limits_;
  const char* reason_ = "";
  std::string trailer_bytes_;
  std::vector<TrailerLine> trailer_lines_;
  std::vector<Field> trailers_;
};

// True for names that must not appear in a trailer section.
bool is_forbidden_trailer(const Field& field);

inline constexpr std::size_t chunk_header_max = 18;  // 16 hex digits, CR, LF

// Writes "<hex size>CRLF" to `out`, which holds chunk_header_max octets, and gives the number written. `size` is not 0:
// that would be the last chunk. The chunk's data and a CRLF follow.
std::size_t write_chunk_header(std::uint64_t size, char* out);

}  // namespace understudy::http
