// See world.h.
#include "tests/simulation/world.h"

#include <algorithm>

namespace understudy::simulation {

std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

diff::Finding& FindingList::add(std::string_view path, diff::DifferenceClass difference_class,
                                std::string_view primary_value, std::string_view other_value) {
  if (used_ == findings_.size()) {
    findings_.emplace_back();
  }
  diff::Finding& finding = findings_[used_++];
  finding.path.assign(path);
  finding.difference_class = difference_class;
  finding.primary_value.assign(primary_value);
  finding.other_value.assign(other_value);
  finding.other_scalar_hashes = {};
  finding.aspects = 0;
  finding.other_hash = 0;
  finding.primary_number.reset();
  finding.other_number.reset();
  finding.lines_in_common.reset();
  return finding;
}

Endpoint& World::add_endpoint(std::string name, double share) {
  endpoints_.push_back(std::make_unique<Endpoint>(Endpoint{std::move(name), share, {}}));
  shares_.push_back(share + (shares_.empty() ? 0 : shares_.back()));
  return *endpoints_.back();
}

const Exchange& World::next() {
  ++exchange_.number;
  exchange_.time_s += random_.exponential(1 / traffic_.per_second);
  exchange_.endpoint = draw_endpoint();
  Endpoint& endpoint = *endpoints_[exchange_.endpoint];
  exchange_.endpoint_name = endpoint.name;
  if (traffic_.targets == 0) {
    exchange_.target = exchange_.number;
  } else if ((exchange_.number - 1) % traffic_.session == 0) {
    exchange_.target = random_.chance(traffic_.hot_share) ? 0 : random_.below(traffic_.targets);
  }
  exchange_.fingerprint = mix(exchange_.target * 4096 + exchange_.endpoint + 1);
  exchange_.has_secondary = draw_secondary();
  exchange_.dropped = false;
  exchange_.ended = {};
  exchange_.latency_s = {-1, -1, -1};
  for (FindingList& list : exchange_.findings) {
    list.clear();
  }
  for (const auto& field : endpoint.fields) {
    field->compare(exchange_, random_);
  }
  return exchange_;
}

bool World::draw_secondary() {
  if (way_ == Way::as_given) return traffic_.has_secondary;
  if (way_ == Way::none) return false;
  const double second = std::floor(exchange_.time_s);
  if (second != second_) {
    second_ = second;
    repeats_ = 0;
  }
  if (repeats_ == repeats_in_a_second || !random_.chance(repeated_share)) return false;
  ++repeats_;
  return true;
}

std::size_t World::draw_endpoint() {
  if (endpoints_.size() == 1) {
    return 0;
  }
  const auto found = std::upper_bound(shares_.begin(), shares_.end(), random_.share() * shares_.back());
  return std::min(static_cast<std::size_t>(found - shares_.begin()), endpoints_.size() - 1);
}

}  // namespace understudy::simulation
