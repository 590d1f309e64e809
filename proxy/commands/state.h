// The state of a run, from a running instance or from a store: what `report` and `gate` ask for. Every fault comes back
// in words, with its remedy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "proxy/commands/commands.h"
#include "proxy/commands/output.h"

namespace understudy {

// Why there is no answer, in words with the remedy.
struct Problem {
  std::string text;
  bool is_usage = false;  // there is no run of that name, or no such address: asking again helps nobody
};

// The report, rendered. False: `problem` says why there is none.
bool fetch_report(const StateSource& source, Format format, std::string& report, Problem& problem);

struct GateState {
  std::string verdict;  // "pass", "regression" or "inconclusive"
  std::uint64_t compared = 0;
  std::uint64_t needed = 0;
  std::vector<std::string> reasons;
  std::vector<std::string> caveats;
  std::vector<std::string> rule_notes;           // what there is to say of rules of diff.ignore
  double least_seconds = 0, most_seconds = 0;    // until it is conclusive; 0 = not known
  std::uint64_t endpoints = 0, judged = 0;       // of the progress
  bool only_undecided = false;                   // nothing worse stands against a pass
  std::uint64_t proved = 0, transport = 0;       // differences; those that say no more than that no answer came
  std::string candidate, silent_since, failure;  // its URL; "" = it answers, or is not known; why
  std::uint64_t failed = 0;                      // copies
  std::vector<std::string> open;                 // a line for each open difference, where they were asked for
  bool has_open = false;
  std::string run;   // whose verdict it is; empty: not said
  std::string json;  // the whole document, as GET /api/v1/verdict gives it
};
// `with_open`: with every open difference.
bool fetch_verdict(const StateSource& source, bool with_open, GateState& state, Problem& problem);

// Opens a fresh run; gives its name.
bool open_fresh_run(const StateSource& source, std::string& run, Problem& problem);

// A document as GET /api/v1/verdict gives it. False: it is none.
bool parse_verdict(std::string json, GateState& state);

}  // namespace understudy
