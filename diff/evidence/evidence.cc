// How one exchange becomes counts. See evidence.h for who calls, counters.h for what the counts mean.
#include "diff/evidence/evidence.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <sstream>
#include <utility>

#include "diff/endpoint/namer.h"
#include "diff/evidence/class_traits.h"
#include "diff/evidence/direction.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

constexpr std::string_view status_path = "status";
// One page in so many lines is another by chance.
constexpr double lines_margin = 0.02;
constexpr std::size_t awaited_limit = 256;  // differences of one exchange that are confirmed; the rest proves nothing

bool shows(std::span<const Finding> findings, DifferenceClass difference_class) {
  return std::any_of(findings.begin(), findings.end(),
                     [=](const Finding& finding) { return finding.difference_class == difference_class; });
}

// The finding says that this class of difference is at its path.
bool shows(const Finding& finding, DifferenceClass difference_class) {
  if (finding.difference_class == difference_class) return true;
  const bool is_value =
      finding.difference_class == DifferenceClass::value_novel || has_aspects(finding.difference_class);
  switch (difference_class) {
    case DifferenceClass::value_changed:
    case DifferenceClass::frozen:  // told by several exchanges: where the value is the same again, this is gone as well
    case DifferenceClass::lines_replaced:
      return is_value;
    default:
      return is_value && is_aspect(difference_class) && (finding.aspects & bit_of(difference_class)) != 0;
  }
}

void take_exemplar(Cell& cell, const Observation& observation, const Finding& finding) {
  cell.latest_exemplar = observation.exchange_id;
  cell.latest_exemplar_us = observation.time_us;
  cell.primary_pointer = rendered(finding.primary_pointer, path_octets_limit);
  cell.other_pointer = rendered(finding.other_pointer, path_octets_limit);
  cell.primary_value = finding.primary_value;
  cell.other_value = finding.other_value;
}

// The candidate shows this difference. True if the exchange became its first or latest exemplar.
bool note_sighting(Cell& cell, const Observation& observation, const Finding& finding) {
  ++cell.counters.raw;
  const bool first = cell.counters.raw == 1;
  cell.first_us = first ? observation.time_us : std::min(cell.first_us, observation.time_us);
  cell.last_us = std::max(cell.last_us, observation.time_us);
  if (first) {
    cell.first_exemplar = observation.exchange_id;
  }
  if (!first && observation.time_us < cell.latest_exemplar_us + exemplar_interval_us) {
    return false;
  }
  take_exemplar(cell, observation, finding);
  return true;
}

std::string serialized(const Timeline& timeline) {
  std::string text = std::to_string(timeline.exchanges());
  for (std::size_t i = 0; i < block_lengths_us.size(); ++i) text += ' ' + std::to_string(timeline.blocks(i));
  return text;
}

// Reads what serialized() wrote, one timeline behind the other. `all` is that of all endpoints, which have blocks of
// time in common.
void restore(Evidence::Timelines& timelines, Evidence::Timelines& all, const std::string& state) {
  std::istringstream numbers(state);
  for (const auto timeline : {&Evidence::Timelines::exchanges, &Evidence::Timelines::triples}) {
    std::uint64_t exchanges = 0;
    std::array<std::uint64_t, block_lengths_us.size()> blocks{};
    numbers >> exchanges;
    for (std::uint64_t& count : blocks) numbers >> count;
    if (!numbers) return;
    (timelines.*timeline).restore(exchanges, blocks);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      blocks[i] -= std::min(blocks[i], (all.*timeline).blocks(i));
    }
    (all.*timeline).restore(exchanges, blocks);
  }
}

EndpointRow row_of(const std::string& name, const Evidence::Endpoint& endpoint) {
  EndpointRow row{name, endpoint.counters, {}, {}};
  row.state = serialized(endpoint.timelines.exchanges) + ' ' + serialized(endpoint.timelines.triples) + ';' +
              endpoint.slowness.serialize();
  for (std::size_t role = 0; role < role_count; ++role) {
    row.latency[role] = endpoint.latency[role].serialize();
  }
  return row;
}

// Adds what was counted elsewhere. The ordinal stays the one that `cell` has here.
void add_to(Cell& cell, const Cell& added) {
  if (added.counters.raw != 0) {
    const bool earlier = cell.counters.raw == 0 || added.first_us < cell.first_us;
    cell.first_us = earlier ? added.first_us : cell.first_us;
    cell.first_exemplar = earlier ? added.first_exemplar : cell.first_exemplar;
    cell.last_us = std::max(cell.last_us, added.last_us);
    if (added.latest_exemplar_us >= cell.latest_exemplar_us) {
      cell.latest_exemplar = added.latest_exemplar;
      cell.latest_exemplar_us = added.latest_exemplar_us;
      cell.primary_pointer = added.primary_pointer;
      cell.other_pointer = added.other_pointer;
      cell.primary_value = added.primary_value;
      cell.other_value = added.other_value;
    }
  }
  cell.counters += added.counters;
  cell.proof += added.proof;
  cell.proof_directional += added.proof_directional;
  cell.asked_again += added.asked_again;
  cell.dependence += added.dependence;
  if (added.replacement.count != 0) {
    Replacement& replacement = cell.replacement;
    replacement.varies = replacement.varies || added.replacement.varies ||
                         (replacement.count != 0 && replacement.from_to != added.replacement.from_to);
    replacement.from_to = added.replacement.from_to;
    replacement.count += added.replacement.count;
  }
  cell.is_course = cell.is_course || added.is_course;
  cell.knows_course = added.knows_course;
  cell.seen_at += added.seen_at;
  cell.proved_us = cell.proved_us == 0 ? added.proved_us : cell.proved_us;
}

// Mixes all bits (the finalizer of SplitMix64).
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// What an exchange shows when it is asked for again.
class FindingsByPath {
 public:
  explicit FindingsByPath(std::span<const Finding> findings) {
    sorted_.reserve(findings.size());
    for (const Finding& finding : findings) sorted_.push_back(&finding);
    std::ranges::sort(sorted_, std::less<>(), path_of);
  }
  std::ranges::subrange<std::vector<const Finding*>::const_iterator> at(std::string_view path) const {
    return std::ranges::equal_range(sorted_, path, std::less<>(), path_of);
  }
  // Whether something shows there, or above it, beside which a difference at this path cannot be seen: nobody can tell
  // whether it is gone.
  bool hide(std::string_view path) const {
    const bool is_pointer = path.starts_with('/');
    for (std::string_view above = path; !above.empty(); above.remove_suffix(above.size() - above.rfind('/'))) {
      if (std::ranges::any_of(at(above), [](const Finding* finding) { return hides(finding->difference_class); }))
        return true;
      if (!is_pointer) break;
    }
    if (is_pointer) return !at(whole_body_path).empty();
    return path == whole_body_path && !sorted_.empty() && sorted_.front()->path.starts_with('/');
  }

 private:
  static std::string_view path_of(const Finding* finding) { return finding->path; }
  static bool hides(DifferenceClass difference_class) {
    switch (difference_class) {
      case DifferenceClass::field_removed:
      case DifferenceClass::type_changed:
      case DifferenceClass::became_null:
      case DifferenceClass::format_changed:
      case DifferenceClass::header_removed:
        return true;
      default:
        return false;
    }
  }

  std::vector<const Finding*> sorted_;
};

std::uint64_t pool_key(std::string_view path, DifferenceClass difference_class) {
  return mixed(std::hash<std::string_view>()(path) + static_cast<std::uint64_t>(difference_class));
}

// Where both values are hidden, or cut, nobody can tell whether they are the same again.
void note_replacement(Replacement& replacement, const Finding& finding) {
  if (finding.primary_value == finding.other_value || finding.primary_value.size() >= rendering_limit ||
      finding.other_value.size() >= rendering_limit) {
    replacement.varies = true;
  }
  const std::hash<std::string_view> hash;
  replacement.note(mixed(hash(finding.primary_value) + mixed(hash(finding.other_value))));
}

}  // namespace

Evidence::Evidence(double slower) : slower_(slower), slowness_(slower) {}

const Timeline& Evidence::Timelines::of(DifferenceClass difference_class) const {
  return is_directional(difference_class, {}) ? exchanges : triples;
}

double Evidence::pace() const {
  const double seconds = static_cast<double>(last_us_ - first_us_) * 1e-6;
  return recorded_ < 2 || seconds <= 0 ? 0 : static_cast<double>(recorded_ - 1) / seconds;
}

bool Evidence::record(const Observation& observation) {
  first_us_ = first_us_ == 0 ? observation.time_us : first_us_;
  last_us_ = observation.time_us;
  ++recorded_;
  const auto place = endpoint_for(observation.endpoint);
  Endpoint& endpoint = place->second;
  endpoint.changed = true;
  const auto count_both = [&](std::uint64_t EndpointCounters::* counter, bool counts) {
    endpoint.counters.*counter += counts ? 1 : 0;
    totals_.*counter += counts ? 1 : 0;
  };
  count_both(&EndpointCounters::requests, true);
  for (std::size_t role = 0; role < role_count; ++role) {
    endpoint.latency[role].add(observation.latency_s[role]);
    latency_[role].add(observation.latency_s[role]);
  }
  if (observation.primary_failed) {
    count_against_production(place->first, endpoint, status_path, DifferenceClass::transport);
    return false;
  }
  const bool candidate_whole = !shows(observation.candidate, DifferenceClass::transport);
  const bool secondary_asked = observation.secondary.has_value();
  const bool secondary_whole = secondary_asked && !shows(*observation.secondary, DifferenceClass::transport);
  const bool all_whole = candidate_whole && secondary_whole;
  if (observation.primary_aborted)
    count_against_production(place->first, endpoint, connection_path, DifferenceClass::aborted);
  count_both(&EndpointCounters::compared, candidate_whole);
  count_both(&EndpointCounters::failed, !candidate_whole);
  count_both(&EndpointCounters::triples, all_whole);
  count_both(&EndpointCounters::differed, candidate_whole && !observation.candidate.empty());
  for (Timelines* timelines : {&endpoint.timelines, &timelines_}) {
    timelines->exchanges.note(observation.time_us);
    if (all_whole) timelines->triples.note(observation.time_us);
  }

  const std::uint64_t request_key =
      mixed(observation.fingerprint + mixed(std::hash<std::string_view>()(observation.endpoint)));
  Hand hand{observation, endpoint, repetitions_.note_request(request_key), secondary_asked, secondary_whole, true};
  hand.below_status = !secondary_asked || shows(observation.candidate, DifferenceClass::status_class) ==
                                              shows(*observation.secondary, DifferenceClass::status_class);
  if (all_whole && hand.below_status) {
    const double candidate_s = observation.latency_s[static_cast<std::size_t>(Role::candidate)];
    const double secondary_s = observation.latency_s[static_cast<std::size_t>(Role::secondary)];
    endpoint.slowness.add(candidate_s, secondary_s, observation.time_us);
    slowness_.add(candidate_s, secondary_s, observation.time_us);
  }
  collect_sightings(place->first, endpoint, observation, all_whole);
  bool is_exemplar = false;
  for (const Sighting& sighting : sightings_) {
    Cell& cell = *sighting.cell;
    cell.changed = true;
    if (sighting.by_candidate != nullptr) cell.seen_at = endpoint.timelines.exchanges.exchanges();
    const bool is_kept = sighting.by_candidate != nullptr && note_sighting(cell, observation, *sighting.by_candidate);
    is_exemplar = is_exemplar || is_kept;
    const bool is_fresh = is_new(cell, hand, sighting);
    const bool waits = is_to_be_confirmed(hand, sighting);
    if (waits && awaited_[observation.exchange_id].size() < awaited_limit) {
      awaited_[observation.exchange_id].push_back({&endpoint, &cell, sighting.by_candidate->path,
                                                   sighting.difference_class, sighting.by_candidate->lines_in_common,
                                                   is_fresh});
    }
    const bool counts_anew = is_fresh && !waits;
    count(cell, endpoint.timelines, hand, sighting, counts_anew);
    const std::unique_ptr<Cell>& pool = pools_[cell.pool - 1].cell;
    if (!pool) continue;
    pool->changed = true;
    if (sighting.by_candidate != nullptr) {
      pool->seen_at = timelines_.exchanges.exchanges();
      ++pool->counters.raw;
      pool->first_us = pool->counters.raw == 1 ? observation.time_us : pool->first_us;
      pool->last_us = observation.time_us;
      if (is_kept) take_exemplar(*pool, observation, *sighting.by_candidate);
    }
    pool->is_course = cell.is_course;
    pool->knows_course = cell.knows_course;
    count(*pool, timelines_, hand, sighting, counts_anew);
  }
  return is_exemplar;
}

void Evidence::count_against_production(const std::string& name, Endpoint& endpoint, std::string_view path,
                                        DifferenceClass difference_class) {
  Cell& cell = cell_for(name, endpoint, path, difference_class);
  for (Cell* counted : {&cell, pools_[cell.pool - 1].cell.get()}) {
    if (counted == nullptr) continue;
    counted->changed = true;
    ++counted->counters.c_directional;
    ++counted->proof_directional.c;
  }
}

void Evidence::record_not_compared(std::string_view name) {
  Endpoint& endpoint = endpoint_for(name)->second;
  endpoint.changed = true;
  ++endpoint.counters.dropped;
  ++totals_.dropped;
}

void Evidence::note_proof(std::string_view endpoint_name, std::string_view path, DifferenceClass difference_class,
                          std::int64_t time_us) {
  Cell* cell = nullptr;
  if (endpoint_name == all_endpoints) {
    const auto number = pool_numbers_.find(pool_key(path, difference_class));
    if (number == pool_numbers_.end() || !pools_[number->second - 1].cell) return;
    cell = &*pools_[number->second - 1].cell;
  } else {
    const auto endpoint = endpoints_.find(endpoint_name);
    if (endpoint == endpoints_.end()) return;
    endpoint->second.changed = true;
    const auto at_path = endpoint->second.cells.find(path);
    if (at_path == endpoint->second.cells.end()) return;
    const auto found = at_path->second.find(difference_class);
    if (found == at_path->second.end()) return;
    cell = &found->second;
  }
  cell->proved_us = time_us == 0 ? 0 : cell->proved_us == 0 ? time_us : cell->proved_us;
  cell->changed = true;
}

// What a cache or a switch of production's one process can make, in an answer that its repeat cannot speak of.
bool Evidence::is_to_be_confirmed(const Hand& hand, const Sighting& sighting) {
  if (!hand.observation.awaits_confirmation) return false;
  const Side side = side_of(hand, sighting);
  return side.paired && side.sign > 0 && is_of_values(sighting.difference_class);
}

std::optional<Signs> Evidence::confirm(std::uint64_t exchange_id, std::span<const Finding> again) {
  const auto found = awaited_.find(exchange_id);
  if (found == awaited_.end()) return std::nullopt;
  Signs all;
  const FindingsByPath by_path(again);
  for (const Awaited& awaited : found->second) {
    const bool is_there = std::ranges::any_of(by_path.at(awaited.path), [&](const Finding* finding) {
      return shows(*finding, awaited.difference_class) &&
             (awaited.difference_class != DifferenceClass::lines_replaced ||
              finding->lines_in_common.value_or(1) <= awaited.lines_in_common.value_or(1) + lines_margin);
    });
    if (!is_there && by_path.hide(awaited.path)) continue;
    const auto count_in = [&](Cell& cell) {
      ++cell.asked_again.of(is_there);
      if (awaited.is_new) ++cell.proof.of(is_there);
      cell.changed = true;
    };
    count_in(*awaited.cell);
    awaited.endpoint->changed = true;
    if (const std::unique_ptr<Cell>& pool = pools_[awaited.cell->pool - 1].cell) count_in(*pool);
    ++all.of(is_there);
  }
  awaited_.erase(found);
  return all == Signs{} ? std::nullopt : std::optional(all);
}

// One sighting for each cell. Where candidate or secondary failed, there is nothing to compare but the failure itself.
void Evidence::collect_sightings(const std::string& name, Endpoint& endpoint, const Observation& observation,
                                 bool both_whole) {
  sightings_.clear();
  values_.clear();
  const auto add = [&](const Finding& finding, bool by_candidate) {
    const DifferenceClass difference_class = finding.difference_class;
    add_sighting(name, endpoint, finding, difference_class, by_candidate);
    // What production never sends is a value as well.
    const bool is_novel = difference_class == DifferenceClass::value_novel;
    if (is_novel) add_sighting(name, endpoint, finding, DifferenceClass::value_changed, by_candidate);
    if (both_whole && (is_novel || has_aspects(difference_class))) {
      values_.push_back({sightings_.back().cell, &finding, by_candidate});
    }
  };
  for (const Finding& finding : observation.candidate) add(finding, true);
  for (const Finding& finding : observation.secondary.value_or(std::span<const Finding>())) {
    if (both_whole || finding.difference_class == DifferenceClass::transport) add(finding, false);
  }
  add_aspects(name, endpoint);
  join_sightings();
}

void Evidence::add_sighting(const std::string& name, Endpoint& endpoint, const Finding& finding,
                            DifferenceClass difference_class, bool by_candidate) {
  Cell& cell = cell_for(name, endpoint, finding.path, difference_class);
  sightings_.push_back(
      {&cell, difference_class, finding.path == status_path, by_candidate ? &finding : nullptr, !by_candidate});
}

// What else holds for values that production varies itself.
void Evidence::add_aspects(const std::string& name, Endpoint& endpoint) {
  std::sort(values_.begin(), values_.end(),
            [](const Value& left, const Value& right) { return std::less<>()(left.cell, right.cell); });
  for (std::size_t i = 0; i < values_.size();) {
    Cell& base = *values_[i].cell;
    const Finding* by_candidate = nullptr;
    const Finding* by_secondary = nullptr;
    for (; i < values_.size() && values_[i].cell == &base; ++i) {
      (values_[i].by_candidate ? by_candidate : by_secondary) = values_[i].finding;
    }
    if (base.counters.noise == 0 && by_secondary == nullptr) continue;
    if (base.course == 0) base.course = ++last_course_;
    Course& course = courses_[base.course];
    course.note(by_candidate, by_secondary);
    ClassSet candidates = by_candidate != nullptr ? by_candidate->aspects : 0;
    ClassSet secondarys = by_secondary != nullptr ? by_secondary->aspects : 0;
    // A value that only now and then differs is the same again where a cache keeps it.
    if (by_candidate != nullptr && by_secondary != nullptr) {
      if (course.is_frozen(Role::candidate)) candidates |= bit_of(DifferenceClass::frozen);
      if (course.is_frozen(Role::secondary)) secondarys |= bit_of(DifferenceClass::frozen);
    }
    const std::optional<double> lines = by_candidate != nullptr ? by_candidate->lines_in_common : 1.0;
    const std::optional<double> lines_of_secondary = by_secondary != nullptr ? by_secondary->lines_in_common : 1.0;
    if (lines && lines_of_secondary) {
      if (*lines < *lines_of_secondary - lines_margin) candidates |= bit_of(DifferenceClass::lines_replaced);
      if (*lines_of_secondary < *lines - lines_margin) secondarys |= bit_of(DifferenceClass::lines_replaced);
    }
    const Course::Trend trend = course.trend();
    for (ClassSet rest = candidates | secondarys; rest != 0; rest &= rest - 1) {
      const auto aspect = static_cast<DifferenceClass>(std::countr_zero(rest));
      const auto add = [&](const Finding* finding, ClassSet aspects, bool is_candidate) {
        if (finding == nullptr || (aspects & bit_of(aspect)) == 0) return;
        add_sighting(name, endpoint, *finding, aspect, is_candidate);
        if (aspect != DifferenceClass::greater && aspect != DifferenceClass::less) return;
        sightings_.back().cell->is_course = trend == Course::Trend::one_way;
        sightings_.back().cell->knows_course = trend != Course::Trend::unknown;
      };
      add(by_candidate, candidates, true);
      add(by_secondary, secondarys, false);
    }
  }
}

void Evidence::join_sightings() {
  std::sort(sightings_.begin(), sightings_.end(),
            [](const Sighting& left, const Sighting& right) { return std::less<>()(left.cell, right.cell); });
  std::size_t kept = 0;
  for (std::size_t i = 1; i < sightings_.size(); ++i) {
    if (sightings_[i].cell == sightings_[kept].cell) {
      Sighting& same = sightings_[kept];
      same.by_candidate = same.by_candidate != nullptr ? same.by_candidate : sightings_[i].by_candidate;
      same.by_secondary = same.by_secondary || sightings_[i].by_secondary;
    } else {
      sightings_[++kept] = sightings_[i];
    }
  }
  sightings_.resize(std::min(sightings_.size(), kept + 1));
}

// `is_new`: it is an observation of its own.
void Evidence::count(Cell& cell, const Timelines& timelines, const Hand& hand, const Sighting& sighting, bool is_new) {
  CellCounters& counters = cell.counters;
  const bool by_candidate = sighting.by_candidate != nullptr;
  counters.noise += sighting.by_secondary ? 1 : 0;
  if (sighting.by_secondary) cell.dependence.note_noise(timelines.triples);
  const Side side = side_of(hand, sighting);
  if (side.paired) {
    if (side.counts) counters.raw_paired += by_candidate ? 1 : 0;
    if (side.sign == 0) return;
    ++(side.sign > 0 ? counters.b : counters.c);
    if (is_new) ++cell.proof.of(side.sign > 0);
  } else {
    if (may_be_constant(sighting.difference_class) && by_candidate) {
      note_replacement(cell.replacement, *sighting.by_candidate);
    }
    if (side.sign == 0) return;
    ++(side.sign > 0 ? counters.b_directional : counters.c_directional);
    if (is_new) ++cell.proof_directional.of(side.sign > 0);
  }
  cell.dependence.note(side.sign > 0, hand.observation.time_us, timelines.of(sighting.difference_class));
}

// Whom the exchange speaks against, and by which test.
Evidence::Side Evidence::side_of(const Hand& hand, const Sighting& sighting) {
  const bool by_candidate = sighting.by_candidate != nullptr;
  const bool is_failure = sighting.difference_class == DifferenceClass::transport;
  if (is_failure ? hand.secondary_asked : hand.secondary_whole) {
    const bool counts = hand.below_status || sighting.at_status;
    const bool discordant = counts && by_candidate != sighting.by_secondary;
    return {true, counts, discordant ? (by_candidate ? 1 : -1) : 0};
  }
  if (!by_candidate) return {false, false, 0};
  // Where production itself is asked again, what its cache or switch makes is not taken for a constant of the build.
  if (may_be_constant(sighting.difference_class)) {
    const bool waits = hand.observation.awaits_confirmation && is_of_values(sighting.difference_class);
    return {false, true, waits ? 0 : 1};
  }
  if (!is_directional(sighting.difference_class, sighting.by_candidate->path)) return {false, true, 0};
  return {false, true, direction_of(*sighting.by_candidate)};
}

bool Evidence::is_new(Cell& cell, const Hand& hand, const Sighting& sighting) {
  const Side side = side_of(hand, sighting);
  if (side.sign == 0) return false;
  const std::uint64_t cell_number = cell.ordinal * 4 + static_cast<std::uint64_t>(rank_of(sighting.difference_class));
  const std::uint64_t key = mixed(hand.observation.fingerprint + mixed(cell_number));
  const std::int64_t time_us = hand.observation.time_us;
  const bool is_constant = may_be_constant(sighting.difference_class) && !side.paired;
  if (!is_of_values(sighting.difference_class) || is_constant) return !repetitions_.is_in_window(key, time_us);
  const bool by_candidate = side.sign > 0;
  using Novelty = Repetitions::Novelty;
  const Novelty novelty = repetitions_.note_value(key, hand.request, by_candidate, time_us);
  if (novelty == Novelty::first) {
    cell.dependence.note_first_request();
    return true;
  }
  cell.dependence.note_repeat(novelty != Novelty::again);
  if (novelty == Novelty::again) {
    return cell.dependence.repeats_are_new(by_candidate, hand.endpoint.timelines.of(sighting.difference_class));
  }
  return novelty == Novelty::unbroken && cell.dependence.is_of_few_requests();
}

Evidence::Endpoints::iterator Evidence::endpoint_for(std::string_view name) {
  if (const auto known = endpoints_.find(name); known != endpoints_.end()) {
    return known;
  }
  const auto [place, fresh] =
      endpoints_.try_emplace(std::string(endpoints_.size() < endpoint_limit ? name : other_endpoint));
  if (fresh) {
    place->second.number = endpoints_.size();
    place->second.slowness = LatencyCounters(slower_);
  }
  return place;
}

Cell& Evidence::cell_for(const std::string& name, Endpoint& endpoint, std::string_view path,
                         DifferenceClass difference_class) {
  std::string cut;
  if (path.size() > path_octets_limit) {
    cut = rendered(path, path_octets_limit);
    path = cut;
  }
  auto at_path = endpoint.cells.find(path);
  const bool known = at_path != endpoint.cells.end() && at_path->second.contains(difference_class);
  if (!known && path != other_path && path != status_path &&
      (cells_ >= cells_limit ||
       (at_path == endpoint.cells.end() && endpoint.cells.size() >= paths_per_endpoint_limit))) {
    ++endpoint.counters.overflowed;
    ++totals_.overflowed;
    return cell_for(name, endpoint, other_path, difference_class);
  }
  if (at_path == endpoint.cells.end()) {
    at_path = endpoint.cells.try_emplace(std::string(path)).first;
  }
  const auto [cell, fresh] = at_path->second.try_emplace(difference_class);
  if (fresh) {
    ++cells_;
    cell->second.ordinal = ++ordinals_[static_cast<std::size_t>(rank_of(difference_class))];
    join_pool(cell->second, path, difference_class);
  }
  return cell->second;
}

// A new cell. From the second endpoint on its pool has one as well, which begins as the first endpoint's.
void Evidence::join_pool(Cell& cell, std::string_view path, DifferenceClass difference_class) {
  const auto [number, fresh] =
      pool_numbers_.try_emplace(pool_key(path, difference_class), static_cast<std::uint32_t>(pools_.size() + 1));
  if (fresh) pools_.push_back({std::string(path), difference_class, &cell, 0, nullptr});
  cell.pool = number->second;
  Pool& pool = pools_[number->second - 1];
  if (++pool.endpoints == 2) open_pool(pool, *pool.first);
}

void Evidence::open_pool(Pool& pool, const Cell& first) {
  pool.cell = std::make_unique<Cell>(first);
  pool.cell->pool = pool.cell->course = 0;
  pool.cell->ordinal = ++pool_ordinals_[static_cast<std::size_t>(rank_of(pool.difference_class))];
  pool.cell->changed = true;
}

namespace {

void add_rows(Rows& rows, const std::string& name, const std::string& path, DifferenceClass difference_class,
              const Cell& cell) {
  rows.cells.push_back({difference_id(name, path, difference_class), name, path, difference_class, cell});
}

}  // namespace

// Of all endpoints together: a row whose counters stand as text in place of the value.
namespace {

void add_slowness(Rows& rows, const LatencyCounters& slowness) {
  if (slowness.exchanges == 0) return;
  Cell cell;
  cell.primary_value = slowness.serialize();
  add_rows(rows, std::string(all_endpoints), "latency", DifferenceClass::latency, cell);
}

}  // namespace

Rows Evidence::rows() const {
  Rows rows;
  for (const auto& [name, endpoint] : endpoints_) {
    rows.endpoints.push_back(row_of(name, endpoint));
    for (const auto& [path, by_class] : endpoint.cells) {
      for (const auto& [difference_class, cell] : by_class) add_rows(rows, name, path, difference_class, cell);
    }
  }
  for (const Pool& pool : pools_) {
    if (pool.cell) add_rows(rows, std::string(all_endpoints), pool.path, pool.difference_class, *pool.cell);
  }
  add_slowness(rows, slowness_);
  return rows;
}

Rows Evidence::take_changed_rows() {
  RowTaking taking(*this);
  while (!taking.step(cells_limit)) continue;
  return taking.take();
}

Evidence::RowTaking::RowTaking(Evidence& evidence, std::size_t limit)
    : evidence_(evidence), limit_(limit), whole_(evidence.take_from_.empty()) {
  endpoint_ = evidence.endpoints_.lower_bound(std::exchange(evidence.take_from_, {}));
}

bool Evidence::RowTaking::step(std::size_t cells) {
  for (std::size_t done = 0; done < cells && !over_;) done += go_on();
  return over_;
}

// One piece; gives about how many cells it is worth.
std::size_t Evidence::RowTaking::go_on() {
  constexpr std::size_t cells_of_endpoint = 20;
  if (in_endpoint_) {
    if (path_ == endpoint_->second.cells.end()) {
      in_endpoint_ = false;
      ++endpoint_;
      return 1;
    }
    auto& [path, by_class] = *path_++;
    for (auto& [difference_class, cell] : by_class) {
      if (std::exchange(cell.changed, false) || takes_all_) {
        add_rows(rows_, endpoint_->first, path, difference_class, cell);
      }
    }
    return by_class.size();
  }
  if (endpoint_ != evidence_.endpoints_.end()) {
    if (!endpoint_->second.changed) {
      ++endpoint_;
      return 1;
    }
    if (rows_.cells.size() >= limit_) {
      evidence_.take_from_ = endpoint_->first;
      whole_ = false;
      over_ = true;
      return 1;
    }
    in_endpoint_ = true;
    endpoint_->second.changed = false;
    takes_all_ = std::exchange(endpoint_->second.all_changed, false);
    rows_.endpoints.push_back(row_of(endpoint_->first, endpoint_->second));
    path_ = endpoint_->second.cells.begin();
    return cells_of_endpoint;
  }
  if (next_pool_ == 0) takes_all_ = std::exchange(evidence_.pools_changed_, false);
  if (next_pool_ == evidence_.pools_.size()) {
    add_slowness(rows_, evidence_.slowness_);
    over_ = true;
    return 1;
  }
  Pool& pool = evidence_.pools_[next_pool_++];
  if (pool.cell && (std::exchange(pool.cell->changed, false) || takes_all_)) {
    add_rows(rows_, std::string(all_endpoints), pool.path, pool.difference_class, *pool.cell);
  }
  return 1;
}

void Evidence::mark_all_changed() {
  for (auto& [name, endpoint] : endpoints_) {
    endpoint.changed = endpoint.all_changed = true;
  }
  pools_changed_ = true;
}

void Evidence::restore(Rows rows) {
  for (const EndpointRow& row : rows.endpoints) {
    Endpoint& endpoint = endpoint_for(row.endpoint)->second;
    endpoint.counters += row.counters;
    totals_ += row.counters;
    diff::restore(endpoint.timelines, timelines_, row.state);
    if (const std::size_t end = row.state.find(';'); end != std::string::npos) {
      endpoint.slowness.merge_serialized(std::string_view(row.state).substr(end + 1));
    }
    for (std::size_t role = 0; role < role_count; ++role) {
      endpoint.latency[role].merge_serialized(row.latency[role]);
      latency_[role].merge_serialized(row.latency[role]);
    }
  }
  // In the order of first appearance, so that the ordinals are given out again as they were.
  std::vector<CellRow*> in_order;
  for (CellRow& row : rows.cells) {
    in_order.push_back(&row);
  }
  std::sort(in_order.begin(), in_order.end(),
            [](const CellRow* left, const CellRow* right) { return left->cell.ordinal < right->cell.ordinal; });
  for (CellRow* row : in_order) {
    if (row->endpoint == all_endpoints) continue;
    const auto place = endpoint_for(row->endpoint);
    add_to(cell_for(place->first, place->second, row->path, row->difference_class), row->cell);
    *row = {};  // what is in the evidence now need not be in memory twice
  }
  for (const CellRow* row : in_order) {
    if (row->endpoint == all_endpoints) restore_pool(*row);
  }
}

// The pool was opened anew by its cells; what the row holds takes the place of that.
void Evidence::restore_pool(const CellRow& row) {
  if (row.difference_class == DifferenceClass::latency) {
    slowness_.merge_serialized(row.cell.primary_value);
    return;
  }
  const auto number = pool_numbers_.find(pool_key(row.path, row.difference_class));
  if (number == pool_numbers_.end() || !pools_[number->second - 1].cell) return;
  const std::unique_ptr<Cell>& cell = pools_[number->second - 1].cell;
  const std::uint64_t ordinal = cell->ordinal;
  *cell = row.cell;
  cell->ordinal = ordinal;
  cell->pool = cell->course = 0;
  cell->changed = false;
}

}  // namespace understudy::diff
