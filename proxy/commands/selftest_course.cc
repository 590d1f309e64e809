// See selftest_course.h.
#include "proxy/commands/selftest_course.h"

#include <algorithm>
#include <cmath>

namespace understudy {
namespace {

constexpr double fewest_seen = 8;
constexpr double least_variance = 4;  // of what is seen; below it, blocks say nothing
constexpr double largest_dispersion = 3;

double real(std::uint64_t number) {
  return static_cast<double>(number);
}

}  // namespace

double SelftestCourse::Block::squares_so_far() const {
  return squares + (compared == 0 ? 0 : real(count) * real(count) / real(compared));
}

std::string SelftestCourse::key_of(const SelftestRow& row) {
  return row.endpoint + '\n' + row.path + '\n' + row.difference_class;
}

// A report that says nothing new is no look.
void SelftestCourse::note(const SelftestReport& report, double seconds) {
  if (report.compared == 0 || report.compared == last_compared_) return;
  if (looks_ == 0) {
    first_compared_ = report.compared;
    first_s_ = seconds;
  }
  last_compared_ = report.compared;
  last_s_ = seconds;
  ++looks_;
  for (const auto& [name, compared] : report.endpoints) {
    Endpoint& endpoint = endpoints_[name];
    if (compared == endpoint.compared) continue;
    endpoint.compared = compared;
    for (std::size_t i = 0; i < block_looks.size(); ++i) {
      const std::uint64_t block = looks_ / block_looks[i] + 1;
      if (endpoint.last_block[i] != block) ++endpoint.blocks[i];
      endpoint.last_block[i] = block;
    }
  }
  for (const SelftestRow& row : report.rows) {
    const auto [found, is_new] = series_.try_emplace(key_of(row));
    Series& series = found->second;
    const std::uint64_t compared = row.compared - std::min(series.compared, row.compared);
    const std::uint64_t count = row.count - std::min(series.count, row.count);
    series.compared = row.compared;
    series.count = row.count;
    for (std::size_t i = 0; i < block_looks.size(); ++i) {
      Block& block = series.blocks[i];
      const std::uint64_t number = looks_ / block_looks[i] + 1;
      if (block.number != number) block = {number, 0, 0, block.squares_so_far()};
      // Where it was not seen before, how many exchanges there were since the look before is not known: all of them.
      block.compared += is_new ? std::max(count, compared / std::max<std::uint64_t>(looks_, 1)) : compared;
      block.count += count;
    }
  }
}

bool SelftestCourse::comes_in_bursts(const SelftestRow& row) const {
  const auto series = series_.find(key_of(row));
  const auto endpoint = endpoints_.find(row.endpoint);
  if (series == series_.end() || endpoint == endpoints_.end()) return false;
  const double seen = real(series->second.count);
  const double exchanges = real(series->second.compared);
  if (seen < fewest_seen || exchanges <= 0) return false;
  const double rate = std::min(seen / exchanges, 1.0);
  const double variance = rate * (1 - rate);
  if (exchanges * variance < least_variance) return false;
  for (std::size_t i = 0; i < block_looks.size(); ++i) {
    const double freedom = real(endpoint->second.blocks[i]) - 1;
    if (freedom < 2) continue;
    const double statistic = (series->second.blocks[i].squares_so_far() - seen * rate) / variance;
    const double by_chance = freedom + 4 * std::sqrt(2 * freedom) + 4;
    if (statistic > std::max(largest_dispersion * freedom, by_chance)) return true;
  }
  return false;
}

double SelftestCourse::pace() const {
  return last_s_ > first_s_ ? real(last_compared_ - first_compared_) / (last_s_ - first_s_) : 0;
}

}  // namespace understudy
