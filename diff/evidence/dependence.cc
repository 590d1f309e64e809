// See dependence.h.
#include "diff/evidence/dependence.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace understudy::diff {
namespace {

constexpr std::size_t minute = 2;  // of block_lengths_us

// Fewer are no pattern.
constexpr double fewest_seen = 8;
constexpr double fewest_onsets_expected = 4;
constexpr double share_of_onsets = 0.5;  // of those expected
constexpr double largest_dispersion = 3;

double real(std::uint64_t number) {
  return static_cast<double>(number);
}

// Whether `onsets` of `seen` are far fewer than where a share of `rate` differs by chance.
bool are_too_few(double onsets, double seen, double rate) {
  const double expected = seen * (1 - rate);
  return seen >= fewest_seen && expected >= fewest_onsets_expected && onsets < share_of_onsets * expected;
}

}  // namespace

void Dependence::note(bool by_candidate, std::int64_t time_us, const Timeline& timeline) {
  ++seen_.of(by_candidate);
  std::uint64_t& last = last_exchange_[by_candidate ? 0 : 1];
  const bool begins = last == 0 || last + 1 != timeline.exchanges();
  if (begins) ++onsets_.of(by_candidate);
  if (by_candidate) {
    stretch_ = begins ? 1 : stretch_ + 1;
    longest_stretch_ = std::max(longest_stretch_, stretch_);
  }
  last = timeline.exchanges();
  for (std::size_t i = 0; i < block_lengths_us.size(); ++i) {
    const std::int64_t number = time_us / block_lengths_us[i];
    if (current_[i].number != number) {
      end_block(i, timeline);
      current_[i] = {number, {}};
    }
    ++current_[i].signs.of(by_candidate);
  }
}

void Dependence::note_noise(const Timeline& timeline) {
  ++noise_;
  if (last_noise_ == 0 || last_noise_ + 1 != timeline.exchanges()) ++noise_onsets_;
  last_noise_ = timeline.exchanges();
}

bool Dependence::is_noise_in_stretches(const Timeline& timeline) const {
  const double exchanges = real(timeline.exchanges());
  return exchanges > 0 && are_too_few(real(noise_onsets_), real(noise_), std::min(real(noise_) / exchanges, 1.0));
}

void Dependence::end_block(std::size_t length, const Timeline& timeline) {
  const Block& block = current_[length];
  if (block.number < 0) return;
  const double exchanges = std::max(timeline.exchanges_in(length, block.number), 1.0);
  squares_b_[length] += real(block.signs.b) * real(block.signs.b) / exchanges;
  squares_c_[length] += real(block.signs.c) * real(block.signs.c) / exchanges;
  if (length != minute) return;
  if (block.signs.b > block.signs.c) ++minutes_.b;
  if (block.signs.c > block.signs.b) ++minutes_.c;
}

Signs Dependence::minutes() const {
  Signs signs = minutes_;
  if (current_[minute].signs.b > current_[minute].signs.c) ++signs.b;
  if (current_[minute].signs.c > current_[minute].signs.b) ++signs.c;
  return signs;
}

bool Dependence::is_in_stretches(const Timeline& timeline) const {
  return is_in_stretches(true, real(timeline.exchanges())) || is_in_stretches(false, real(timeline.exchanges()));
}

bool Dependence::is_in_stretches(bool by_candidate, double exchanges) const {
  const double seen = real(seen_.of(by_candidate));
  return exchanges > 0 && are_too_few(real(onsets_.of(by_candidate)), seen, std::min(seen / exchanges, 1.0));
}

bool Dependence::repeats_are_new(bool by_candidate, const Timeline& timeline) const {
  const double repeats = real(continued_ + begun_again_);
  const double rate = timeline.exchanges() == 0 ? 1 : real(seen_.of(by_candidate)) / real(timeline.exchanges());
  return repeats >= fewest_seen && real(begun_again_) >= share_of_onsets * repeats * (1 - std::min(rate, 1.0));
}

bool Dependence::is_dispersed(const Timeline& timeline) const {
  for (std::size_t i = 0; i < block_lengths_us.size(); ++i) {
    if (is_dispersed(true, i, timeline) || is_dispersed(false, i, timeline)) return true;
  }
  return false;
}

// Pearson's statistic of "each block has its share", against the larger of what is tolerated and what chance gives.
bool Dependence::is_dispersed(bool by_candidate, std::size_t length, const Timeline& timeline) const {
  const double seen = real(seen_.of(by_candidate));
  const double exchanges = real(timeline.exchanges());
  const double freedom = real(timeline.blocks(length)) - 1;
  if (seen < fewest_seen || freedom < 1 || exchanges <= 0) return false;
  const double rate = std::min(seen / exchanges, 1.0);
  const double variance = rate * (1 - rate);
  if (exchanges * variance < fewest_onsets_expected) return false;
  const Block& current = current_[length];
  const double in_current = std::max(timeline.exchanges_in(length, current.number), 1.0);
  const double of_current = real(current.signs.of(by_candidate));
  const double squares = (by_candidate ? squares_b_ : squares_c_)[length] + of_current * of_current / in_current;
  const double statistic = (squares - seen * rate) / variance;
  const double by_chance = freedom + 4 * std::sqrt(2 * freedom) + 4;
  return statistic > std::max(largest_dispersion * freedom, by_chance);
}

Dependence& Dependence::operator+=(const Dependence& other) {
  seen_ += other.seen_;
  onsets_ += other.onsets_;
  for (std::size_t i = 0; i < block_lengths_us.size(); ++i) {
    squares_b_[i] += other.squares_b_[i];
    squares_c_[i] += other.squares_c_[i];
    if (other.current_[i].number > current_[i].number) {
      current_[i] = other.current_[i];
    } else if (other.current_[i].number == current_[i].number) {
      current_[i].signs += other.current_[i].signs;
    }
  }
  minutes_ += other.minutes_;
  longest_stretch_ = std::max(longest_stretch_, other.longest_stretch_);
  continued_ += other.continued_;
  begun_again_ += other.begun_again_;
  requests_ += other.requests_;
  noise_ += other.noise_;
  noise_onsets_ += other.noise_onsets_;
  return *this;
}

std::string Dependence::serialize() const {
  char text[512];
  int size =
      std::snprintf(text, sizeof text, "%llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu",
                    static_cast<unsigned long long>(seen_.b), static_cast<unsigned long long>(seen_.c),
                    static_cast<unsigned long long>(onsets_.b), static_cast<unsigned long long>(onsets_.c),
                    static_cast<unsigned long long>(minutes_.b), static_cast<unsigned long long>(minutes_.c),
                    static_cast<unsigned long long>(continued_), static_cast<unsigned long long>(begun_again_),
                    static_cast<unsigned long long>(requests_), static_cast<unsigned long long>(noise_),
                    static_cast<unsigned long long>(noise_onsets_), static_cast<unsigned long long>(longest_stretch_));
  for (std::size_t i = 0; i < block_lengths_us.size(); ++i) {
    const Block& block = current_[i];
    size +=
        std::snprintf(text + size, sizeof text - static_cast<std::size_t>(size), " %.9g %.9g %lld %llu %llu",
                      squares_b_[i], squares_c_[i], static_cast<long long>(block.number),
                      static_cast<unsigned long long>(block.signs.b), static_cast<unsigned long long>(block.signs.c));
  }
  return {text, static_cast<std::size_t>(size)};
}

bool Dependence::merge_serialized(std::string_view text) {
  const std::string copy(text);
  const char* place = copy.c_str();
  bool good = !copy.empty();
  const auto number = [&] {
    char* end = nullptr;
    const double value = std::strtod(place, &end);
    good = good && end != place && std::isfinite(value);
    place = end;
    return value;
  };
  const auto count = [&] {
    const double value = number();
    good = good && value >= 0 && value < 1e18;
    return good ? static_cast<std::uint64_t>(value) : 0;
  };
  Dependence read;
  for (std::uint64_t* member : {&read.seen_.b, &read.seen_.c, &read.onsets_.b, &read.onsets_.c, &read.minutes_.b,
                                &read.minutes_.c, &read.continued_, &read.begun_again_, &read.requests_, &read.noise_,
                                &read.noise_onsets_, &read.longest_stretch_}) {
    *member = count();
  }
  for (std::size_t i = 0; good && i < block_lengths_us.size(); ++i) {
    read.squares_b_[i] = number();
    read.squares_c_[i] = number();
    const double block = number();
    read.current_[i].number = good && block > -2 && block < 1e15 ? static_cast<std::int64_t>(block) : -1;
    read.current_[i].signs.b = count();
    read.current_[i].signs.c = count();
  }
  if (!good || *place != '\0') return false;
  *this += read;
  return true;
}

}  // namespace understudy::diff
