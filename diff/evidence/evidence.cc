// How one exchange becomes counts. See evidence.h for who calls, counters.h for what the counts mean.
#include "diff/evidence/evidence.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "diff/endpoint/namer.h"
#include "diff/evidence/direction.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

constexpr std::string_view status_path = "status";
constexpr std::size_t repetitions_size = 8192;  // a power of two

bool shows(std::span<const Finding> findings, DifferenceClass difference_class) {
  return std::any_of(findings.begin(), findings.end(),
                     [=](const Finding& finding) { return finding.difference_class == difference_class; });
}

// Who answered whole, and how far down the answers could be compared.
struct Visibility {
  bool candidate_whole;
  bool secondary_asked;
  bool secondary_whole;
  bool below_status;  // the status classes hide nothing, or hide the same in both comparisons

  explicit Visibility(const Observation& observation)
      : candidate_whole(!shows(observation.candidate, DifferenceClass::transport)),
        secondary_asked(observation.secondary.has_value()),
        secondary_whole(secondary_asked && !shows(*observation.secondary, DifferenceClass::transport)),
        below_status(!secondary_asked || shows(observation.candidate, DifferenceClass::status_class) ==
                                             shows(*observation.secondary, DifferenceClass::status_class)) {}
};

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

EndpointRow row_of(const std::string& name, const Evidence::Endpoint& endpoint) {
  EndpointRow row{name, endpoint.counters, {}};
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
}

// Mixes all bits (the finalizer of SplitMix64).
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

Evidence::Evidence() : repetitions_(repetitions_size) {}

bool Evidence::record(const Observation& observation) {
  Endpoint& endpoint = endpoint_for(observation.endpoint);
  endpoint.changed = true;
  ++endpoint.counters.requests;
  for (std::size_t role = 0; role < role_count; ++role) {
    endpoint.latency[role].add(observation.latency_s[role]);
  }
  if (observation.primary_failed) {
    Cell& cell = cell_for(endpoint, status_path, DifferenceClass::transport);
    cell.changed = true;
    ++cell.counters.c_directional;
    return false;
  }
  const Visibility visibility(observation);
  if (visibility.candidate_whole) {
    ++compared_;
    ++endpoint.counters.compared;
    endpoint.counters.triples += visibility.secondary_whole ? 1 : 0;
    endpoint.counters.differed += observation.candidate.empty() ? 0 : 1;
  } else {
    ++endpoint.counters.failed;
  }

  collect_sightings(endpoint, observation, visibility.candidate_whole && visibility.secondary_whole);
  bool is_exemplar = false;
  for (const Sighting& sighting : sightings_) {
    Cell& cell = *sighting.cell;
    cell.changed = true;
    if (sighting.by_candidate != nullptr) {
      is_exemplar = note_sighting(cell, observation, *sighting.by_candidate) || is_exemplar;
    }
    cell.counters.noise += sighting.by_secondary ? 1 : 0;
    const bool is_failure = sighting.difference_class == DifferenceClass::transport;
    if (is_failure ? visibility.secondary_asked : visibility.secondary_whole) {
      if (visibility.below_status || sighting.at_status) {
        count_discordance(observation, sighting);
      }
    } else {
      count_direction(observation, sighting);
    }
  }
  return is_exemplar;
}

void Evidence::record_not_compared(std::string_view name, NotCompared why) {
  Endpoint& endpoint = endpoint_for(name);
  endpoint.changed = true;
  ++endpoint.counters.dropped;
  ++endpoint.dropped_by[static_cast<std::size_t>(why)];
}

// One sighting for each cell. Where candidate or secondary failed, there is nothing to compare but the failure itself.
void Evidence::collect_sightings(Endpoint& endpoint, const Observation& observation, bool both_whole) {
  sightings_.clear();
  for (const Finding& finding : observation.candidate) {
    Cell& cell = cell_for(endpoint, finding.path, finding.difference_class);
    sightings_.push_back({&cell, finding.difference_class, finding.path == status_path, &finding, false});
  }
  for (const Finding& finding : observation.secondary.value_or(std::span<const Finding>())) {
    if (both_whole || finding.difference_class == DifferenceClass::transport) {
      Cell& cell = cell_for(endpoint, finding.path, finding.difference_class);
      sightings_.push_back({&cell, finding.difference_class, finding.path == status_path, nullptr, true});
    }
  }
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

void Evidence::count_discordance(const Observation& observation, const Sighting& sighting) {
  CellCounters& counters = sighting.cell->counters;
  const bool by_candidate = sighting.by_candidate != nullptr;
  counters.raw_paired += by_candidate ? 1 : 0;
  if (by_candidate != sighting.by_secondary && !is_repetition(observation, sighting)) {
    ++(by_candidate ? counters.b : counters.c);
  }
}

void Evidence::count_direction(const Observation& observation, const Sighting& sighting) {
  if (sighting.by_candidate == nullptr || !is_directional(sighting.difference_class)) {
    return;
  }
  const int direction = direction_of(*sighting.by_candidate);
  if (direction != 0 && !is_repetition(observation, sighting)) {
    ++(direction > 0 ? sighting.cell->counters.b_directional : sighting.cell->counters.c_directional);
  }
}

// Whether the same request has already counted for the same difference in this window.
bool Evidence::is_repetition(const Observation& observation, const Sighting& sighting) {
  const std::uint64_t cell_number =
      sighting.cell->ordinal * 4 + static_cast<std::uint64_t>(severity_of(sighting.difference_class));
  const std::uint64_t key = mixed(observation.fingerprint + mixed(cell_number));
  Repetition& entry = repetitions_[key % repetitions_size];
  const std::int64_t window = observation.time_us / dependence_window_us;
  if (entry.key == key && entry.window == window) {
    return true;
  }
  entry = {key, window};
  return false;
}

Evidence::Endpoint& Evidence::endpoint_for(std::string_view name) {
  if (const auto known = endpoints_.find(name); known != endpoints_.end()) {
    return known->second;
  }
  return endpoints_[std::string(endpoints_.size() < endpoint_limit ? name : other_endpoint)];
}

Cell& Evidence::cell_for(Endpoint& endpoint, std::string_view path, DifferenceClass difference_class) {
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
    return cell_for(endpoint, other_path, difference_class);
  }
  if (at_path == endpoint.cells.end()) {
    at_path = endpoint.cells.try_emplace(std::string(path)).first;
  }
  const auto [cell, fresh] = at_path->second.try_emplace(difference_class);
  if (fresh) {
    ++cells_;
    cell->second.ordinal = ++ordinals_[static_cast<std::size_t>(severity_of(difference_class))];
  }
  return cell->second;
}

Rows Evidence::rows() const {
  Rows rows;
  for (const auto& [name, endpoint] : endpoints_) {
    rows.endpoints.push_back(row_of(name, endpoint));
    for (const auto& [path, by_class] : endpoint.cells) {
      for (const auto& [difference_class, cell] : by_class) {
        rows.cells.push_back({difference_id(name, path, difference_class), name, path, difference_class, cell});
      }
    }
  }
  return rows;
}

Rows Evidence::take_changed_rows() {
  Rows rows;
  for (auto& [name, endpoint] : endpoints_) {
    if (!std::exchange(endpoint.changed, false)) {
      continue;
    }
    rows.endpoints.push_back(row_of(name, endpoint));
    for (auto& [path, by_class] : endpoint.cells) {
      for (auto& [difference_class, cell] : by_class) {
        if (std::exchange(cell.changed, false)) {
          rows.cells.push_back({difference_id(name, path, difference_class), name, path, difference_class, cell});
        }
      }
    }
  }
  return rows;
}

void Evidence::mark_all_changed() {
  for (auto& [name, endpoint] : endpoints_) {
    endpoint.changed = true;
    for (auto& [path, by_class] : endpoint.cells) {
      for (auto& [difference_class, cell] : by_class) {
        cell.changed = true;
      }
    }
  }
}

void Evidence::restore(const Rows& rows) {
  for (const EndpointRow& row : rows.endpoints) {
    Endpoint& endpoint = endpoint_for(row.endpoint);
    endpoint.counters += row.counters;
    compared_ += row.counters.compared;
    for (std::size_t role = 0; role < role_count; ++role) {
      endpoint.latency[role].merge_serialized(row.latency[role]);
    }
  }
  // In the order of first appearance, so that the ordinals are given out again as they were.
  std::vector<const CellRow*> in_order;
  for (const CellRow& row : rows.cells) {
    in_order.push_back(&row);
  }
  std::sort(in_order.begin(), in_order.end(),
            [](const CellRow* left, const CellRow* right) { return left->cell.ordinal < right->cell.ordinal; });
  for (const CellRow* row : in_order) {
    add_to(cell_for(endpoint_for(row->endpoint), row->path, row->difference_class), row->cell);
  }
}

}  // namespace understudy::diff
