// Running digests of a content that is too large to keep: XXH3-64 of each block and of the whole, in constant memory.
// Callers: proxy/shadow/ feeds pieces as they pass; diff/body/body.cc compares what came out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "diff/body/json_minify.h"
#include "diff/response.h"

namespace understudy::diff {

// The digest of a stream in pieces is the digest of the whole, wherever the pieces are cut.
class StreamDigester {
 public:
  // At most `block_limit` block digests are kept (8 octets each); what lies beyond is in `length` and `whole` only.
  explicit StreamDigester(std::size_t block_limit);
  ~StreamDigester();
  StreamDigester(StreamDigester&&) noexcept;
  StreamDigester& operator=(StreamDigester&&) noexcept;

  void update(std::string_view piece);
  // The digest of everything fed. Call once, last.
  StreamDigest finish();

 private:
  void end_block();

  struct Hashes;  // of the whole and of the block under way
  std::unique_ptr<Hashes> hashes_;
  std::size_t in_block_ = 0;
  std::size_t block_limit_;
  StreamDigest digest_;
};

// One content. Movable.
class Digester {
 public:
  enum class Kind : unsigned char { octets, json };

  // Of JSON, the minified stream is digested as well.
  explicit Digester(std::size_t block_limit, Kind kind = Kind::octets);

  void update(std::string_view piece);
  // `cut_off`: the reader stopped before the content's end. Call once, last.
  BodyDigest finish(bool cut_off);

 private:
  struct Minified {
    JsonMinifier minifier;
    StreamDigester digester;
    std::string buffer;
  };
  StreamDigester octets_;
  std::optional<Minified> minified_;
};

// What tells two digests apart. Nothing if the contents are equal, octet by octet or, both being JSON, without their
// white space; where one was cut off, as far as both were read in whole blocks. The values are for people.
struct DigestDifference {
  bool differs = false;
  bool known_equal = false;  // octet by octet, to the end
  std::string primary_value;
  std::string other_value;
};
DigestDifference compare_digests(const BodyDigest& primary, const BodyDigest& other);

}  // namespace understudy::diff
