// Which run a plane begins with, goes on with or opens, and what its name is: decisions, as plain functions of what is
// known. Pure. Caller: snapshots.cc.
//
// Why a run was opened (store::RunInfo::why): "first" of its store; "restart" of Understudy; "name" in candidate.run or
// --run; "request" (PUT) and "reset" (POST) of the API; "version": candidate.version_header said so; "candidate_url"
// changed; "candidate_returned" after it was away; "migrated" from a store of the first edition.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/store/run_info.h"

namespace understudy::shadow {

struct RunChoice {
  std::string name;
  std::string why;
  bool named = false;  // by a person or by the candidate, not by counting
  std::string build{};
};

// What the shared memory and the configuration say when a plane begins.
struct RunStart {
  std::string current;  // of the plane before, under the same supervisor; empty: there was none
  bool current_named = false;
  bool url_changed = false;         // of the candidate, since that plane
  std::string configured;           // candidate.run
  bool configured_changed = false;  // since that plane
};
RunChoice choose_run(const RunStart& start, const std::vector<store::RunRow>& known);

// A number that counts up and that no run has.
std::string next_number(const std::vector<store::RunRow>& known, std::string_view current);

// The run of a build that the candidate says it is: the newest that is known to be of it, one that was given its name,
// or one that is opened.
RunChoice run_of_build(const std::string& build, const std::vector<store::RunRow>& known);

// A build as a run can be named by it: what no name may hold becomes "-", with a hash where that could be mistaken.
std::string name_of_build(std::string_view value);

// Who says which build an answer is of: another value counts once several answers in a row say it, since a rolling
// deployment and stragglers say both for a while.
class BuildWatch {
 public:
  static constexpr int answers_needed = 3;
  // Back to a build that was left: two that answer by turns are one deployment that is under way, or two instances.
  static constexpr int answers_needed_back = 30;
  // True: `value` has been said often enough.
  bool see(std::string_view value, int needed = answers_needed);
  void forget() { count_ = 0; }

 private:
  std::string value_;
  int count_ = 0;
};

}  // namespace understudy::shadow
