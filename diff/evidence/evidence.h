// What has been seen so far: counters per endpoint and per difference, from which verdict.h judges. Pure: no clock, no
// thread, no file. Callers: proxy/shadow/ records every finished comparison (one thread) and writes changed rows to the
// store about once a second; proxy/admin/ and `understudy report` restore rows from the store and judge them.
//
// A hypothesis is (endpoint, path pattern, class); its counters live in a cell. For an exchange with an answer of the
// secondary, with R = "the candidate differs from production here" and N = "the secondary differs from production here"
// (DIFF.md 3.1):
//     b = number of exchanges with R and not N,    c = number with N and not R
// If the candidate behaves like another copy of production, b and c are equally likely, whatever the noise. Where
// either R or N could not be seen because the status classes differ on one side only, the exchange counts for the
// status alone (in both directions, so it stays fair). For an exchange without an answer of the secondary, classes that
// have a direction (removed or added, worse or better) count in b_directional and c_directional (3.2, direction.h); the
// others cannot be told from noise and count in `raw` alone.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diff/evidence/quantile_sketch.h"
#include "diff/finding.h"

namespace understudy::diff {

enum class Role : unsigned char { primary, candidate, secondary };
inline constexpr std::size_t role_count = 3;

// Limits; what lies beyond is counted under "(other)", never silently lost.
inline constexpr std::size_t cells_per_endpoint_limit = 2000;
inline constexpr std::size_t cells_limit = 100'000;    // of all endpoints together: about 100 MB at worst
inline constexpr std::size_t path_octets_limit = 512;  // a longer pattern is cut
inline constexpr std::string_view other_path = "(other)";

// Identical requests that come together are one observation, not many (a stampede on one cached object): per difference
// and request fingerprint at most one discordance counts in each window. Short, because time is all that tells a
// repeated observation from a new one: a load on one single target must still reach a verdict within a second.
inline constexpr std::int64_t dependence_window_us = 25'000;
// The latest exemplar of a difference is replaced at most this often.
inline constexpr std::int64_t exemplar_interval_us = 1'000'000;

// One finished exchange. Views need to live during record() only.
struct Observation {
  std::string_view endpoint;      // from EndpointNamer
  std::uint64_t fingerprint = 0;  // hash of method, target and request body
  std::uint64_t exchange_id = 0;  // names the exemplar; never 0
  std::int64_t time_us = 0;       // microseconds since 1970
  // The primary's answer was not whole and the candidate's was: nothing is compared, only the failure counts.
  bool primary_failed = false;
  // Candidate against primary. A failing candidate is one finding: class transport, path "status", primary_value e.g.
  // "200", other_value the reason.
  std::span<const Finding> candidate;
  // Secondary against primary; none if the secondary was not asked. A failing secondary is one finding of class
  // transport.
  std::optional<std::span<const Finding>> secondary;
  std::array<double, role_count> latency_s{-1, -1, -1};  // by Role, negative = none
};

struct CellCounters {
  std::uint64_t raw = 0;         // exchanges where the candidate differs from the primary
  std::uint64_t raw_paired = 0;  // those of them with an answer of the secondary
  std::uint64_t noise = 0;       // exchanges where the secondary differs from the primary
  std::uint64_t b = 0;           // R and not N
  std::uint64_t c = 0;           // N and not R
  std::uint64_t b_directional = 0;
  std::uint64_t c_directional = 0;  // for classes whose mirror image is a class of its own (field_removed,
                                    // field_added): always 0, see direction.h
};

// One difference, as it lies in memory and (with its endpoint) in the store.
struct Cell {
  std::string path;
  DifferenceClass difference_class{};
  CellCounters counters;
  std::uint64_t ordinal = 0;  // order of first appearance among the differences of its severity, from 1
  std::int64_t first_us = 0;
  std::int64_t last_us = 0;
  std::uint64_t first_exemplar = 0;  // exchange ids; 0 = none
  std::uint64_t latest_exemplar = 0;
  std::int64_t latest_exemplar_us = 0;
  Finding example;  // pointers and values of the latest exemplar (path and class left empty)
};

struct EndpointCounters {
  std::uint64_t requests = 0;    // exchanges recorded
  std::uint64_t compared = 0;    // both answers whole
  std::uint64_t triples = 0;     // compared, and the secondary's answer whole too
  std::uint64_t differed = 0;    // compared, with at least one finding
  std::uint64_t failed = 0;      // the candidate's answer was not whole
  std::uint64_t overflowed = 0;  // findings counted at the path "(other)"
};

struct CellRow {
  std::string id;  // of the difference, stable over runs: 16 hex digits of a hash of endpoint, path and class
  std::string endpoint;
  Cell cell;
};

struct EndpointRow {
  std::string endpoint;
  EndpointCounters counters;
  std::array<std::string, role_count> latency;  // QuantileSketch::serialize, by Role
};

struct Rows {
  std::vector<EndpointRow> endpoints;
  std::vector<CellRow> cells;
};

std::string difference_id(std::string_view endpoint, std::string_view path, DifferenceClass difference_class);

class Evidence {
 public:
  // True if the exchange is to be kept as an exemplar: it is the first or the latest of at least one difference.
  bool record(const Observation& observation);

  // Everything, for a report; what changed since the last call, for a snapshot (counters are absolute: a row replaces
  // its older self).
  Rows rows() const;
  Rows take_changed_rows();
  // After a snapshot that could not be written: the next one has everything.
  void mark_all_changed();

  // Adds rows of an earlier run or another instance. What is restored does not count as changed.
  void restore(const Rows& rows);

  struct CellKey {
    std::string path;
    DifferenceClass difference_class;
  };
  struct CellLess {
    using is_transparent = void;
    using View = std::pair<std::string_view, DifferenceClass>;
    static View view(const CellKey& key) { return {key.path, key.difference_class}; }
    static View view(const View& key) { return key; }
    bool operator()(const auto& left, const auto& right) const { return view(left) < view(right); }
  };
  struct Endpoint {
    EndpointCounters counters;
    std::array<QuantileSketch, role_count> latency;
    std::map<CellKey, Cell, CellLess> cells;
  };
  const std::map<std::string, Endpoint, std::less<>>& endpoints() const { return endpoints_; }
  std::uint64_t compared() const { return compared_; }

 private:
  std::map<std::string, Endpoint, std::less<>> endpoints_;
  std::uint64_t compared_ = 0;
};

}  // namespace understudy::diff
