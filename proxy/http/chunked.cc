#include "proxy/http/chunked.h"

#include <algorithm>
#include <array>
#include <limits>

#include "proxy/http/characters.h"

namespace understudy::http {

void ChunkedReader::start(const ChunkedLimits& limits) {
  phase_ = Phase::size_first;
  digits_ = 0;
  extension_bytes_ = 0;
  line_begin_ = 0;
  remaining_ = 0;
  limits_ = limits;
  reason_ = "";
  trailer_bytes_.clear();
  trailer_lines_.clear();
  trailers_.clear();
}

ChunkedReader::State ChunkedReader::state() const {
  return phase_ == Phase::done ? State::done : phase_ == Phase::error ? State::error : State::more;
}

ChunkedReader::Step ChunkedReader::consume(std::string_view input) {
  std::size_t position = 0;
  while (position < input.size()) {
    if (phase_ == Phase::data) {
      const std::size_t length = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size() - position));
      remaining_ -= length;
      if (remaining_ == 0) phase_ = Phase::data_cr;
      return {position + length, input.substr(position, length), State::more};
    }
    if (phase_ == Phase::done || phase_ == Phase::error) break;
    if (!step(input[position])) return {position, {}, State::error};
    ++position;
  }
  return {position, {}, state()};
}

// One octet of what is not content. False: malformed.
bool ChunkedReader::step(char octet) {
  switch (phase_) {
    case Phase::size_first:
    case Phase::size: {
      const int digit = hex_value(octet);
      if (digit >= 0) {
        if (digits_ == 16 || remaining_ > (std::uint64_t{std::numeric_limits<std::int64_t>::max()} >> 4))
          return fail("chunk size too large");
        ++digits_;
        remaining_ = remaining_ * 16 + static_cast<unsigned>(digit);
        phase_ = Phase::size;
        return true;
      }
      if (phase_ == Phase::size_first || (octet != '\r' && octet != ';')) return fail("malformed chunk size");
      phase_ = octet == '\r' ? Phase::size_lf : Phase::extension;
      return true;
    }
    case Phase::extension:
      if (octet == '\r') {
        phase_ = Phase::size_lf;
        return true;
      }
      if (!is_field_value_octet(octet)) return fail("malformed chunk extension");
      return ++extension_bytes_ <= limits_.extension_bytes || fail("chunk extensions too large");
    case Phase::size_lf:
      if (octet != '\n') return fail("CR without LF in a chunk line");
      digits_ = 0;
      phase_ = remaining_ != 0 ? Phase::data : Phase::trailer_start;
      return true;
    case Phase::data_cr:
      if (octet != '\r') return fail("chunk data without CRLF");
      phase_ = Phase::data_lf;
      return true;
    case Phase::data_lf:
      if (octet != '\n') return fail("chunk data without CRLF");
      phase_ = Phase::size_first;
      return true;
    case Phase::trailer_start:
      line_begin_ = static_cast<std::uint32_t>(trailer_bytes_.size());
      if (octet == '\r') {
        phase_ = Phase::end_lf;
        return true;
      }
      phase_ = Phase::trailer_line;
      [[fallthrough]];
    case Phase::trailer_line:
      if (octet == '\r') {
        phase_ = Phase::trailer_lf;
        return end_trailer_line();
      }
      if (!is_field_value_octet(octet)) return fail("malformed trailer field");
      if (trailer_bytes_.size() + 2 * trailer_lines_.size() >= limits_.trailer_bytes)
        return fail("trailer section too large");
      trailer_bytes_.push_back(octet);
      return true;
    case Phase::trailer_lf:
      if (octet != '\n') return fail("CR without LF in the trailer section");
      phase_ = Phase::trailer_start;
      return true;
    case Phase::end_lf:
      if (octet != '\n') return fail("last chunk without CRLF");
      collect_trailers();
      phase_ = Phase::done;
      return true;
    case Phase::data:
    case Phase::done:
    case Phase::error:
      break;
  }
  return false;
}

bool ChunkedReader::fail(const char* reason) {
  reason_ = reason;
  phase_ = Phase::error;
  return false;
}

// The line is trailer_bytes_ from line_begin_ on. Only its place is noted: the storage may still move.
bool ChunkedReader::end_trailer_line() {
  const std::string_view line = std::string_view(trailer_bytes_).substr(line_begin_);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return fail("malformed trailer field");
  if (trailer_lines_.size() >= limits_.trailer_fields) return fail("too many trailer fields");
  trailer_lines_.push_back({line_begin_, static_cast<std::uint32_t>(colon), static_cast<std::uint32_t>(line.size())});
  return true;
}

void ChunkedReader::collect_trailers() {
  for (const TrailerLine& place : trailer_lines_) {
    const std::string_view line = std::string_view(trailer_bytes_).substr(place.begin, place.length);
    Field field{.name = line.substr(0, place.colon), .value = trim(line.substr(place.colon + 1))};
    field.id = classify_field(field.name);
    if (!is_forbidden_trailer(field)) trailers_.push_back(field);
  }
}

bool is_forbidden_trailer(const Field& field) {
  if (field.id != FieldId::other) return true;  // framing, routing, connection
  static constexpr std::array<std::string_view, 17> names = {
      "trailer", "content-type", "content-encoding",   "content-range", "authorization", "proxy-authorization",
      "cookie",  "set-cookie",   "www-authenticate",   "cache-control", "age",           "expires",
      "vary",    "range",        "proxy-authenticate", "pragma",        "location",
  };
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return equals_ignore_case(field.name, name); });
}

std::size_t write_chunk_header(std::uint64_t size, char* out) {
  static constexpr std::string_view hex = "0123456789abcdef";
  std::size_t digits = 1;
  for (std::uint64_t rest = size >> 4; rest != 0; rest >>= 4) ++digits;
  for (std::size_t i = digits; i-- > 0; size >>= 4) out[i] = hex[size & 15];
  out[digits] = '\r';
  out[digits + 1] = '\n';
  return digits + 2;
}

}  // namespace understudy::http
