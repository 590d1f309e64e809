// How many exchanges an endpoint had in each stretch of time: what the dependence of its differences is measured
// against. Values only, in constant memory. Caller: evidence.cc.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::diff {

// Blocks of 1, 10 and 60 seconds.
inline constexpr std::array<std::int64_t, 3> block_lengths_us{1'000'000, 10'000'000, 60'000'000};

class Timeline {
 public:
  void note(std::int64_t time_us) {
    ++exchanges_;
    for (std::size_t i = 0; i < block_lengths_us.size(); ++i) {
      const std::int64_t number = time_us / block_lengths_us[i];
      Block& block = recent_[i][static_cast<std::size_t>(number) % recent];
      if (block.number != number) {
        block = {number, 0};
        ++blocks_[i];
      }
      ++block.exchanges;
    }
  }

  std::uint64_t exchanges() const { return exchanges_; }
  // Blocks of that length which had traffic.
  std::uint64_t blocks(std::size_t length) const { return blocks_[length]; }
  // Exchanges of a block with traffic; the average, where it is long ago.
  double exchanges_in(std::size_t length, std::int64_t number) const {
    const Block& block = recent_[length][static_cast<std::size_t>(number) % recent];
    if (block.number == number) return block.exchanges;
    return blocks_[length] == 0 ? 1 : static_cast<double>(exchanges_) / static_cast<double>(blocks_[length]);
  }

  // Goes on from what was counted earlier.
  void restore(std::uint64_t exchanges, const std::array<std::uint64_t, block_lengths_us.size()>& blocks) {
    exchanges_ += exchanges;
    for (std::size_t i = 0; i < blocks.size(); ++i) blocks_[i] += blocks[i];
  }

 private:
  static constexpr std::size_t recent = 16;
  struct Block {
    std::int64_t number = -1;
    std::uint32_t exchanges = 0;
  };
  std::uint64_t exchanges_ = 0;
  std::array<std::uint64_t, block_lengths_us.size()> blocks_{};
  std::array<std::array<Block, recent>, block_lengths_us.size()> recent_{};
};

}  // namespace understudy::diff
