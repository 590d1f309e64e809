// The state of a run, from a running instance or from a store: what `report` and `gate` ask for. Every fault comes back
// in words, with its remedy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/commands/commands.h"
#include "proxy/commands/output.h"

namespace understudy {

// The report, rendered. False: `problem` says why there is none.
bool fetch_report(const StateSource& source, Format format, std::string& report, std::string& problem);

struct GateState {
  std::string verdict;  // "pass", "regression" or "inconclusive"
  std::uint64_t compared = 0;
  std::uint64_t needed = 0;
  std::vector<std::string> reasons;
  std::string json;  // the whole document, as GET /api/v1/verdict gives it
};
bool fetch_verdict(const StateSource& source, GateState& state, std::string& problem);

// A document as GET /api/v1/verdict gives it. False: it is none.
bool parse_verdict(std::string json, GateState& state);

}  // namespace understudy
