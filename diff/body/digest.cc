// Running digests, see the header.
#include "diff/body/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace understudy::diff {

struct StreamDigester::Hashes {
  XXH3_state_t whole;
  XXH3_state_t block;
};

StreamDigester::StreamDigester(std::size_t block_limit)
    : hashes_(std::make_unique<Hashes>()), block_limit_(block_limit) {
  XXH3_64bits_reset(&hashes_->whole);
  XXH3_64bits_reset(&hashes_->block);
}
StreamDigester::~StreamDigester() = default;
StreamDigester::StreamDigester(StreamDigester&&) noexcept = default;
StreamDigester& StreamDigester::operator=(StreamDigester&&) noexcept = default;

void StreamDigester::update(std::string_view piece) {
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

StreamDigest StreamDigester::finish() {
  if (in_block_ > 0) end_block();
  digest_.whole = XXH3_64bits_digest(&hashes_->whole);
  return std::move(digest_);
}

void StreamDigester::end_block() {
  digest_.blocks.push_back(XXH3_64bits_digest(&hashes_->block));
  XXH3_64bits_reset(&hashes_->block);
  in_block_ = 0;
}

Digester::Digester(std::size_t block_limit, Kind kind) : octets_(block_limit) {
  if (kind == Kind::json) minified_.emplace(Minified{{}, StreamDigester(block_limit), {}});
}

void Digester::update(std::string_view piece) {
  octets_.update(piece);
  if (!minified_) return;
  // In parts, so that the buffer stays small.
  while (!piece.empty()) {
    const std::string_view part = piece.substr(0, BodyDigest::block_size);
    piece.remove_prefix(part.size());
    minified_->buffer.clear();
    minified_->minifier.append(part, minified_->buffer);
    minified_->digester.update(minified_->buffer);
  }
}

BodyDigest Digester::finish(bool cut_off) {
  BodyDigest digest;
  static_cast<StreamDigest&>(digest) = octets_.finish();
  if (minified_) digest.minified = minified_->digester.finish();
  digest.cut_off = cut_off;
  return digest;
}

namespace {

std::uint64_t common_blocks(const StreamDigest& primary, const StreamDigest& other) {
  const auto different =
      std::mismatch(primary.blocks.begin(), primary.blocks.end(), other.blocks.begin(), other.blocks.end());
  return static_cast<std::uint64_t>(different.first - primary.blocks.begin());
}

// Whether nothing tells the streams apart, of which those that are cut off go on.
bool are_equal(const StreamDigest& primary, bool primary_cut, const StreamDigest& other, bool other_cut) {
  if (primary.length == other.length) return primary.whole == other.whole;
  const bool shorter_is_cut = primary.length < other.length ? primary_cut : other_cut;
  if (!shorter_is_cut) return false;
  const std::uint64_t read = std::min(primary.length, other.length) / BodyDigest::block_size;
  const std::uint64_t kept = std::min<std::uint64_t>(primary.blocks.size(), other.blocks.size());
  return common_blocks(primary, other) >= std::min(read, kept);
}

}  // namespace

DigestDifference compare_digests(const BodyDigest& primary, const BodyDigest& other) {
  DigestDifference difference;
  if (are_equal(primary, primary.cut_off, other, other.cut_off)) {
    difference.known_equal = !primary.cut_off && !other.cut_off;
    return difference;
  }
  if (primary.minified && other.minified &&
      are_equal(*primary.minified, primary.cut_off, *other.minified, other.cut_off)) {
    return difference;
  }
  difference.differs = true;
  const std::uint64_t common = common_blocks(primary, other);
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
