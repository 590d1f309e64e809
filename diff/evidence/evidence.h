// What has been seen so far: counters per endpoint and per difference (counters.h), from which verdict.h judges. Pure:
// no clock, thread or file. Callers: proxy/shadow/ records every finished exchange (on its one thread) and writes the
// changed rows to the store about once a second; proxy/admin/ and `understudy report` restore rows from the store and
// judge them.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/counters.h"
#include "diff/evidence/quantile_sketch.h"
#include "diff/finding.h"

namespace understudy::diff {

// Limits, for memory (about 100 MB at worst). What lies beyond is counted at the path "(other)" or the endpoint
// "(other)", never lost in silence. The number of endpoints is endpoint_limit (diff/endpoint/namer.h).
inline constexpr std::size_t paths_per_endpoint_limit = 2000;
inline constexpr std::size_t cells_limit = 100'000;    // of all endpoints together
inline constexpr std::size_t path_octets_limit = 512;  // a longer pattern is cut
inline constexpr std::string_view other_path = "(other)";

// Identical requests that come together are one observation, not many (a stampede on one cached object): per difference
// and request fingerprint at most one discordance counts in each window. Short, because time is all that tells a
// repeated observation from a new one, and a load on one single target must still reach a verdict within a second.
inline constexpr std::int64_t dependence_window_us = 25'000;
// The latest exemplar of a difference is replaced at most this often.
inline constexpr std::int64_t exemplar_interval_us = 1'000'000;

// One finished exchange. Views need to live during record() only.
struct Observation {
  std::string_view endpoint;      // from EndpointNamer
  std::uint64_t fingerprint = 0;  // hash of method, target and request body
  std::uint64_t exchange_id = 0;  // names the exemplar; not 0
  std::int64_t time_us = 0;       // microseconds since 1970
  // The primary's answer was not whole while the candidate's was: nothing is compared, only that counts.
  bool primary_failed = false;
  // Candidate against primary, from Comparer. A failing candidate is one finding: class transport, path "status",
  // primary_value e.g. "200", other_value the ledger's reason.
  std::span<const Finding> candidate;
  // Secondary against primary; none if the secondary was not asked. A failing secondary is one finding of class
  // transport.
  std::optional<std::span<const Finding>> secondary;
  std::array<double, role_count> latency_s{-1, -1, -1};  // by Role; negative = none
};

class Evidence {
 public:
  struct Endpoint {
    EndpointCounters counters;
    std::array<std::uint64_t, not_compared_count> dropped_by{};  // by NotCompared; of this run, not stored
    std::array<QuantileSketch, role_count> latency;
    bool changed = false;  // since the last snapshot
    // By path pattern, then by class.
    std::map<std::string, std::map<DifferenceClass, Cell>, std::less<>> cells;
  };
  using Endpoints = std::map<std::string, Endpoint, std::less<>>;

  Evidence();

  // True if the exchange is to be kept as an exemplar: it is the first or the latest of at least one difference.
  bool record(const Observation& observation);

  // An exchange of that endpoint ended without being compared. `endpoint` as in Observation.
  void record_not_compared(std::string_view endpoint, NotCompared why);

  const Endpoints& endpoints() const { return endpoints_; }
  // Sum over the endpoints.
  std::uint64_t compared() const { return compared_; }

  // Everything, for a report; what changed since the last call, for a snapshot (counters are absolute: a row replaces
  // its older self).
  Rows rows() const;
  Rows take_changed_rows();
  // After a snapshot that could not be written: the next one has everything.
  void mark_all_changed();

  // Adds rows of an earlier run or of another instance. What is restored does not count as changed.
  void restore(const Rows& rows);

 private:
  // A (path, class) that the exchange at hand shows, and who shows it.
  struct Sighting {
    Cell* cell;
    DifferenceClass difference_class;
    bool at_status;               // path "status": seen even where the status classes differ
    const Finding* by_candidate;  // null: only the secondary shows it
    bool by_secondary;
  };
  struct Repetition {
    std::uint64_t key = 0;
    std::int64_t window = -1;
  };

  Endpoint& endpoint_for(std::string_view name);
  Cell& cell_for(Endpoint& endpoint, std::string_view path, DifferenceClass difference_class);
  void collect_sightings(Endpoint& endpoint, const Observation& observation, bool both_whole);
  void count_discordance(const Observation& observation, const Sighting& sighting);
  void count_direction(const Observation& observation, const Sighting& sighting);
  bool is_repetition(const Observation& observation, const Sighting& sighting);

  Endpoints endpoints_;
  std::uint64_t compared_ = 0;
  std::size_t cells_ = 0;
  std::array<std::uint64_t, 4> ordinals_{};  // given out so far, by Severity
  std::vector<Sighting> sightings_;          // of the exchange at hand; a member for its memory
  std::vector<Repetition> repetitions_;      // direct-mapped: an entry that was overwritten lets one repetition count
};

}  // namespace understudy::diff
