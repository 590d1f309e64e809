// See fields.h.
#include "tests/simulation/fields.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>

namespace understudy::simulation {
namespace {

using diff::bit_of;
using diff::ClassSet;
using diff::DifferenceClass;
using diff::Finding;

constexpr std::string_view status_path = "status";

void compare_status(Exchange& exchange, std::size_t side, bool bad_at_primary, bool bad_here, std::string_view code) {
  if (exchange.ended[side] || bad_at_primary == bad_here) {
    return;
  }
  exchange.findings[side].add(status_path, DifferenceClass::status_class, bad_at_primary ? code : "200",
                              bad_here ? code : "200");
  exchange.ended[side] = true;
}

std::uint64_t hash_of(double number) {
  return mix(std::bit_cast<std::uint64_t>(number)) | 1;
}

// The sides that are compared with the primary.
constexpr std::array others{candidate, secondary};

// A share in [0, 1) of a whole number.
double share_of(std::uint64_t number) {
  return static_cast<double>(mix(number) >> 11) * 0x1p-53;
}

}  // namespace

void compare_numbers(FindingList& list, std::string_view path, double at_primary, double at_other) {
  if (at_primary == at_other) {
    return;
  }
  Finding& finding = list.add(path, DifferenceClass::value_changed, "1", "2");
  ClassSet aspects = bit_of(at_other > at_primary ? DifferenceClass::greater : DifferenceClass::less);
  if ((at_primary < 0) != (at_other < 0)) {
    aspects |= bit_of(DifferenceClass::sign_changed);
  }
  if (at_other == 0) {
    aspects |= bit_of(DifferenceClass::zeroed);
  }
  finding.aspects = aspects;
  finding.other_hash = hash_of(at_other);
  finding.primary_number = at_primary;
  finding.other_number = at_other;
}

void Coin::compare(Exchange& exchange, Random& random) {
  for (const std::size_t side : others) {
    if (exchange.ended[side] || !random.chance(rates_[side])) {
      continue;
    }
    if (class_ == DifferenceClass::value_changed) {
      const double at_primary = 100 + random.share();
      compare_numbers(exchange.findings[side], path_, at_primary, at_primary + random.between(-50, 50));
    } else {
      exchange.findings[side].add(path_, class_, "1", "2");
    }
  }
}

void Status::compare(Exchange& exchange, Random& random) {
  const bool bad_at_primary = random.chance(rates_[primary]);
  for (const std::size_t side : others) {
    compare_status(exchange, side, bad_at_primary, random.chance(rates_[side]), code_);
  }
}

void Hang::compare(Exchange& exchange, Random& random) {
  if (!exchange.ended[candidate] && random.chance(rate_)) {
    exchange.findings[candidate].clear();
    exchange.findings[candidate].add(status_path, DifferenceClass::transport, "200", "timeout");
    exchange.ended[candidate] = true;
  }
}

void Presence::compare(Exchange& exchange, Random& random) {
  const bool at_primary = !random.chance(lacking_[primary]);
  for (const std::size_t side : others) {
    const bool here = !random.chance(lacking_[side]);
    if (!exchange.ended[side] && here != at_primary) {
      exchange.findings[side].add(path_, here ? DifferenceClass::field_added : DifferenceClass::field_removed,
                                  at_primary ? "1" : "", here ? "1" : "");
    }
  }
}

Cached::Cached(std::string path, double changes_every, double cached_for, Phase phase, std::uint64_t targets,
               Random& random)
    : path_(std::move(path)),
      changes_every_(changes_every),
      cached_for_(cached_for),
      phase_(phase),
      targets_(targets),
      salt_(random.next()) {
  const std::uint64_t values = std::max<std::uint64_t>(targets, 1);
  for (std::uint64_t target = 0; target < values; ++target) {
    world_offsets_.push_back(random.share() * changes_every_);
    for (std::vector<Copy>& copies : copies_) {
      const double offset = random.share() * cached_for_;
      copies.push_back({-offset, offset});  // every process has run for a while
    }
  }
}

double Cached::value_at(std::size_t side, std::size_t target, double now) {
  Copy& copy = copies_[side][target];
  if (phase_ == Phase::fixed) {
    copy.fetched_at = std::floor((now - copy.offset) / cached_for_) * cached_for_ + copy.offset;
  } else if (now >= copy.fetched_at + cached_for_) {
    copy.fetched_at = now;
  }
  // A run begins with what was just fetched: what a cache had kept from before cannot be told from a change.
  const double fetched_at = std::max(copy.fetched_at, 0.0);
  const double version = std::floor((fetched_at + 10 * changes_every_ + world_offsets_[target]) / changes_every_);
  return 100 + share_of(salt_ + target * 0x100000000ULL + static_cast<std::uint64_t>(version));
}

void Cached::compare(Exchange& exchange, Random&) {
  const std::size_t target = targets_ == 0 ? 0 : exchange.target;
  const double at_primary = value_at(primary, target, exchange.time_s);
  for (const std::size_t side : others) {
    const double here = value_at(side, target, exchange.time_s);
    if (!exchange.ended[side]) {
      compare_numbers(exchange.findings[side], path_, at_primary, here);
    }
  }
}

Counter::Counter(std::string path, double slips_every, double began_apart, Random& random)
    : path_(std::move(path)), slips_every_(slips_every) {
  for (std::size_t side = 0; side < diff::role_count; ++side) {
    ahead_[side] = std::floor(began_apart * random.share());
    next_slip_[side] = random.exponential(slips_every_);
  }
}

void Counter::compare(Exchange& exchange, Random& random) {
  for (std::size_t side = 0; side < diff::role_count; ++side) {
    while (exchange.time_s >= next_slip_[side]) {
      next_slip_[side] += random.exponential(slips_every_);
      ++ahead_[side];
    }
  }
  const double count = static_cast<double>(exchange.number);
  for (const std::size_t side : others) {
    if (!exchange.ended[side]) {
      compare_numbers(exchange.findings[side], path_, count + ahead_[primary], count + ahead_[side]);
    }
  }
}

void BadMinutes::compare(Exchange& exchange, Random& random) {
  const double minute = std::floor(exchange.time_s / 60);
  if (minute != minute_) {
    minute_ = minute;
    // Production's own bad minutes show on both sides.
    const std::size_t side = random.below(diff::role_count);
    bad_side_ = random.chance(bad_share_) ? side : primary;
  }
  if (bad_side_ == primary || exchange.ended[bad_side_] || !random.chance(rate_)) {
    return;
  }
  if (as_status_) {
    compare_status(exchange, bad_side_, false, true, "500");
  } else {
    compare_numbers(exchange.findings[bad_side_], path_, 100, 100 + random.between(-50, 50));
  }
}

WrongTargets::WrongTargets(std::string path, std::uint64_t targets, BySide<std::uint64_t> wrong, Random& random)
    : path_(std::move(path)) {
  for (const std::size_t side : others) {
    wrong_[side].resize(targets);
    for (std::uint64_t left = wrong[side]; left > 0;) {
      const std::uint64_t target = random.below(targets);
      if (!wrong_[side][target]) {
        wrong_[side][target] = true;
        --left;
      }
    }
  }
}

void WrongTargets::compare(Exchange& exchange, Random&) {
  const double right = 100 + share_of(exchange.target);
  for (const std::size_t side : others) {
    if (!exchange.ended[side] && wrong_[side][exchange.target]) {
      compare_numbers(exchange.findings[side], path_, right, right + share_of(exchange.target + side) - 0.5);
    }
  }
}

Switch::Switch(std::string path, double flips_every, Random& random)
    : path_(std::move(path)), flips_every_(flips_every) {
  for (double& next : next_flip_) {
    next = random.exponential(flips_every_);
  }
}

void Switch::compare(Exchange& exchange, Random& random) {
  for (std::size_t side = 0; side < diff::role_count; ++side) {
    while (exchange.time_s >= next_flip_[side]) {
      next_flip_[side] += random.exponential(flips_every_);
      on_[side] = !on_[side];
    }
  }
  for (const std::size_t side : others) {
    if (!exchange.ended[side] && on_[side] != on_[primary]) {
      Finding& finding = exchange.findings[side].add(path_, DifferenceClass::value_changed,
                                                     on_[primary] ? "true" : "false", on_[side] ? "true" : "false");
      finding.other_hash = on_[side] ? 3 : 5;
    }
  }
}

void Queue::compare(Exchange& exchange, Random& random) {
  for (const std::size_t side : others) {
    if (!exchange.ended[side] && random.chance(drained_between_)) {
      exchange.findings[side].add(path_, DifferenceClass::element_removed, "{\"id\":17}", "");
    }
  }
}

void NoisyNumber::compare(Exchange& exchange, Random& random) {
  const double around = random.between(10, 100);
  BySide<double> numbers;
  for (double& number : numbers) {
    number = around * (1 + random.between(-jitter_, jitter_));
  }
  if (mistake_) {
    numbers[candidate] = mistake_(numbers[candidate]);
  }
  for (const std::size_t side : others) {
    if (!exchange.ended[side]) {
      compare_numbers(exchange.findings[side], path_, numbers[primary], numbers[side]);
    }
  }
}

void NoisyText::compare(Exchange& exchange, Random& random) {
  const bool is_body = lines_in_common_ >= 0;
  for (const std::size_t side : others) {
    if (exchange.ended[side]) {
      continue;
    }
    const bool mistaken = mistaken_ && side == candidate;
    Finding& finding = exchange.findings[side].add(
        path_, is_body ? DifferenceClass::body_changed : DifferenceClass::value_changed, "a", "b");
    finding.other_hash = mistaken && mistake_.frozen ? 7 : random.next() | 1;
    finding.aspects = mistaken ? mistake_.aspects : 0;
    if (is_body) {
      finding.lines_in_common = mistaken && mistake_.lines_in_common >= 0 ? mistake_.lines_in_common : lines_in_common_;
    }
  }
}

void Burst::compare(Exchange& exchange, Random& random) {
  const bool within = exchange.number >= begin_ && exchange.number < begin_ + length_;
  compare_status(exchange, candidate, false, within && random.chance(wrong_), "500");
}

void Latency::compare(Exchange& exchange, Random& random) {
  for (double& latency : exchange.latency_s) {
    const double normal = std::sqrt(-2 * std::log1p(-random.share())) * std::cos(2 * std::numbers::pi * random.share());
    latency = typical_s_ * std::exp(0.3 * normal);
  }
  if (random.chance(slow_share_)) {
    exchange.latency_s[candidate] *= times_;
  }
}

}  // namespace understudy::simulation
