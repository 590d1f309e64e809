// What `understudy selftest` has found, as people and scripts read it: from the report of an instance whose candidate
// was production's own build. Pure: time comes in as an argument.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diff/settings.h"
#include "proxy/commands/output.h"
#include "proxy/commands/selftest_course.h"
#include "proxy/commands/selftest_report.h"

namespace understudy {

// In the order in which they are shown.
enum class SelftestKind {
  environment,  // held against a candidate that has changed nothing, or hides what a candidate has wrong in structure
  open,         // not known yet whether it would
  state,        // a cache, a counter or a switch
  blind,        // differs at every exchange, or nearly: its value says nothing about a build
  varying,      // now and then
  reordered,    // a list whose order varies
};

// A field that production does not always answer alike.
struct SelftestField {
  std::string endpoint;
  std::string path;
  SelftestKind kind{};
  double rate = 0;                   // share of the exchanges in which it differs
  std::vector<std::string> classes;  // how it differs, in the order of the report
  std::string reason;                // of an environment's or open one
  std::string one_value;             // an example
  std::string other_value;
};

// Fields that vary, by kind, endpoint and path. What never differs is none of them. `course`: of the reports before.
std::vector<SelftestField> selftest_fields(const SelftestReport& report, const SelftestCourse& course);

// About how many exchanges in all a pass of a candidate takes that is as good as production: its answers vary as these
// do, and not together with the secondary's.
std::uint64_t exchanges_to_pass(const SelftestReport& report, const diff::Settings& settings);

struct SelftestResult {
  std::string repeated_at;  // the URL that was asked twice more
  double seconds = 0;
  SelftestReport report;
  std::vector<SelftestField> fields;
  std::uint64_t to_pass = 0;  // exchanges
  double pace = 0;            // of compared exchanges, a second
};

std::string render_selftest(const SelftestResult& result, Format format);
// 0 nothing that matters, 1 something does, 3 it took too short a time to say, 4 nothing was compared.
int exit_status_of(const SelftestResult& result);

}  // namespace understudy
