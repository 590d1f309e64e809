// Any octets as a chunked body: the reader says the same whole, cut into pieces, and as a second decoder that knows
// nothing of pieces says. The first octet of the input chooses where to cut.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/http/framing.h"
#include "proxy/http/writer.h"
#include "tests/fuzz/strict_head_reader.h"

using understudy::fuzz::require;
using namespace understudy::http;

namespace {

using State = BodyReader::State;

struct Result {
  State state = State::more;
  std::string content;
  std::size_t consumed = 0;
  std::string trailers;

  bool operator==(const Result&) const = default;
};

Result read(std::string_view octets, std::size_t piece, const ChunkedLimits& limits) {
  BodyReader reader;
  reader.start(Framing::chunked, 0, limits);
  Result result;
  for (std::size_t at = 0; at < octets.size() && reader.state() == State::more; at += piece) {
    const std::string part(octets.substr(at, piece));
    std::string_view rest = part;
    while (!rest.empty() && reader.state() == State::more) {
      const BodyReader::Step step = reader.consume(rest);
      require(step.consumed != 0 || step.state == State::error);
      result.content += step.data;
      result.consumed += step.consumed;
      rest.remove_prefix(step.consumed);
    }
  }
  result.state = reader.state();
  for (const Field& field : reader.trailers())
    result.trailers.append(field.name).append("=").append(field.value).append("\n");
  return result;
}

// RFC 9112 7.1, read at one go; false unless `octets` begins with a whole and well-formed body.
bool decode(std::string_view octets, std::string& content, std::size_t& length) {
  const std::size_t all = octets.size();
  const auto take_line = [&](std::string_view& line) {
    const std::size_t end = octets.find("\r\n");
    if (end == std::string_view::npos) return false;
    line = octets.substr(0, end);
    octets.remove_prefix(end + 2);
    for (const char c : line) {
      if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f) return false;
    }
    return true;
  };
  std::string_view line;
  for (;;) {
    if (!take_line(line)) return false;
    const std::string digits(line.substr(0, line.find(';')));
    if (digits.empty() || digits.size() > 16 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos)
      return false;
    const unsigned long long size = std::stoull(digits, nullptr, 16);
    if (size == 0) break;
    if (octets.size() < 2 || size > octets.size() - 2 || octets.substr(size, 2) != "\r\n") return false;
    content += octets.substr(0, size);
    octets.remove_prefix(size + 2);
  }
  do {
    if (!take_line(line)) return false;
    if (line.empty()) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    for (const char c : line.substr(0, colon)) {
      if (!std::isalnum(static_cast<unsigned char>(c)) &&
          std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos)
        return false;
    }
  } while (!line.empty());
  length = all - octets.size();
  return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t piece = data[0] % 16 + 1;
  const std::string_view octets(reinterpret_cast<const char*>(data + 1), size - 1);

  const ChunkedLimits wide{.extension_bytes = UINT32_MAX, .trailer_bytes = UINT32_MAX, .trailer_fields = UINT32_MAX};
  const Result whole = read(octets, octets.size() + 1, wide);
  require(read(octets, piece, wide) == whole);
  std::string content;
  std::size_t length = 0;
  require((whole.state == State::done) == decode(octets, content, length));
  if (whole.state == State::done) require(whole.content == content && whole.consumed == length);

  const ChunkedLimits tight{.extension_bytes = 4, .trailer_bytes = 16, .trailer_fields = 2};
  require(read(octets, piece, tight) == read(octets, octets.size() + 1, tight));
  return 0;
}
