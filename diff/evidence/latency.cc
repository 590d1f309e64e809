// See latency.h. The signs are valid however they are looked at where exchanges are independent: a median sign of a
// block is in favour with a probability of 1/2 at most when a single one is. The five ways to a proof are one bet: the
// weighted mean of their likelihood ratios, so none of them costs the others more than its weight.
#include "diff/evidence/latency.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <initializer_list>
#include <limits>
#include <numbers>

#include "diff/evidence/e_process.h"

namespace understudy::diff {
namespace {

constexpr double noise_floor_s = 200e-6;
constexpr double tail_factor = 2;
constexpr double far_tail_factor = 4;
// Of the exchanges, net: what is tolerated in the tail, and what has to be excluded of it.
constexpr double tail_share_proved = 0.01;
constexpr double tail_share_excluded = 0.02;
constexpr double tail_share_excluded_of_noisy = 0.05;
constexpr double noisy_share = 0.1;
constexpr double noisy_after = 200;
const double log_evidence_of_no_suspicion = std::log(20.0);

constexpr std::int64_t second_us = 1'000'000;
constexpr std::int64_t stretch_us = second_us / 10;
constexpr std::array<std::int64_t, 3> dispersion_blocks_us{second_us, 10 * second_us, 60 * second_us};
constexpr std::int64_t dispersion_blocks_min = 8;

// The first ones find the place, by steps of which the sum is unbounded and that of the squares is not (Robbins, Monro
// 1951); before 20 it is not good enough to measure by.
constexpr std::int64_t present_usable_after = 20;
constexpr std::int64_t present_found_after = 200;
constexpr std::int64_t present_found_after_stretches = 20;
constexpr double present_first_step = 2;
constexpr double present_step = 0.05;
constexpr double present_step_in_a_second = 0.1;

// When a block ends and what makes its sign.
struct SignRule {
  std::int64_t block_us;
  std::int64_t exchanges_min;  // a block with fewer goes on
  double tolerated_share;
  double slack;  // the median of a Poisson variable is up to 1/3 above its mean
};
constexpr SignRule typical_minutes_rule{60 * second_us, 1, 0, 0};
constexpr SignRule twice_rule{20 * second_us, 1, 0, 0};
constexpr SignRule thrice_rule{second_us * 4 / 10, 1, 0, 0};
constexpr SignRule tail_minutes_rule{60 * second_us, 100, tail_share_proved, 1.0 / 3};
constexpr SignRule tail_stretches_rule{stretch_us, 1, 0, 0};

// Exchanges end in no strict order: one that is late by less than a block belongs to the block at hand. A clock that
// was set back begins a new one.
bool is_another_block(std::int64_t block, std::int64_t at_hand) {
  return block > at_hand || block < at_hand - 1;
}

void add_to(BlockSigns& signs, const SignRule& rule, std::int64_t time_us, int x) {
  const std::int64_t block = time_us / rule.block_us;
  if (is_another_block(block, signs.block) && signs.exchanges >= rule.exchanges_min) {
    const double excess =
        static_cast<double>(signs.balance) - rule.tolerated_share * static_cast<double>(signs.exchanges) - rule.slack;
    signs.in_favour += excess > 0 ? 1 : 0;
    signs.against += excess < 0 ? 1 : 0;
    signs.exchanges = signs.balance = 0;
  }
  if (signs.exchanges == 0) signs.block = block;
  ++signs.exchanges;
  signs.balance += x;
}

void add_to(BlockSums& sums, std::int64_t block_us, std::int64_t time_us, int x) {
  const std::int64_t block = time_us / block_us;
  if (sums.exchanges != 0 && is_another_block(block, sums.block)) {
    ++sums.blocks;
    sums.xx += sums.balance * sums.balance;
    sums.nx += sums.exchanges * sums.balance;
    sums.nn += sums.exchanges * sums.exchanges;
    sums.exchanges = sums.balance = 0;
  }
  if (sums.exchanges == 0) sums.block = block;
  ++sums.exchanges;
  sums.balance += x;
}

// `x`: 1 beyond the limit, -1 beyond its mirror image, else 0.
void add_to(Exceedances& counts, std::int64_t time_us, int x) {
  counts.b += x > 0 ? 1 : 0;
  counts.c += x < 0 ? 1 : 0;
  for (std::size_t i = 0; i < counts.over.size(); ++i) {
    add_to(counts.over[i], dispersion_blocks_us[i], time_us, x);
  }
}

// Every number of the counters, in the order of their text: `sum` for what is added up, `at_hand` for the open blocks.
template <class Counters, class Sum, class AtHand>
void visit(Counters& counters, Sum sum, AtHand at_hand) {
  sum(counters.exchanges);
  at_hand(counters.present.last_us, counters.present.log_millionths, counters.present.exchanges,
          counters.present.stretches);
  for (auto* exceedances : {&counters.typical, &counters.tail, &counters.far_tail}) {
    sum(exceedances->b);
    sum(exceedances->c);
    for (auto& over : exceedances->over) {
      at_hand(over.block, over.exchanges, over.balance);
      sum(over.blocks);
      sum(over.xx);
      sum(over.nx);
      sum(over.nn);
    }
  }
  for (auto* signs : {&counters.typical_minutes, &counters.twice, &counters.thrice, &counters.tail_minutes,
                      &counters.tail_stretches, &counters.far_tail_stretches}) {
    at_hand(signs->block, signs->exchanges, signs->balance);
    sum(signs->in_favour);
    sum(signs->against);
  }
}

// No counter of a life gets there, and sums of two such cannot overflow.
constexpr std::int64_t largest_number = std::numeric_limits<std::int64_t>::max() / 4;
// Of a block that has not ended: its square must fit as well.
constexpr std::int64_t largest_at_hand = 1'000'000'000;

bool take(std::string_view& text, std::int64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end == text.data() + text.size() || *end != ',') return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
  return number <= largest_number && number >= -largest_number;
}

// ln of the mean of exp(x).
double log_mean(std::initializer_list<double> xs) {
  const double largest = std::max(xs);
  double sum = 0;
  for (const double x : xs) {
    sum += std::exp(x - largest);
  }
  return largest + std::log(sum / static_cast<double>(xs.size()));
}

// X is 1 in b of the exchanges, -1 in c and else 0. Against "the mean of X is at most `limit`": the mean over some
// stakes of the product of 1 + stake (X - limit). With side = -1: against "at least `limit`".
double log_evidence_of_mean(double b, double c, double others, double limit, double side) {
  constexpr std::array shares{0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.5, 0.7, 0.9, 0.99};
  std::array<double, shares.size()> logs;
  // The largest loss is that of X = -side.
  const double most = 1 / (1 + side * limit);
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double stake = side * shares[i] * most;
    logs[i] = b * std::log1p(stake * (1 - limit)) + c * std::log1p(stake * (-1 - limit)) +
              others * std::log1p(stake * -limit);
  }
  const double largest = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double log : logs) {
    sum += std::exp(log - largest);
  }
  return largest + std::log(sum / static_cast<double>(shares.size()));
}

double log_evidence_of(const BlockSigns& signs, double growth) {
  return log_evidence_of_excess(growth * static_cast<double>(signs.in_favour),
                                growth * static_cast<double>(signs.against));
}

double log_evidence_of_none(const BlockSigns& signs, double growth) {
  return log_evidence_of_excess(growth * static_cast<double>(signs.against),
                                growth * static_cast<double>(signs.in_favour));
}

// That no more than 2 % of the exchanges, net, are beyond the far limit, or twice what is beyond its mirror image.
double log_evidence_of_no_far_tail(const LatencyCounters& counters, double growth) {
  const double b = static_cast<double>(counters.far_tail.b);
  const double c = static_cast<double>(counters.far_tail.c);
  const double n = static_cast<double>(counters.exchanges);
  const double limit = std::clamp(2 * c / n, tail_share_excluded, 0.5);
  return log_evidence_of_mean(growth * b, growth * c, growth * (n - b - c), limit, -1);
}

// The evidence if all counts were `growth` times what they are.
class LatencyEvidence {
 public:
  explicit LatencyEvidence(const LatencyCounters& counters)
      : counters_(counters),
        exchanges_(static_cast<double>(counters.exchanges)),
        typical_dispersion_(counters.typical.dispersion(counters.exchanges)),
        tail_dispersion_(counters.tail.dispersion(counters.exchanges)),
        far_tail_dispersion_(counters.far_tail.dispersion(counters.exchanges)) {}

  double of_slower(double growth) const {
    const double thrice = log_evidence_of(counters_.thrice, growth);
    return log_mean({log_evidence_of(counters_.typical_minutes, growth),
                     log_evidence_of(counters_.typical_minutes, growth), log_evidence_of(counters_.twice, growth),
                     thrice, thrice, log_evidence_of(counters_.tail_minutes, growth), of_far_tail(growth)});
  }

  double of_no_typical(double growth) const {
    if (!knows_dispersion(counters_.typical, growth)) return 0;
    const double n = growth / typical_dispersion_;
    return log_mean({log_evidence_of_excess(n * static_cast<double>(counters_.typical.c),
                                            n * static_cast<double>(counters_.typical.b)),
                     log_evidence_of_none(counters_.typical_minutes, growth)});
  }

  double of_no_tail(double growth) const {
    if (!knows_dispersion(counters_.tail, growth)) return 0;
    const double b = static_cast<double>(counters_.tail.b);
    const double c = static_cast<double>(counters_.tail.c);
    const double n = growth / tail_dispersion_;
    // By what lies on the other side: what is in the tail must not make its endpoint a noisy one.
    const bool is_noisy = exchanges_ >= noisy_after && 2 * c > noisy_share * exchanges_;
    const double limit = is_noisy ? tail_share_excluded_of_noisy : tail_share_excluded;
    const double excluded = log_mean({log_evidence_of_mean(n * b, n * c, n * (exchanges_ - b - c), limit, -1),
                                      log_evidence_of_none(counters_.tail_minutes, growth)});
    // So little is excluded of a noisy one that a far tail would hide in it.
    return is_noisy ? std::min(excluded, log_evidence_of_no_far_tail(counters_, growth / far_tail_dispersion_))
                    : excluded;
  }

 private:
  static bool knows_dispersion(const Exceedances& counts, double growth) {
    return growth * static_cast<double>(counts.over[0].blocks) >= dispersion_blocks_min;
  }

  double of_far_tail(double growth) const {
    const Exceedances& far = counters_.far_tail;
    if (!knows_dispersion(far, growth)) return 0;
    const double n = growth / far_tail_dispersion_;
    const double b = static_cast<double>(far.b);
    const double c = static_cast<double>(far.c);
    return log_evidence_of_mean(n * b, n * c, n * (exchanges_ - b - c), tail_share_proved, 1);
  }

  const LatencyCounters& counters_;
  double exchanges_;
  double typical_dispersion_;
  double tail_dispersion_;
  double far_tail_dispersion_;
};

// How many times the exchanges so far it takes until `decided`; 0 if that is beyond sight.
template <class Decided>
double growth_until(Decided decided) {
  constexpr double beyond_sight = 1000;
  for (double growth = 1; growth < beyond_sight; growth *= 1.25) {
    if (decided(growth)) return growth;
  }
  return 0;
}

std::string print(const char* format, double number) {
  std::array<char, 64> text;
  const int size = std::snprintf(text.data(), text.size(), format, number);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string duration_words(double seconds) {
  return seconds < 1 ? print("%.1f ms", seconds * 1e3) : print("%.2f s", seconds);
}

}  // namespace

double Exceedances::dispersion(std::int64_t exchanges) const {
  const double n = static_cast<double>(exchanges);
  const double mean = static_cast<double>(b - c) / std::max(n, 1.0);
  const double variance = static_cast<double>(b + c) / std::max(n, 1.0) - mean * mean;
  double most = 1;
  for (const BlockSums& sums : over) {
    if (sums.blocks < dispersion_blocks_min || variance <= 0) continue;
    const double found = static_cast<double>(sums.xx) - 2 * mean * static_cast<double>(sums.nx) +
                         mean * mean * static_cast<double>(sums.nn);
    const double in_blocks = n - static_cast<double>(sums.exchanges);
    most = std::max(most, found / (in_blocks * variance));
  }
  return most;
}

double PresentRatio::follow(double log_ratio, std::int64_t time_us) {
  const double before = static_cast<double>(log_millionths) * 1e-6;
  const double passed_s = static_cast<double>(std::clamp<std::int64_t>(time_us - last_us, 0, second_us)) * 1e-6;
  const bool is_found = exchanges >= present_found_after && stretches >= present_found_after_stretches;
  const double most =
      is_found ? std::min(present_step, present_step_in_a_second * passed_s)
               : std::min(1.0, present_first_step / static_cast<double>(std::max<std::int64_t>(exchanges, 0) + 1));
  const double step = std::clamp(log_ratio - before, -most, most);
  log_millionths += std::llround(step * 1e6);
  if (!is_found) {
    ++exchanges;
    stretches += time_us / stretch_us != last_us / stretch_us ? 1 : 0;
  }
  last_us = time_us;
  return std::exp(before);
}

LatencyCounters::LatencyCounters(double slower) : slower_millionths(std::llround(slower * 1e6)) {}

void LatencyCounters::add(double candidate_s, double secondary_s, std::int64_t time_us) {
  if (!(candidate_s >= 0 && secondary_s >= 0) || std::isinf(candidate_s) || std::isinf(secondary_s)) return;
  double c_by_s = 1;
  if (std::abs(candidate_s - secondary_s) >= noise_floor_s) {
    c_by_s = std::max(candidate_s, noise_floor_s) / std::max(secondary_s, noise_floor_s);
  }
  const double typical_limit = 1 + static_cast<double>(slower_millionths) * 1e-6;
  const auto sign_at = [&](double limit) { return c_by_s > std::max(limit, typical_limit) ? 1 : -1; };
  const double by_present = c_by_s / present.follow(std::log(c_by_s), time_us);
  const bool can_tell = present.exchanges > present_usable_after;
  const auto side_of = [&](double factor) {
    if (!can_tell) return 0;
    return by_present > factor ? 1 : by_present * factor < 1 ? -1 : 0;
  };
  const int in_tail = side_of(tail_factor);
  const int in_far_tail = side_of(far_tail_factor);
  ++exchanges;
  add_to(typical, time_us, sign_at(typical_limit));
  add_to(tail, time_us, in_tail);
  add_to(far_tail, time_us, in_far_tail);
  add_to(typical_minutes, typical_minutes_rule, time_us, sign_at(typical_limit));
  add_to(twice, twice_rule, time_us, sign_at(2));
  add_to(thrice, thrice_rule, time_us, sign_at(3));
  add_to(tail_minutes, tail_minutes_rule, time_us, in_tail);
  add_to(tail_stretches, tail_stretches_rule, time_us, in_tail);
  add_to(far_tail_stretches, tail_stretches_rule, time_us, in_far_tail);
  ratio.add(c_by_s);
}

void LatencyCounters::merge(const LatencyCounters& other) {
  if (other.slower_millionths != slower_millionths) return;
  if (exchanges == 0) {
    *this = other;
    return;
  }
  // Two halves of two blocks are no block; what is in the other's counts where there are no blocks.
  std::array<std::int64_t*, 64> mine{};
  std::size_t count = 0;
  const auto pass_over = [](auto&...) {};
  visit(*this, [&](std::int64_t& number) { mine[count++] = &number; }, pass_over);
  count = 0;
  visit(other, [&](const std::int64_t& number) { *mine[count++] += number; }, pass_over);
  ratio.merge(other.ratio);
}

// "slower,number,number,...,sketch".
std::string LatencyCounters::serialize() const {
  std::string text = std::to_string(slower_millionths) + ',';
  const auto write = [&text](std::int64_t number) { text += std::to_string(number) + ','; };
  visit(*this, write, [&write](auto... numbers) { (write(numbers), ...); });
  return text + ratio.serialize();
}

bool LatencyCounters::merge_serialized(std::string_view text) {
  LatencyCounters read;
  bool ok = take(text, read.slower_millionths);
  const auto take_sum = [&](std::int64_t& number) { ok = ok && take(text, number); };
  visit(read, take_sum, [&](std::int64_t& when, auto&... others) {
    take_sum(when);
    (take_sum(others), ...);
    ok = ok && ((std::abs(others) <= largest_at_hand) && ...);
  });
  // A sketch that is cut off is one of fewer exchanges.
  ok = ok && read.ratio.merge_serialized(text) && read.ratio.count() == static_cast<std::uint64_t>(read.exchanges);
  if (ok) merge(read);
  return ok;
}

LatencyVerdict judge_latency(const LatencyCounters& counters, double alpha_share, std::uint64_t ordinal) {
  const double j = static_cast<double>(std::max<std::uint64_t>(ordinal, 1));
  const double n = static_cast<double>(counters.exchanges);
  const double slower = static_cast<double>(counters.slower_millionths) * 1e-6;
  LatencyVerdict verdict;
  verdict.exchanges = static_cast<std::uint64_t>(counters.exchanges);
  verdict.log_needed = std::log(std::numbers::pi * std::numbers::pi / 6 * j * j / alpha_share);
  if (counters.exchanges == 0) {
    verdict.outcome = slower == 0 ? LatencyOutcome::shown_only : LatencyOutcome::undecided;
    return verdict;
  }
  // Order statistics: the rank of the median is binomial.
  const double half_width = 0.98 / std::sqrt(n);
  verdict.typical_ratio = counters.ratio.quantile(0.5);
  verdict.typical_ratio_low = counters.ratio.quantile(0.5 - half_width);
  verdict.tail_share = std::max(0.0, static_cast<double>(counters.tail.b - counters.tail.c) / n);
  verdict.tail_ratio = counters.ratio.quantile(1 - verdict.tail_share / 2);
  verdict.in_tail = verdict.typical_ratio <= 1 + slower && verdict.tail_share > 0;
  if (slower == 0) {
    verdict.outcome = LatencyOutcome::shown_only;
    return verdict;
  }

  verdict.may_have_tail = log_evidence_of_no_far_tail(counters, 1) < log_evidence_of_no_suspicion;

  const LatencyEvidence evidence(counters);
  const double log_excluded = -std::log(alpha_share);
  verdict.log_evidence = evidence.of_slower(1);
  const auto suspect = [&](const Exceedances& beyond, const BlockSigns& stretches) {
    if (static_cast<double>(beyond.b - beyond.c) <= tail_share_proved * n) return;
    verdict.log_evidence_of_tail = std::max(verdict.log_evidence_of_tail, log_evidence_of(stretches, 1));
  };
  suspect(counters.tail, counters.tail_stretches);
  suspect(counters.far_tail, counters.far_tail_stretches);
  verdict.typical_excluded = evidence.of_no_typical(1) >= log_excluded;
  verdict.tail_excluded = evidence.of_no_tail(1) >= log_excluded;
  if (verdict.typical_excluded) {
    verdict.excluded_ratio = 1 + slower;
  } else if (log_evidence_of_none(counters.twice, 1) >= log_excluded) {
    verdict.excluded_ratio = std::max(2.0, 1 + slower);
  } else if (log_evidence_of_none(counters.thrice, 1) >= log_excluded) {
    verdict.excluded_ratio = std::max(3.0, 1 + slower);
  }
  if (verdict.log_evidence >= verdict.log_needed) {
    verdict.outcome = LatencyOutcome::slower;
  } else if (verdict.typical_excluded && verdict.tail_excluded) {
    verdict.outcome = LatencyOutcome::not_slower;
  } else {
    const double growth = growth_until([&](double times) {
      return evidence.of_slower(times) >= verdict.log_needed ||
             (evidence.of_no_typical(times) >= log_excluded && evidence.of_no_tail(times) >= log_excluded);
    });
    verdict.exchanges_to_go = growth == 0 ? 0 : static_cast<std::uint64_t>(std::ceil((growth - 1) * n));
  }
  return verdict;
}

std::string words_of(const LatencyVerdict& verdict, const QuantileSketch& candidate, const QuantileSketch& secondary) {
  constexpr std::string_view other = "production's second instance";
  if (verdict.exchanges == 0)
    return "no exchange yet that both the candidate and a second instance of production answered";
  if (verdict.in_tail) {
    return print("the slowest %.2g %% take ", verdict.tail_share * 100) +
           print("%.1f times as long as at ", verdict.tail_ratio) + std::string(other);
  }
  const double ratio = verdict.typical_ratio;
  std::string text = "typically ";
  if (ratio >= 2) {
    text += print("%.1f times as slow as ", ratio);
  } else if (ratio >= 1.02) {
    text += print("%.0f %% slower than ", (ratio - 1) * 100);
  } else if (ratio <= 0.98) {
    text += print("%.0f %% faster than ", (1 - ratio) * 100);
  } else {
    text += "as fast as ";
  }
  text += other;
  if (candidate.count() != 0 && secondary.count() != 0) {
    text += ": " + duration_words(candidate.quantile(0.5)) + " against " + duration_words(secondary.quantile(0.5));
  }
  return text;
}

}  // namespace understudy::diff
