// How the differences of a selftest come over time: a cache, a switch or a bad minute makes them come in bursts, where
// noise spreads them as the exchanges are spread. Pearson's statistic over blocks of one, ten and sixty looks, as
// diff/evidence/dependence.h has it for what a run counts. Pure. Caller: selftest.cc, with a report about once a
// second.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "proxy/commands/selftest_report.h"

namespace understudy {

class SelftestCourse {
 public:
  void note(const SelftestReport& report, double seconds);

  bool comes_in_bursts(const SelftestRow& row) const;
  double pace() const;  // compared exchanges a second; 0 = not known

 private:
  static constexpr std::array<std::uint64_t, 3> block_looks{1, 10, 60};

  struct Block {
    std::uint64_t number = 0;
    std::uint64_t compared = 0;
    std::uint64_t count = 0;
    double squares = 0;  // of the ended ones: count * count / compared

    double squares_so_far() const;
  };
  struct Series {
    std::uint64_t compared = 0;  // at the last look
    std::uint64_t count = 0;
    std::array<Block, block_looks.size()> blocks{};
  };
  struct Endpoint {
    std::uint64_t compared = 0;
    std::array<std::uint64_t, block_looks.size()> last_block{};
    std::array<std::uint64_t, block_looks.size()> blocks{};  // in which it was asked
  };
  static std::string key_of(const SelftestRow& row);

  std::map<std::string, Series> series_;
  std::map<std::string, Endpoint> endpoints_;
  std::uint64_t looks_ = 0;
  std::uint64_t first_compared_ = 0;
  std::uint64_t last_compared_ = 0;
  double first_s_ = 0;
  double last_s_ = 0;
};

}  // namespace understudy
