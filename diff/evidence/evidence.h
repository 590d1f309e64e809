// What has been seen so far: counters per endpoint and per difference (counters.h), from which verdict.h judges. Pure:
// no clock, thread or file. Callers: proxy/shadow/ records every finished exchange (on its one thread) and writes the
// changed rows to the store about once a second; proxy/admin/ and `understudy report` restore rows from the store and
// judge them.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "diff/evidence/counters.h"
#include "diff/evidence/course.h"
#include "diff/evidence/latency.h"
#include "diff/evidence/paged.h"
#include "diff/evidence/quantile_sketch.h"
#include "diff/evidence/repetition.h"
#include "diff/evidence/timeline.h"
#include "diff/finding.h"

namespace understudy::diff {

// Limits, for memory (about 100 MB at worst). What lies beyond is counted at the path "(other)" or the endpoint
// "(other)", never lost in silence. The number of endpoints is endpoint_limit (diff/endpoint/namer.h).
inline constexpr std::size_t paths_per_endpoint_limit = 2000;
inline constexpr std::size_t cells_limit = 100'000;    // of all endpoints together
inline constexpr std::size_t path_octets_limit = 512;  // a longer pattern is cut
inline constexpr std::string_view other_path = "(other)";
// Where the cells of all endpoints together stand among the rows of a store.
inline constexpr std::string_view all_endpoints = "*";

// The latest exemplar of a difference is replaced at most this often.
inline constexpr std::int64_t exemplar_interval_us = 1'000'000;

// One finished exchange. Views need to live during record() only.
struct Observation {
  std::string_view endpoint;      // from EndpointNamer
  std::uint64_t fingerprint = 0;  // hash of method, target and request body
  std::uint64_t exchange_id = 0;  // names the exemplar; not 0
  std::int64_t time_us = 0;       // microseconds since 1970
  // The primary's answer was not whole while the candidate's was: nothing is compared, only that counts.
  bool primary_failed = false;
  // The primary alone ended a connection without an answer, and gave one when asked again. Where the candidate or the
  // secondary did so and the primary did not, that is a finding of class aborted at connection_path.
  bool primary_aborted = false;
  // Candidate against primary, from Comparer. A failing candidate is one finding: class transport, path "status",
  // primary_value e.g. "200", other_value the ledger's reason.
  std::span<const Finding> candidate;
  // Secondary against primary; none if the secondary was not asked. A failing secondary is one finding of class
  // transport.
  std::optional<std::span<const Finding>> secondary;
  std::array<double, role_count> latency_s{-1, -1, -1};  // by Role; negative = none
  // Differences that a state of the process can make are no proof at once, because the secondary is production itself,
  // but only if both are asked again and they are still there.
  bool awaits_confirmation = false;
};

class Evidence {
 public:
  // What a cell's exchanges are counted against.
  struct Timelines {
    Timeline exchanges;  // with a whole answer of production
    Timeline triples;    // with whole answers of all three

    const Timeline& of(DifferenceClass difference_class) const;
  };
  struct Endpoint {
    std::uint64_t number = 0;  // in order of first appearance, from 1
    EndpointCounters counters;
    Timelines timelines;
    std::array<QuantileSketch, role_count> latency;
    LatencyCounters slowness;  // of the candidate beside the secondary
    bool changed = false;      // since the last snapshot
    bool all_changed = false;  // whatever its cells say
    // By path pattern, then by class.
    std::map<std::string, std::map<DifferenceClass, Cell>, std::less<>> cells;
  };
  using Endpoints = std::map<std::string, Endpoint, std::less<>>;
  // One difference at all endpoints together: what is rare at each is proved much sooner for all. It has a cell from
  // the second endpoint on that shows it.
  struct Pool {
    std::string path;
    DifferenceClass difference_class{};
    const Cell* first = nullptr;  // of the endpoint that showed it first
    std::uint64_t endpoints = 0;  // that have shown it
    std::unique_ptr<Cell> cell;
  };

  // `slower`: of the settings; what slowness is counted around.
  explicit Evidence(double slower = 0.10);
  // Cells are known by their address.
  Evidence(const Evidence&) = delete;
  Evidence& operator=(const Evidence&) = delete;
  Evidence(Evidence&&) = default;
  Evidence& operator=(Evidence&&) = default;

  // True if the exchange is to be kept as an exemplar: it is the first or the latest of at least one difference.
  bool record(const Observation& observation);

  // The exchange, recorded as awaited, shows a difference that wants to be confirmed: confirm() or give_up() follows.
  bool awaits(std::uint64_t exchange_id) const { return awaited_.contains(exchange_id); }
  // Both sides were asked again and could be compared: the findings of the candidate's new answer. How many of the
  // first differences are still there, and gone; nothing where the exchange is not of this evidence, or something else
  // hides them all.
  std::optional<Signs> confirm(std::uint64_t exchange_id, std::span<const Finding> again);
  void give_up(std::uint64_t exchange_id) { awaited_.erase(exchange_id); }

  // A difference was found to be proved at that time (0: to be so no longer). It stays so until new exchanges refute
  // it.
  void note_proof(std::string_view endpoint, std::string_view path, DifferenceClass difference_class,
                  std::int64_t time_us);
  // An exchange of that endpoint ended without being compared, by our doing, though production was asked and the mirror
  // was on. `endpoint` as in Observation.
  void record_not_compared(std::string_view endpoint);

  const Endpoints& endpoints() const { return endpoints_; }
  const std::deque<Pool>& pools() const { return pools_; }
  // Of all endpoints together.
  const EndpointCounters& totals() const { return totals_; }
  const Timelines& timelines() const { return timelines_; }
  const LatencyCounters& slowness() const { return slowness_; }
  const std::array<QuantileSketch, role_count>& latency() const { return latency_; }
  // Exchanges a second, since the first that was recorded here; 0 = not known.
  double pace() const;
  // Sum over the endpoints.
  std::uint64_t compared() const { return totals_.compared; }

  // Everything, for a report; what changed since the last call, for a snapshot (counters are absolute: a row replaces
  // its older self).
  Rows rows() const;
  Rows take_changed_rows();
  // The latter in steps, between which exchanges may be recorded. A row of an endpoint and those of its cells are of
  // one moment, but for the cells of an endpoint that one step is too short for, which may be younger by some
  // exchanges.
  class RowTaking {
   public:
    // Takes about so many cells at the most; what is left is the next one's. The evidence must outlive it, and stay
    // where it is.
    explicit RowTaking(Evidence& evidence, std::size_t limit = std::numeric_limits<std::size_t>::max());

    // Looks at about so many cells more. True: it is finished.
    bool step(std::size_t cells);
    Rows take() { return std::move(rows_); }
    // Nothing was left, of this one or the one before it.
    bool is_whole() const { return whole_; }

   private:
    std::size_t go_on();

    Evidence& evidence_;
    std::size_t limit_;
    Rows rows_;
    Endpoints::iterator endpoint_;
    std::map<std::string, std::map<DifferenceClass, Cell>, std::less<>>::iterator path_{};
    bool in_endpoint_ = false;
    bool takes_all_ = false;  // of the endpoint at hand
    std::size_t next_pool_ = 0;
    bool whole_;
    bool over_ = false;
  };
  // After a snapshot that could not be written: the next one has everything.
  void mark_all_changed();

  // Adds rows of an earlier run or of another instance, in one go. What is restored does not count as changed.
  void restore(Rows rows);

 private:
  // A (path, class) that the exchange at hand shows, and who shows it.
  struct Sighting {
    Cell* cell;
    DifferenceClass difference_class;
    bool at_status;               // path "status": seen even where the status classes differ
    const Finding* by_candidate;  // null: only the secondary shows it
    bool by_secondary;
  };
  // The exchange at hand.
  struct Hand {
    const Observation& observation;
    Endpoint& endpoint;
    std::uint32_t request;  // how often this request has come
    bool secondary_asked;
    bool secondary_whole;
    bool below_status;  // the status classes hide nothing, or hide the same in both comparisons
  };
  // Whom an exchange speaks against in one cell: 1 the candidate, -1 production's second answer or the opposite
  // direction, 0 nobody. `paired`: by the secondary's answer; `counts`: it could be seen at all.
  struct Side {
    bool paired;
    bool counts;
    int sign;
  };
  // A difference to be confirmed.
  struct Awaited {
    Endpoint* endpoint;
    Cell* cell;
    std::string path;  // as the finding has it
    DifferenceClass difference_class;
    std::optional<double> lines_in_common;  // as the finding has it
    bool is_new;
  };
  struct Value {
    Cell* cell;
    const Finding* finding;
    bool by_candidate;
  };

  Endpoints::iterator endpoint_for(std::string_view name);
  Cell& cell_for(const std::string& name, Endpoint& endpoint, std::string_view path, DifferenceClass difference_class);
  void count_against_production(const std::string& name, Endpoint& endpoint, std::string_view path,
                                DifferenceClass difference_class);
  void join_pool(Cell& cell, std::string_view path, DifferenceClass difference_class);
  void open_pool(Pool& pool, const Cell& first);
  void restore_pool(const CellRow& row);
  void collect_sightings(const std::string& name, Endpoint& endpoint, const Observation& observation, bool both_whole);
  void add_sighting(const std::string& name, Endpoint& endpoint, const Finding& finding,
                    DifferenceClass difference_class, bool by_candidate);
  void add_aspects(const std::string& name, Endpoint& endpoint);
  void join_sightings();
  static Side side_of(const Hand& hand, const Sighting& sighting);
  static void count(Cell& cell, const Timelines& timelines, const Hand& hand, const Sighting& sighting, bool is_new);
  bool is_new(Cell& cell, const Hand& hand, const Sighting& sighting);
  static bool is_to_be_confirmed(const Hand& hand, const Sighting& sighting);

  Endpoints endpoints_;
  EndpointCounters totals_;
  std::int64_t first_us_ = 0;
  std::int64_t last_us_ = 0;
  std::uint64_t recorded_ = 0;
  Timelines timelines_;
  double slower_;
  LatencyCounters slowness_;
  std::array<QuantileSketch, role_count> latency_;
  std::deque<Pool> pools_;
  // By hash of path and class; numbers from 1. A tree, because it never moves many at once.
  std::map<std::uint64_t, std::uint32_t> pool_numbers_;
  bool pools_changed_ = false;  // all of them
  std::string take_from_;       // the endpoint at which rows are taken next; empty = the first
  std::size_t cells_ = 0;
  std::array<std::uint64_t, 4> ordinals_{};       // given out so far, by Severity
  std::array<std::uint64_t, 4> pool_ordinals_{};  // … to pools
  // Of the exchange at hand; members for their memory.
  std::vector<Sighting> sightings_;
  std::vector<Value> values_;
  Paged<Course, 16> courses_;  // by Cell::course
  std::uint32_t last_course_ = 0;
  Repetitions repetitions_;
  std::unordered_map<std::uint64_t, std::vector<Awaited>> awaited_;  // by exchange id
};

}  // namespace understudy::diff
