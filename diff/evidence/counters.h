// The counters of the evidence, as they lie in memory and as rows in the store. Values only.
// Callers: evidence.h, verdict.h, proxy/store/.
//
// A hypothesis is (endpoint, path pattern, class); its counters live in a cell. For an exchange with an answer of the
// secondary, with R = "the candidate differs from production here" and N = "the secondary differs from production here"
// (DIFF.md 3.1):
//     b = number of exchanges with R and not N,    c = number with N and not R
// If the candidate behaves like another copy of production, b and c are equally likely, whatever the noise. Where the
// status classes differ on one side only, nothing below the status was seen there: such an exchange counts for the
// status alone. They count every exchange: what is excluded goes by them. What is proved goes by `proof`, in which
// observations that depend on each other count once (evidence.cc). For an exchange without an answer of the secondary,
// classes that have a direction (removed or added, worse or better) count in b_directional and c_directional (3.2,
// direction.h); the others cannot be told from noise and count in `raw` alone. Where the secondary is production
// itself, a difference that a state of the process can make is proof only if it is still there when both are asked
// again (Evidence::confirm); gone, it counts in `proof` for production's own variation.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/dependence.h"
#include "diff/finding.h"

namespace understudy::diff {

enum class Role : unsigned char { primary, candidate, secondary };
inline constexpr std::size_t role_count = 3;

struct CellCounters {
  std::uint64_t raw = 0;         // exchanges where the candidate differs from the primary
  std::uint64_t raw_paired = 0;  // those of them where the secondary could be compared as well
  std::uint64_t noise = 0;       // exchanges where the secondary differs from the primary
  std::uint64_t b = 0;
  std::uint64_t c = 0;
  std::uint64_t b_directional = 0;
  std::uint64_t c_directional = 0;  // what the mirror class counts (field_added for field_removed) is not in here

  CellCounters& operator+=(const CellCounters& other);
  bool operator==(const CellCounters&) const = default;
};

// What takes the place of what, as long as it is always the same: a constant of production that is another constant of
// the candidate's.
struct Replacement {
  std::uint64_t from_to = 0;  // a hash of both
  std::uint64_t count = 0;
  bool varies = false;

  void note(std::uint64_t hash) {
    if (count == 0) from_to = hash;
    varies = varies || hash != from_to;
    ++count;
  }
  bool operator==(const Replacement&) const = default;
};

// One difference.
struct Cell {
  CellCounters counters;
  Signs proof;              // of b and c: those that count as observations
  Signs proof_directional;  // of b_directional and c_directional
  Signs asked_again;        // differences of which both sides were asked again: b still there, c gone
  Dependence dependence;
  Replacement replacement;     // where may_be_constant()
  bool is_course = false;      // greater and less of a counter or a clock say nothing
  bool knows_course = true;    // false: whether it is one is not known yet
  std::int64_t proved_us = 0;  // when it was proved; 0 = it is not, or was refuted
  std::uint64_t seen_at = 0;   // exchanges of the endpoint when the candidate showed it last
  std::uint32_t pool = 0;      // number of its pool, from 1; not stored
  std::uint32_t course = 0;    // number of its course, likewise; 0 = none
  std::uint64_t ordinal = 0;   // order of first appearance among the differences of its severity, from 1
  std::int64_t first_us = 0;   // microseconds since 1970, as all times here; 0 = the candidate never differed
  std::int64_t last_us = 0;
  std::uint64_t first_exemplar = 0;  // exchange ids; 0 = none
  std::uint64_t latest_exemplar = 0;
  std::int64_t latest_exemplar_us = 0;
  std::string primary_pointer;  // of the latest exemplar, as in Finding
  std::string other_pointer;
  std::string primary_value;
  std::string other_value;
  bool changed = false;  // since the last snapshot; not stored
};

// Of an endpoint, eligible = compared + failed + dropped. `requests` is what was recorded: compared + failed + those
// that production did not answer.
struct EndpointCounters {
  std::uint64_t requests = 0;    // exchanges recorded
  std::uint64_t compared = 0;    // both answers whole
  std::uint64_t triples = 0;     // compared, and the secondary's answer whole too
  std::uint64_t differed = 0;    // compared, with at least one finding
  std::uint64_t failed = 0;      // the candidate's answer was not whole
  std::uint64_t overflowed = 0;  // findings counted at the path "(other)" because a limit was reached
  std::uint64_t dropped = 0;     // not compared, by our doing; in none of the others

  // Eligible exchanges of which the endpoint is known and production's answer was whole.
  std::uint64_t eligible() const { return compared + failed + dropped; }

  EndpointCounters& operator+=(const EndpointCounters& other);
  bool operator==(const EndpointCounters&) const = default;
};

struct CellRow {
  std::string id;  // difference_id
  std::string endpoint;
  std::string path;
  DifferenceClass difference_class{};
  Cell cell;
};

struct EndpointRow {
  std::string endpoint;
  EndpointCounters counters;
  std::array<std::string, role_count> latency{};  // QuantileSketch::serialize, by Role
  std::string state{};                            // of its timelines and its slowness, for the store
};

struct Rows {
  std::vector<EndpointRow> endpoints;
  std::deque<CellRow> cells;  // grows without moving what is there
};

// What a cell holds beside its counters, in a compact form for the store. Merging adds; an ill-formed text adds
// nothing.
std::string serialized_state(const Cell& cell);
void merge_state(Cell& cell, std::string_view state);

// 16 hex digits, the same in every run: a hash of endpoint, path and class.
std::string difference_id(std::string_view endpoint, std::string_view path, DifferenceClass difference_class);

}  // namespace understudy::diff
