// Runs of a simulated service against the evidence itself: diff::Evidence::record and diff::judge, as they are.
// Callers: simulate_evidence.cc (the command), tests/diff/evidence_simulation_test.cc. Nothing here is random but for
// the seed.
//
// A look is one call of judge(). All that was counted can only have got worse for the candidate where it shows what the
// secondary does not, so a run looks before and after each such exchange, and besides after every `look_every`-th
// without one: no proof and no pass that a look after every exchange would see is missed, where proofs come with such
// an exchange and a pass, once due, stays due until the next. `look_every` = 1 looks after each exchange, to check
// that.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/settings.h"
#include "tests/simulation/world.h"

namespace understudy::simulation {

// Where a run ends, beside its limits.
enum class Until : unsigned char {
  regression,  // at the first regression (of the mistake, where there is one)
  word,        // at the first pass or regression: what a gate does
  end,         // at the limits alone
};

struct Scenario {
  std::string name;
  std::string group;  // independent, dependent, power, pass, shop
  std::string what;   // in a few words, for people
  // Where the candidate's mistake shows: "path", or "endpoint path" ("*" for the endpoint: all of them together counts
  // as well). Empty: candidate and production are the same build. "latency" stands for the class of that name at any
  // path.
  std::vector<std::string> mistaken_paths;
  std::uint64_t exchanges = 0;  // a run's limits; 0 = none
  double seconds = 0;
  Until until = Until::regression;
  std::function<std::unique_ptr<World>(std::uint64_t seed)> make;

  bool has_mistake() const { return !mistaken_paths.empty(); }
};

struct RunOptions {
  std::uint64_t look_every = 20;
  // Looks after other exchanges than every look_every-th, see above. Without them: one look every look_every exchanges,
  // as a gate that polls.
  bool every_suspicion = true;
  Way way = Way::as_given;
  diff::Settings settings;
};

struct Moment {
  std::uint64_t exchange = 0;
  double time_s = 0;
};

struct RunResult {
  std::uint64_t exchanges = 0;
  double seconds = 0;
  std::uint64_t looks = 0;
  std::optional<Moment> regression;  // without a mistake: any; else: at one of its paths
  std::string regression_name;       // "endpoint path class"
  std::optional<Moment> elsewhere;   // with a mistake: a regression that is not of it
  std::string elsewhere_name;
  std::optional<Moment> pass;
  std::map<std::string, std::string> verdicts;  // at the last look, by "path class"
  std::optional<Moment> diffy;                  // its rule first showed something (of the mistake, where there is one)
  bool diffy_at_end = false;
};

RunResult run_once(const Scenario& scenario, std::uint64_t seed, const RunOptions& options);

// Runs with the seeds first_seed, first_seed + 1, and so on, on so many threads; in the order of the seeds.
std::vector<RunResult> run_many(const Scenario& scenario, std::size_t runs, std::uint64_t first_seed,
                                const RunOptions& options, unsigned threads = 1);

struct Summary {
  std::size_t runs = 0;
  std::size_t regressions = 0;
  std::size_t elsewhere = 0;
  std::size_t passes = 0;      // ever, before the run ended
  std::size_t pass_first = 0;  // before the regression, or without one
  // Quantiles over the runs that said so.
  struct Spread {
    Moment p10;
    Moment median;
    Moment p90;
  };
  Spread regression;
  Spread pass;
  std::size_t diffy_ever = 0;
  std::size_t diffy_at_end = 0;
  Moment diffy_median;
  std::uint64_t exchanges = 0;  // of all runs
  std::uint64_t looks = 0;
  std::map<std::string, std::size_t> names;     // of first regressions, and those elsewhere with "! " before
  std::map<std::string, std::size_t> verdicts;  // "path class: verdict" at the last look

  double share(std::size_t count) const { return static_cast<double>(count) / static_cast<double>(runs); }
};

Summary summarize(const std::vector<RunResult>& results);

}  // namespace understudy::simulation
