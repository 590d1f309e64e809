// The layouts of the shared memory: one structure per writer. Every number has one writing thread, which adds without a
// locked instruction; any process may read at any time and trusts nothing it finds. A fresh mapping is all zeros, and
// zero is a valid start of every field.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "proxy/control/counter.h"
#include "proxy/control/duration_sketch.h"
#include "proxy/control/reasons.h"

namespace understudy::control {

// Upper bounds in nanoseconds; a last bucket takes the rest. Not cumulative.
inline constexpr std::array<std::uint64_t, 16> duration_bounds_ns{
    500'000,       1'000'000,      2'500'000,      5'000'000,     10'000'000,    25'000'000,
    50'000'000,    100'000'000,    250'000'000,    500'000'000,   1'000'000'000, 2'500'000'000,
    5'000'000'000, 10'000'000'000, 30'000'000'000, 60'000'000'000};

struct Histogram {
  std::array<Counter, duration_bounds_ns.size() + 1> buckets;
  Counter sum_ns;

  void record(std::int64_t duration_ns) {
    const auto value = static_cast<std::uint64_t>(duration_ns < 0 ? 0 : duration_ns);
    std::size_t index = 0;
    while (index < duration_bounds_ns.size() && value > duration_bounds_ns[index]) ++index;
    add(buckets[index]);
    add(sum_ns, value);
  }
};

using FailCounters = std::array<Counter, fail_reason_names.size()>;

// Written by one thread of the user plane; goes on when another process takes over the slot.
struct UserAccounts {
  // The tap's producer side: `position` is the ring's write position. Publishing a head frame is one store of
  // `position`; the two words before it are the journal from which a successor knows whether the exchanges of a
  // half-done publication count: they do where pending_position is reached. Written in this order: pending_position,
  // pending_exchanges, position, exchanges.
  Counter pending_position;
  Counter pending_exchanges;
  Counter position;
  Counter exchanges;  // exchanges whose head frame is published; the ordinal of the next one

  std::array<Counter, drop_reason_names.size()>
      refused;  // eligible, but never offered: counted here as eligible and as dropped
  Counter heldout;
  std::array<Counter, 6> requests;  // by hundreds of the status; [0] = no response was sent
  Histogram duration;
  Counter connections_opened, connections_closed;
  Counter tunnels_opened, tunnels_closed;
  Histogram primary_duration;
  FailCounters primary_errors;
  Counter log_dropped;
  Counter tap_corrupt;           // times the reader's positions made no sense
  Counter primary_connected_ms;  // CLOCK_MONOTONIC of the last connect that succeeded; 0 = never
  Counter primary_refused_ms;    // … that failed
  Counter primary_set_aside;     // times an address was
  Counter primary_repeated;      // requests sent again, for their kept connection ended without an answer
  Counter primary_reclaimed;     // connections taken from exchanges whose clients kept them
  Counter connections_refused;   // of clients that hold as many as one address may
  Counter recv_calls, send_calls, again_calls;
  Counter pid;
  // Of the exchanges that the rules select: the shadow tax is the difference. Last, for they are large.
  DurationSketch mirrored_duration;
  DurationSketch random_heldout_duration, window_heldout_duration;
};

// Written by the shadow plane: one per slot of the tap.
struct ReaderPositions {
  Counter claimed;            // a successor starts here
  Counter released;           // the producer may reuse everything before
  Counter claimed_exchanges;  // exchanges whose head frame is claimed
  Counter reserved[5];
};

inline constexpr std::size_t max_slots = 256;
inline constexpr std::size_t max_live_exchanges = 65536;
inline constexpr std::size_t max_difference_classes = 64;

enum class EntryState : std::uint32_t { free, live, deciding };

// What came of asking both sides again whether they still differ: at least one difference was still there, all were
// gone, nobody knows.
enum class Confirmed : std::uint8_t { still, gone, given_up };
inline constexpr std::array<std::string_view, 3> confirmation_names{"still", "gone", "given_up"};

// A run's name, padded with zeros: see run_name.h.
using RunName = std::array<Counter, 8>;

// One claimed, undecided exchange. The journal of the decision: see decisions.h.
struct ExchangeEntry {
  std::atomic<EntryState> state;
  std::atomic<std::uint32_t> slot_and_outcome;  // slot << 8 | outcome
  Counter ordinal;
  Counter claimed_to;  // the ring position that is claimed once this exchange counts as claimed
  Counter expected;    // value of the outcome's counter once the decision is made
};

// Of candidate or secondary, as proxy/policy/presence.h says. Times are microseconds since 1970; 0 = none.
struct UpstreamHealth {
  Counter silent_since_us;  // no answer has come since then, while production answered; 0 = it answers, or nobody asked
  Counter answered_us;      // the last answer that this plane heard
  Counter failure;          // FailReason + 1 of the last copy that failed since it was last heard
  Counter breaker_open;     // 1: copies are left out, but for a probe now and then
  Counter away_since_us;    // it refused connections, and has not been back
};

struct ShadowAccounts {
  std::array<Counter, outcome_count> outcomes;
  Counter live;                                 // entries that are not free
  Counter evidence_lost;                        // compared exchanges whose evidence a crash took before a snapshot
  std::array<Histogram, 3> upstream_duration;   // by Role; [0] unused
  std::array<FailCounters, 3> upstream_errors;  // by Role; [0] unused
  std::array<Counter, 3> upstream_repeated;     // by Role; [0] unused: copies sent again, as primary_repeated
  Counter switch_seen;                          // generation of the switch under which every later copy is sent
  Counter polls;                                // grows as long as the plane lives
  Counter pid;
  Counter resident_bytes;
  Counter store_errors;
  Counter exemplars_lost;
  // What earlier runs that share the store left in the ledger; added to every reading of it.
  Counter base_eligible, base_heldout;
  std::array<Counter, outcome_count> base_outcomes;
  Counter base_loaded;
  std::array<ReaderPositions, max_slots> readers;
  std::array<ExchangeEntry, max_live_exchanges> entries;
  // By diff::DifferenceClass. With room: a class added moves nothing of what stands behind.
  std::array<Counter, max_difference_classes> differences;
  std::array<UpstreamHealth, 3> health;  // by Role; [0] unused
  Counter candidate_returns;             // times that the candidate was away and came back
  // Who writes the store under this supervisor: a random number, drawn by its first shadow plane. 0 = none has come
  // yet.
  Counter instance;
  Counter run_seen;          // generation of the last request for a run that was carried out
  Counter run_changes;       // grows when the run's name begins to change, and again when it has
  RunName run;               // the current one; empty = none yet
  Counter run_opened_us;     // microseconds since 1970
  Counter run_named;         // 1: by a person or by the candidate, not by counting
  Counter run_candidate;     // hash of the candidate.url under which the plane that wrote this ran
  Counter run_configured;    // hash of candidate.run, likewise
  Counter run_skipped;       // compared exchanges of the run whose evidence is left out
  Counter evidence_skipped;  // … of all runs since the supervisor's start
  Counter longest_turn_us;   // of the plane's loop, since the supervisor's start: time of the processor
  std::array<Counter, confirmation_names.size()> confirmations;  // exchanges whose differences were to be asked again
};

// Written by the admin plane alone; the user plane clamps what it reads.
struct Switch {
  Counter generation;      // of the last PUT
  Counter off;             // 0 = mirror on
  Counter percent_micros;  // percent * 10^6, meaningful where percent_set
  Counter percent_set;     // 0: the configuration's percent holds
  Counter enabled_set;     // 0: the configuration's `enabled` holds
  // The run that is asked for: name first, then generation.
  RunName run;             // empty: a fresh one
  Counter run_generation;  // of the last PUT or POST
};

enum class Plane : std::uint8_t { user, shadow, admin };
inline constexpr std::array<std::string_view, 3> plane_names{"user", "shadow", "admin"};

struct SupervisorAccounts {
  std::array<Counter, 3> restarts;  // by Plane: unplanned ones
  std::array<Counter, 3> pids;      // of the newest generation; 0 = none
  Counter slots;                    // slots of the tap in use or used before
  Counter reloads_failed;
  Counter last_reload_successful;  // 0 or 1
  Counter last_reload_unix_s;
  Counter started_unix_s;
  Counter draining;  // 1 once SIGTERM came
};

}  // namespace understudy::control
