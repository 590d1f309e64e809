// Everything that shared memory says at one moment, as plain values: what handlers work on, so that they need no shared
// memory to be tested.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "diff/finding.h"
#include "proxy/admin/durations.h"
#include "proxy/control/ledger.h"
#include "proxy/control/reasons.h"

namespace understudy::admin {

using FailCounts = std::array<std::uint64_t, control::fail_reason_names.size()>;

// Of candidate or secondary, as the shadow plane sees it (control::UpstreamHealth). Times are microseconds since 1970.
struct UpstreamHealth {
  std::int64_t silent_since_us = 0;  // no answer since then, while production answered; 0 = it answers, or nobody asked
  std::int64_t answered_us = 0;      // the last answer; 0 = none since the shadow plane started
  std::optional<control::FailReason> failure;  // of the last copy that failed since it last answered
  bool breaker_open = false;

  // 0 = it answers.
  double silent_s(std::int64_t now_us) const {
    return silent_since_us == 0 || now_us < silent_since_us ? 0 : static_cast<double>(now_us - silent_since_us) * 1e-6;
  }
};

struct Observed {
  std::int64_t now_us = 0;  // of the clock on the wall, since 1970
  std::int64_t now_ms = 0;  // CLOCK_MONOTONIC, as all times here that say nothing else

  control::Ledger ledger;              // with what earlier runs left in the store
  control::Ledger ledger_of_run;       // since the supervisor started
  std::uint64_t evidence_lost = 0;     // of the current run
  std::uint64_t evidence_skipped = 0;  // since the supervisor started
  std::string run;                     // the current one; empty = there is none yet, or it is just changing
  std::uint64_t instance = 0;          // whose evidence is ours; see control::ShadowAccounts

  // The user plane, all threads and generations together.
  std::array<std::uint64_t, 6> requests{};  // by hundreds of the status; [0]: no response was sent
  Durations duration;
  SketchedDurations mirrored_duration, random_heldout_duration, window_heldout_duration;
  std::uint64_t connections = 0;  // open ones
  std::uint64_t tunnels = 0;      // open ones
  std::uint64_t tunnels_opened = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t primary_set_aside = 0;
  std::uint64_t primary_reclaimed = 0;
  std::array<std::uint64_t, 3> upstream_repeated{};  // by Role
  std::uint64_t log_dropped = 0;
  std::uint64_t recv_calls = 0, send_calls = 0, again_calls = 0;  // of the user plane
  std::uint64_t tap_octets = 0;                                   // published, not yet released
  std::int64_t primary_connected_ms = 0;                          // the newest of all threads; 0 = never
  std::int64_t primary_refused_ms = 0;

  // By control::Role; the primary's as the user plane saw it, the others' as the shadow plane did.
  std::array<Durations, 3> upstream_duration;
  std::array<FailCounts, 3> upstream_errors{};
  std::array<UpstreamHealth, 3> health;  // the primary's is empty
  std::uint64_t candidate_returns = 0;   // times that it was away and came back

  std::array<std::uint64_t, diff::difference_class_count> differences{};
  std::uint64_t switch_seen = 0;
  std::uint64_t store_errors = 0;
  std::uint64_t exemplars_lost = 0;
  std::uint64_t longest_turn_us = 0;  // of the shadow plane's loop, since the supervisor's start
  std::array<std::uint64_t, control::confirmation_names.size()> confirmations{};  // by control::Confirmed

  // The supervisor.
  std::array<std::uint64_t, 3> restarts{};  // by control::Plane
  std::array<int, 3> pids{};                // 0 = none
  bool last_reload_successful = true;
  bool draining = false;

  // The switch; unset values are the configuration's.
  bool enabled_set = false, enabled = true;
  bool percent_set = false;
  double percent = 100;
};

}  // namespace understudy::admin
