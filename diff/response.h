// The values that diff/ judges: a request's identity and two or three responses to it, free of any protocol version.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace understudy::diff {

struct Field {
  std::string name;   // as received; compared without regard to case (RFC 9110 5.1)
  std::string value;  // without surrounding white space
};

// XXH3-64 of each block of BodyDigest::block_size octets of a stream (the last may be shorter).
struct StreamDigest {
  std::uint64_t length = 0;           // octets seen
  std::vector<std::uint64_t> blocks;  // bounded by the response_size limit
  std::uint64_t whole = 0;            // XXH3-64 of everything seen, also of what lies beyond `blocks`
};

// A body too large to keep: its content as received, and of JSON that is not coded the same without white space between
// tokens.
struct BodyDigest : StreamDigest {
  static constexpr std::uint64_t block_size = 64 * 1024;
  std::optional<StreamDigest> minified;
  bool cut_off = false;  // reading stopped at the response_size limit
};

struct Response {
  int status = 0;  // 100..599
  std::vector<Field> fields;
  std::vector<Field> trailers;
  std::string body;  // content as received (still content-coded), transfer coding removed; empty if `digest`
  std::optional<BodyDigest> digest;  // set instead of `body` for a body larger than mirror.body
};

struct Request {
  std::string method;
  std::string target;  // origin-form: path and query
  std::vector<Field> fields;
};

}  // namespace understudy::diff
