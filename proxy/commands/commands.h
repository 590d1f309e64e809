// What each command is asked to do. Filled by command_line.cc; each function is the whole command and gives its exit
// status.
#pragma once

#include <cstdint>
#include <string>

#include "proxy/config.h"

namespace understudy {

struct RunRequest {
  std::string config_path;  // empty: defaults and flags alone
  Overrides overrides;
  bool dump = false;  // check alone
};
int run(const RunRequest& request);
int check(const RunRequest& request);

// Where the state of a run is read: a running instance, or the store that one left behind.
struct StateSource {
  std::string admin = "http://127.0.0.1:8881";
  std::string token;
  std::string store;  // a file; not empty: instead of `admin`
  std::string run;    // whose evidence; empty: the current one's
};

struct ReportRequest {
  StateSource source;
  std::string format = "text";
  std::string output;  // empty: stdout
};
int report(const ReportRequest& request);

struct GateRequest {
  StateSource source;
  std::string until = "conclusive";  // or a duration
  std::string timeout = "30m";
  std::uint64_t min_compared = 0;  // a pass needs at least so many compared exchanges
  std::string patience = "60s";    // with a candidate, or an instance, that does not answer
  bool allow_undecided = false;
  std::string format = "text";
  std::string output;
};
int gate(const GateRequest& request);

struct SelftestRequest {
  RunRequest run;                // what an instance would be started with
  std::string duration = "10m";  // --for
  std::string format = "text";
  std::string output;
};
int selftest(const SelftestRequest& request);

struct ResetRequest {
  StateSource source;
};
int reset(const ResetRequest& request);

struct DiffRequest {
  std::string primary;  // files
  std::string other;
  std::string format = "text";
};
int diff_files(const DiffRequest& request);

}  // namespace understudy
