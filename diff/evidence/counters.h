// The counters of the evidence, as they lie in memory and as rows in the store. Values only.
// Callers: evidence.h, verdict.h, proxy/store/.
//
// A hypothesis is (endpoint, path pattern, class); its counters live in a cell. For an exchange with an answer of the
// secondary, with R = "the candidate differs from production here" and N = "the secondary differs from production here"
// (DIFF.md 3.1):
//     b = number of exchanges with R and not N,    c = number with N and not R
// If the candidate behaves like another copy of production, b and c are equally likely, whatever the noise. Where the
// status classes differ on one side only, nothing below the status was seen there: such an exchange counts for the
// status alone. For an exchange without an answer of the secondary, classes that have a direction (removed or added,
// worse or better) count in b_directional and c_directional (3.2, direction.h); the others cannot be told from noise
// and count in `raw` alone.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

// One difference.
struct Cell {
  CellCounters counters;
  std::uint64_t ordinal = 0;  // order of first appearance among the differences of its severity, from 1
  std::int64_t first_us = 0;  // microseconds since 1970, as all times here; 0 = the candidate never differed
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

struct EndpointCounters {
  std::uint64_t requests = 0;    // exchanges recorded
  std::uint64_t compared = 0;    // both answers whole
  std::uint64_t triples = 0;     // compared, and the secondary's answer whole too
  std::uint64_t differed = 0;    // compared, with at least one finding
  std::uint64_t failed = 0;      // the candidate's answer was not whole
  std::uint64_t overflowed = 0;  // findings counted at the path "(other)" because a limit was reached
  std::uint64_t dropped = 0;     // eligible, and given up before there was anything to compare

  EndpointCounters& operator+=(const EndpointCounters& other);
  bool operator==(const EndpointCounters&) const = default;
};

struct CellRow {
  std::string id;  // difference_id
  std::string endpoint;
  std::string path;
  DifferenceClass difference_class{};
  Cell cell;
  std::string state{};  // what else the evidence keeps of it, as text that the evidence alone reads
};

struct EndpointRow {
  std::string endpoint;
  EndpointCounters counters;
  std::array<std::string, role_count> latency{};  // QuantileSketch::serialize, by Role
  std::string state{};                            // as of CellRow
};

struct Rows {
  std::vector<EndpointRow> endpoints;
  std::vector<CellRow> cells;
};

// 16 hex digits, the same in every run: a hash of endpoint, path and class.
std::string difference_id(std::string_view endpoint, std::string_view path, DifferenceClass difference_class);

}  // namespace understudy::diff
