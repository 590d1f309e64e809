// The report of an instance whose candidate was production's own build, as `understudy selftest` reads it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace understudy {

// One difference of the report.
struct SelftestRow {
  std::string endpoint;
  std::string path;
  std::string difference_class;
  std::string severity;
  std::string verdict;
  std::string reason;
  bool gates = false;
  std::uint64_t count = 0;  // of `compared` exchanges: the first repetition differs from the user's answer
  std::uint64_t compared = 0;
  std::uint64_t noise = 0;  // of `triples`: the second one does
  std::uint64_t triples = 0;
  std::string one_value;  // an example: the user's answer
  std::string other_value;

  double rate() const;
};

struct SelftestReport {
  std::string verdict;  // "pass", "regression" or "inconclusive"
  std::uint64_t compared = 0;
  std::uint64_t needed = 0;  // about how many more exchanges, where it is inconclusive
  std::vector<std::string> reasons;
  std::map<std::string, std::uint64_t> endpoints;  // compared exchanges of each
  std::vector<SelftestRow> rows;
};

// A document as GET /api/v1/report?format=json gives it. False: it is none.
bool parse_selftest_report(const std::string& json, SelftestReport& report);

}  // namespace understudy
