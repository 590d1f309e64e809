// Whether the discordances of one cell are as many observations as they look. A cached value, a counter, a switch or a
// bad minute makes thousands of exchanges differ for one reason: that is one toss of a coin, not thousands.
//
// Three things are counted beside the discordances themselves. *Onsets*: how often a discordance begins; where there
// are far fewer than independent exchanges would have, they come in stretches. *Dispersion*: how unevenly they spread
// over blocks of 1, 10 and 60 seconds. *Minutes*: the sign of each minute, which is all that is asked for where one of
// the two says that the exchanges depend on each other. None of it is exact: what begins with the first exchanges of a
// run, and lasts, cannot be told from a change of the build.
// Values only. Caller: evidence.cc counts, hypothesis.cc asks.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "diff/evidence/timeline.h"

namespace understudy::diff {

struct Signs {
  std::uint64_t b = 0;  // only the candidate
  std::uint64_t c = 0;  // only production's second answer, or the opposite direction

  std::uint64_t& of(bool by_candidate) { return by_candidate ? b : c; }
  std::uint64_t of(bool by_candidate) const { return by_candidate ? b : c; }
  Signs& operator+=(const Signs& other) {
    b += other.b;
    c += other.c;
    return *this;
  }
  bool operator==(const Signs&) const = default;
};

class Dependence {
 public:
  // A discordance in the exchange that `timeline` has just noted.
  void note(bool by_candidate, std::int64_t time_us, const Timeline& timeline);

  // Production's second answer differs from its first in the exchange that `timeline` has just noted.
  void note_noise(const Timeline& timeline);
  // … and does so in stretches: what varies is a state of the process, not the answer.
  bool is_noise_in_stretches(const Timeline& timeline) const;

  // Discordances come in stretches, on one side at least.
  bool is_in_stretches(const Timeline& timeline) const;
  // … or spread so unevenly over time that they are not as many observations.
  bool is_dispersed(const Timeline& timeline) const;
  // Minutes in which the candidate, or the other side, had more of them, the one under way included.
  Signs minutes() const;
  const Signs& seen() const { return seen_; }
  // The most exchanges in a row in which the candidate alone differed.
  std::uint64_t longest_stretch() const { return longest_stretch_; }

  // Of identical requests: whether one that differed before does so again as one would expect by chance, so that it is
  // a new observation. `continued`: it differed likewise the last time.
  void note_repeat(bool continued) { ++(continued ? continued_ : begun_again_); }
  bool repeats_are_new(bool by_candidate, const Timeline& timeline) const;
  void note_first_request() { ++requests_; }
  // So few different requests show it that one which never stops showing it counts more than once.
  bool is_of_few_requests() const { return requests_ <= 2; }

  Dependence& operator+=(const Dependence& other);
  // A compact form for the store, and back. An ill-formed text adds nothing and gives false.
  std::string serialize() const;
  bool merge_serialized(std::string_view text);
  bool operator==(const Dependence&) const = default;

 private:
  struct Block {
    std::int64_t number = -1;
    Signs signs;
    bool operator==(const Block&) const = default;
  };
  bool is_in_stretches(bool by_candidate, double exchanges) const;
  bool is_dispersed(bool by_candidate, std::size_t length, const Timeline& timeline) const;
  void end_block(std::size_t length, const Timeline& timeline);

  Signs seen_;
  Signs onsets_;
  std::array<std::uint64_t, 2> last_exchange_{};  // by sign: the timeline's count at the last one; 0 = none
  std::array<Block, block_lengths_us.size()> current_;
  // Sums over the ended blocks of d * d / n, for d discordances in n exchanges.
  std::array<double, block_lengths_us.size()> squares_b_{};
  std::array<double, block_lengths_us.size()> squares_c_{};
  Signs minutes_;              // ended ones
  std::uint64_t stretch_ = 0;  // of the candidate's, under way
  std::uint64_t longest_stretch_ = 0;
  std::uint64_t continued_ = 0;
  std::uint64_t begun_again_ = 0;
  std::uint64_t requests_ = 0;  // different ones
  std::uint64_t noise_ = 0;
  std::uint64_t noise_onsets_ = 0;
  std::uint64_t last_noise_ = 0;  // as last_exchange_
};

}  // namespace understudy::diff
