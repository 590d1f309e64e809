// Removal of content codings (RFC 9110 8.4): gzip, deflate, br, zstd, up to two stacked. Caller: diff/body/body.cc.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace understudy::diff {

// Decoded content is held in memory, so both limits are small; beyond either the coded octets are compared instead.
inline constexpr std::size_t decoded_size_limit = 8 * 1024 * 1024;
inline constexpr std::size_t decoded_ratio_limit = 200;        // decoded : coded, beyond decoded_ratio_floor
inline constexpr std::size_t decoded_ratio_floor = 64 * 1024;  // small contents may be as dense as they like
inline constexpr std::size_t content_coding_limit = 2;

// Octets that must be readable behind a text that the JSON parser reads in place.
inline constexpr std::size_t parser_padding = 64;

enum class Decoding : unsigned char {
  decoded,
  malformed,      // a known coding that does not decode: truncated, corrupt
  beyond_limits,  // larger than the limits above, or more codings than content_coding_limit
  unknown,        // a coding this program does not know
};

// True for an absent or empty Content-Encoding and for "identity".
bool is_identity(std::string_view content_encoding);

// Decodes `coded` as the field value `content_encoding` says into `decoded` (with parser_padding of spare capacity).
Decoding decode(std::string_view content_encoding, std::string_view coded, std::string& decoded);

}  // namespace understudy::diff
