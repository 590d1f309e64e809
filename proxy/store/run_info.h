// What a store says about a run, the evidence on one build of the candidate: who wrote it, about what, and what it is
// to be judged by, so that `understudy report --store` can judge without the configuration file. Written by
// proxy/shadow/, read by proxy/admin/ and the commands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "diff/settings.h"

namespace understudy::store {

// store/ may include diff/, control/ and settings.h of this project; never a plane, http/ or net/.

struct RunInfo {
  std::string name;                           // see is_run_name
  std::string why;                            // it was opened, a word: see RunRegister
  bool named = false;                         // by a person or by the candidate, not by counting
  std::string build;                          // value of candidate.version_header; empty = not known
  std::int64_t opened_us = 0;                 // microseconds since 1970, as all times here
  std::string version;                        // of the program; empty: nothing was ever written
  std::int64_t started_us = 0;                // of the plane that wrote last
  std::string primary, candidate, secondary;  // URLs; empty = none, the same where production repeats itself
  diff::Settings diff;                        // what judges (confidence, ignore rules, …), not what compares

  bool repeats_production() const { return !secondary.empty() && secondary == primary; }
};

// What changes with every snapshot, and how the run ended.
struct RunRow : RunInfo {
  std::int64_t closed_us = 0;  // 0 = it is open
  std::uint64_t evidence_lost = 0;
  std::uint64_t evidence_skipped =
      0;  // compared, but the answer was of another build, or of a copy sent before the run
  std::int64_t written_us = 0;
  std::string verdict;         // of the last snapshot, by its name; empty = not known
  std::uint64_t compared = 0;  // sum of its endpoints
};

// Production was built anew: its version_header said something else from then on.
struct Epoch {
  std::int64_t time_us = 0;
  std::string value;
};

inline constexpr std::size_t run_name_octets = 64;
inline constexpr std::size_t runs_limit = 50;     // of a store; the oldest closed ones go
inline constexpr std::size_t epochs_limit = 100;  // of a run; the oldest go

// 1 to 64 of A-Z a-z 0-9 . _ -
constexpr bool is_run_name(std::string_view name) {
  for (const char c : name) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') return false;
  }
  return !name.empty() && name.size() <= run_name_octets;
}
inline constexpr std::string_view run_name_rule = "1 to 64 letters, digits, \".\", \"_\" and \"-\"";

}  // namespace understudy::store
