// Running digests of a content that is too large to keep: XXH3-64 of each block and of the whole, in constant memory.
// Callers: proxy/shadow/ feeds pieces as they pass; diff/body/body.cc compares what came out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "diff/response.h"

namespace understudy::diff {

// One content. Movable. A digest over pieces is the digest over the whole, wherever the pieces are cut.
class Digester {
 public:
  // At most `block_limit` block digests are kept (8 octets each); what lies beyond is in `length` and `whole` only.
  explicit Digester(std::size_t block_limit);
  ~Digester();
  Digester(Digester&&) noexcept;
  Digester& operator=(Digester&&) noexcept;

  void update(std::string_view piece);
  // The digest of everything fed; `cut_off`: the reader stopped before the content's end. Call once, last.
  BodyDigest finish(bool cut_off);

 private:
  void end_block();

  struct Hashes;  // of the whole and of the block under way
  std::unique_ptr<Hashes> hashes_;
  std::size_t in_block_ = 0;
  std::size_t block_limit_;
  BodyDigest digest_;
};

// What tells two digests apart; nothing if they are equal and neither was cut off. The values are for people.
struct DigestDifference {
  bool differs = false;
  std::string primary_value;
  std::string other_value;
};
DigestDifference compare_digests(const BodyDigest& primary, const BodyDigest& other);

}  // namespace understudy::diff
