// See evidence_simulation.h.
#include "tests/simulation/evidence_simulation.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "diff/evidence/evidence.h"
#include "diff/evidence/verdict.h"
#include "tests/simulation/diffy_rule.h"

namespace understudy::simulation {
namespace {

constexpr std::int64_t begin_us = 1'790'000'000'000'000;

// Whether the candidate shows what the secondary does not: only then can anything get worse for it.
bool is_suspicious(const Exchange& exchange) {
  const auto at_secondary = exchange.findings[secondary].all();
  for (const diff::Finding& finding : exchange.findings[candidate].all()) {
    const bool shared = exchange.has_secondary &&
                        std::any_of(at_secondary.begin(), at_secondary.end(), [&](const diff::Finding& other) {
                          return other.difference_class == finding.difference_class &&
                                 (finding.aspects & ~other.aspects) == 0 && other.path == finding.path;
                        });
    if (!shared) {
      return true;
    }
  }
  return false;
}

bool is_of(const std::vector<std::string>& paths, const diff::Difference& difference) {
  return std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
    const std::string& endpoint = difference.endpoint;
    const bool is_here = path.ends_with(" " + difference.path) &&
                         (endpoint == diff::all_endpoints || path == endpoint + " " + difference.path);
    return is_here || path == difference.path ||
           (path == "latency" && difference.difference_class == diff::DifferenceClass::latency);
  });
}

std::string name_of(const diff::Difference& difference) {
  return difference.path + " " + std::string(diff::name_of(difference.difference_class));
}

// One run under way.
class Run {
 public:
  Run(const Scenario& scenario, std::uint64_t seed, const RunOptions& options)
      : scenario_(scenario), options_(options), world_(scenario.make(seed)), diffy_(scenario.mistaken_paths) {
    world_->know_noise_by(options.way);
  }

  RunResult run() {
    while (!is_over()) {
      const Exchange& exchange = world_->next();
      if (scenario_.seconds > 0 && exchange.time_s > scenario_.seconds) {
        break;
      }
      const bool suspicious = options_.every_suspicion && !exchange.dropped && is_suspicious(exchange);
      if (suspicious && !result_.pass && since_look_ != 0) {
        look();
        if (is_over()) {
          break;
        }
      }
      record(exchange);
      if (suspicious || since_look_ >= options_.look_every) {
        look();
      }
    }
    if (since_look_ != 0 && !is_over()) {
      look();
    }
    result_.diffy_at_end = diffy_.shows();
    return std::move(result_);
  }

 private:
  bool is_over() const {
    const bool said = scenario_.until == Until::regression ? result_.regression.has_value()
                      : scenario_.until == Until::word     ? result_.regression || result_.pass
                                                           : false;
    return said || (scenario_.exchanges != 0 && result_.exchanges >= scenario_.exchanges);
  }

  void record(const Exchange& exchange) {
    result_.exchanges = exchange.number;
    result_.seconds = exchange.time_s;
    ++since_look_;
    if (exchange.dropped) {
      ++dropped_;
      return evidence_.record_not_compared(exchange.endpoint_name);
    }
    diff::Observation observation;
    observation.endpoint = exchange.endpoint_name;
    observation.fingerprint = exchange.fingerprint;
    observation.exchange_id = exchange.number;
    observation.time_us = begin_us + static_cast<std::int64_t>(exchange.time_s * 1e6);
    observation.candidate = exchange.findings[candidate].all();
    if (exchange.has_secondary) {
      observation.secondary = exchange.findings[secondary].all();
    }
    observation.latency_s = exchange.latency_s;
    evidence_.record(observation);
    if (diffy_.record(exchange) && !result_.diffy) {
      result_.diffy = now();
    }
  }

  void look() {
    since_look_ = 0;
    ++result_.looks;
    diff::Circumstances circumstances;
    circumstances.eligible = result_.exchanges;
    circumstances.dropped = dropped_;
    circumstances.secondary_is_primary = options_.way == Way::repeats;
    circumstances.today = "2026-11-21";
    judgement_ = diff::judge(evidence_, options_.settings, circumstances);
    if (judgement_.verdict == diff::Verdict::pass && !result_.pass) {
      result_.pass = now();
    }
    for (const diff::Difference& difference : judgement_.differences) {
      if (difference.verdict == diff::DifferenceVerdict::regression && difference.gates()) {
        note_regression(difference);
      }
    }
    if (is_over() || since_verdicts_++ % 64 == 0) {
      note_verdicts();
    }
  }

  void note_regression(const diff::Difference& difference) {
    const bool wanted = !scenario_.has_mistake() || is_of(scenario_.mistaken_paths, difference);
    std::optional<Moment>& first = wanted ? result_.regression : result_.elsewhere;
    if (!first) {
      first = now();
      (wanted ? result_.regression_name : result_.elsewhere_name) = name_of(difference);
    }
  }

  void note_verdicts() {
    result_.verdicts.clear();
    for (const diff::Difference& difference : judgement_.differences) {
      result_.verdicts[name_of(difference)] = diff::name_of(difference.verdict);
    }
  }

  Moment now() const { return {result_.exchanges, result_.seconds}; }

  const Scenario& scenario_;
  const RunOptions& options_;
  std::unique_ptr<World> world_;
  DiffyRule diffy_;
  diff::Evidence evidence_;
  diff::Judgement judgement_;
  RunResult result_;
  std::uint64_t dropped_ = 0;
  std::uint64_t since_look_ = 0;
  std::uint64_t since_verdicts_ = 0;
};

Moment quantile(std::vector<Moment>& moments, double q) {
  if (moments.empty()) {
    return {};
  }
  const auto at = moments.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(moments.size() - 1) + 0.5);
  std::nth_element(moments.begin(), at, moments.end(),
                   [](const Moment& left, const Moment& right) { return left.exchange < right.exchange; });
  return *at;
}

Summary::Spread spread_of(std::vector<Moment> moments) {
  return {quantile(moments, 0.1), quantile(moments, 0.5), quantile(moments, 0.9)};
}

}  // namespace

RunResult run_once(const Scenario& scenario, std::uint64_t seed, const RunOptions& options) {
  return Run(scenario, seed, options).run();
}

std::vector<RunResult> run_many(const Scenario& scenario, std::size_t runs, std::uint64_t first_seed,
                                const RunOptions& options, unsigned threads) {
  std::vector<RunResult> results(runs);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < runs; i = next++) {
      results[i] = run_once(scenario, first_seed + i, options);
    }
  };
  std::vector<std::jthread> helpers;
  for (unsigned i = 1; i < threads; ++i) {
    helpers.emplace_back(work);
  }
  work();
  helpers.clear();  // joins
  return results;
}

Summary summarize(const std::vector<RunResult>& results) {
  Summary summary;
  summary.runs = results.size();
  std::vector<Moment> regressions;
  std::vector<Moment> passes;
  std::vector<Moment> diffy;
  for (const RunResult& result : results) {
    if (result.regression) {
      regressions.push_back(*result.regression);
      ++summary.names[result.regression_name];
    }
    if (result.elsewhere) {
      ++summary.elsewhere;
      ++summary.names["! " + result.elsewhere_name];
    }
    if (result.pass) {
      passes.push_back(*result.pass);
      summary.pass_first += !result.regression || result.pass->exchange < result.regression->exchange ? 1 : 0;
    }
    if (result.diffy) {
      diffy.push_back(*result.diffy);
    }
    summary.diffy_at_end += result.diffy_at_end ? 1 : 0;
    summary.exchanges += result.exchanges;
    summary.looks += result.looks;
    for (const auto& [where, verdict] : result.verdicts) {
      ++summary.verdicts[where + ": " + verdict];
    }
  }
  summary.regressions = regressions.size();
  summary.passes = passes.size();
  summary.diffy_ever = diffy.size();
  summary.regression = spread_of(std::move(regressions));
  summary.pass = spread_of(std::move(passes));
  summary.diffy_median = spread_of(std::move(diffy)).median;
  return summary;
}

}  // namespace understudy::simulation
