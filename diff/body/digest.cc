// Running digests, see the header.
#include "diff/body/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace understudy::diff {

struct Digester::Hashes {
  XXH3_state_t whole;
  XXH3_state_t block;
};

Digester::Digester(std::size_t block_limit) : hashes_(std::make_unique<Hashes>()), block_limit_(block_limit) {
  XXH3_64bits_reset(&hashes_->whole);
  XXH3_64bits_reset(&hashes_->block);
}
Digester::~Digester() = default;
Digester::Digester(Digester&&) noexcept = default;
Digester& Digester::operator=(Digester&&) noexcept = default;

void Digester::update(std::string_view piece) {
  if (piece.empty()) return;
  XXH3_64bits_update(&hashes_->whole, piece.data(), piece.size());
  digest_.length += piece.size();
  while (!piece.empty() && digest_.blocks.size() < block_limit_) {
    const std::size_t count = std::min<std::size_t>(piece.size(), BodyDigest::block_size - in_block_);
    XXH3_64bits_update(&hashes_->block, piece.data(), count);
    in_block_ += count;
    piece.remove_prefix(count);
    if (in_block_ == BodyDigest::block_size) end_block();
  }
}

BodyDigest Digester::finish(bool cut_off) {
  if (in_block_ > 0) end_block();
  digest_.whole = XXH3_64bits_digest(&hashes_->whole);
  digest_.cut_off = cut_off;
  return std::move(digest_);
}

void Digester::end_block() {
  digest_.blocks.push_back(XXH3_64bits_digest(&hashes_->block));
  XXH3_64bits_reset(&hashes_->block);
  in_block_ = 0;
}

DigestDifference compare_digests(const BodyDigest& primary, const BodyDigest& other) {
  const auto [primary_block, other_block] =
      std::mismatch(primary.blocks.begin(), primary.blocks.end(), other.blocks.begin(), other.blocks.end());
  DigestDifference difference;
  difference.differs =
      primary.cut_off || other.cut_off || primary.length != other.length || primary.whole != other.whole;
  if (!difference.differs) return difference;
  const auto common = static_cast<std::uint64_t>(primary_block - primary.blocks.begin());
  const auto describe = [&](const BodyDigest& digest) {
    std::string text = std::to_string(digest.length) + " octets";
    if (digest.cut_off) text += " and more, not read to the end";
    text +=
        "; the first " + std::to_string(std::min(common * BodyDigest::block_size, digest.length)) + " octets are equal";
    return text;
  };
  difference.primary_value = describe(primary);
  difference.other_value = describe(other);
  return difference;
}

}  // namespace understudy::diff
