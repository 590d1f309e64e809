// From one difference to one endpoint to the whole. See verdict.h.
#include "diff/evidence/verdict.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "diff/evidence/class_traits.h"
#include "diff/evidence/difference.h"
#include "diff/evidence/direction.h"
#include "diff/evidence/exclusion.h"
#include "diff/evidence/gate.h"
#include "diff/evidence/ignore.h"
#include "diff/evidence/latency.h"
#include "diff/evidence/rule_use.h"
#include "diff/evidence/verdict_words.h"

namespace understudy::diff {
namespace {

// Of the rare endpoints: those that were seen less often than this have not been judged at all, and may have so much of
// the traffic.
constexpr std::uint64_t visits_min = 3;
constexpr double unvisited_share_limit = 0.01;
// A difference at a rare endpoint that stands out from what all of them show.
const double log_evidence_of_notable = std::log(20.0);
constexpr double always_share = 0.5;
constexpr double latency_share = 0.05;  // of the permitted error

// The endpoint at hand. Its paths are judged each at one moment.
struct AtEndpoint {
  bool is_begun = false;
  std::map<std::string, std::map<DifferenceClass, Cell>, std::less<>>::const_iterator path{};
  bool is_large = false;
  bool regression = false;
  bool is_open = false;
};

bool is_derived(DifferenceClass difference_class) {
  return is_aspect(difference_class) || difference_class == DifferenceClass::value_novel;
}

// Judged for itself, not together with the rare ones.
bool is_large(const Evidence& evidence, const EndpointCounters& counters) {
  return real(counters.eligible()) >= endpoint_share_limit * real(evidence.totals().eligible());
}

struct Row {
  Hypothesis hypothesis;
  Difference difference;
  const Cell* cell;
};

const Row* find_row(const std::vector<Row>& rows, DifferenceClass difference_class) {
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [=](const Row& row) { return row.difference.difference_class == difference_class; });
  return found == rows.end() ? nullptr : &*found;
}

// The value beside which the aspects of a path are counted.
const Row* base_of(const std::vector<Row>& rows) {
  const auto base = std::find_if(rows.begin(), rows.end(),
                                 [](const Row& row) { return has_aspects(row.difference.difference_class); });
  return base == rows.end() ? nullptr : &*base;
}

// Of a value that a cache keeps or a process counts, its course says nothing.
void silence_course_of_state(std::vector<Row>& rows) {
  const Row* base = base_of(rows);
  if (base == nullptr || !base->hypothesis.is_state()) return;
  for (Row& row : rows) {
    const DifferenceClass difference_class = row.difference.difference_class;
    if (difference_class != DifferenceClass::frozen && difference_class != DifferenceClass::greater &&
        difference_class != DifferenceClass::less) {
      continue;
    }
    if (row.difference.verdict != DifferenceVerdict::ignored) row.difference.verdict = DifferenceVerdict::state;
  }
}

// One change of a value is one row: what else holds for it is told only where the value itself is noise.
bool is_told_by_another(const std::vector<Row>& rows, const Row& row) {
  const DifferenceClass difference_class = row.difference.difference_class;
  const Row* base = base_of(rows);
  if (base == nullptr) return false;
  const Row* novel = find_row(rows, DifferenceClass::value_novel);
  const bool all_novel = novel != nullptr && 10 * novel->cell->counters.raw >= 9 * base->cell->counters.raw;
  if (&row == base) return all_novel && row.difference.verdict == novel->difference.verdict;
  if (!is_derived(difference_class)) return false;
  const bool base_is_settled = base->difference.verdict != DifferenceVerdict::regression;
  if (difference_class == DifferenceClass::value_novel) {
    return !all_novel && !(base_is_settled && row.difference.verdict == DifferenceVerdict::regression);
  }
  // A row of its own where it says more than the value: proved, or still open when that is closed.
  if (row.difference.verdict == DifferenceVerdict::regression) return !base_is_settled;
  return row.difference.verdict != DifferenceVerdict::undecided || base->difference.is_open() || !base_is_settled;
}

// Whether a derived class can be the reason against a pass: only beside a value that production varies.
bool counts_for_itself(const std::vector<Row>& rows, const Row& row) {
  if (!is_aspect(row.difference.difference_class)) return true;
  const Row* base = base_of(rows);
  return base == nullptr || base->cell->counters.noise != 0;
}

void take_open(Gate& gate, const Row& row, bool is_large) {
  const Difference& difference = row.difference;
  const Hypothesis& hypothesis = row.hypothesis;
  if (difference.verdict == DifferenceVerdict::unverified || !gate.wants_words()) return;
  gate.growth_to_proof = std::min(gate.growth_to_proof, hypothesis.growth_to_proof(growth_limit));
  if (is_large || difference.severity <= Severity::high) {
    gate.growth_to_pass = std::max(gate.growth_to_pass, hypothesis.growth_to_decision(growth_limit));
  }
}

bool is_notable(const Row& row) {
  const double exchanges = row.hypothesis.exchanges();
  const double net = row.hypothesis.net();
  if (row.difference.severity <= Severity::high && row.hypothesis.log_evidence() >= log_evidence_of_notable) {
    return true;
  }
  const bool is_always = net >= 1 && net >= always_share * exchanges;
  return is_always && (row.difference.severity <= Severity::high || net >= real(visits_min));
}

// Gives the number of cells.
std::size_t judge_path(Gate& gate, AtEndpoint& at, const std::string& name, const Evidence::Endpoint& endpoint) {
  const auto& [path, by_class] = *at.path++;
  const CellPlace place{name, path, endpoint.counters, endpoint.timelines, &by_class};
  std::vector<Row> rows;
  for (const auto& [difference_class, cell] : by_class) {
    if (!at.is_large) {
      Tally& tally = gate.tallies[cell.pool - 1];
      tally.b += real(cell.counters.b + cell.counters.b_directional);
      tally.c += real(cell.counters.c + cell.counters.c_directional);
      const auto mirror_class = mirror_of(difference_class);
      const auto mirror = mirror_class ? by_class.find(*mirror_class) : by_class.end();
      if (mirror != by_class.end()) tally.c += real(mirror->second.counters.b_directional);
      tally.noise += real(cell.counters.noise);
    }
    if (cell.counters.raw == 0) continue;  // only the secondary ever showed it
    const Hypothesis hypothesis = hypothesis_of(place, difference_class, cell, gate.settings);
    rows.push_back({hypothesis,
                    make_difference(place, difference_class, cell, hypothesis, gate.settings, gate.circumstances,
                                    gate.wants_words()),
                    &cell});
  }
  silence_course_of_state(rows);
  for (const Row& row : rows) {
    const Difference& difference = row.difference;
    Tally& tally = gate.tallies[row.cell->pool - 1];
    tally.is_ignored = tally.is_ignored || difference.verdict == DifferenceVerdict::ignored;
    tally.proved += difference.verdict == DifferenceVerdict::regression ? 1 : 0;
    if (difference.verdict == DifferenceVerdict::blind && gate.wants_words()) gate.blind.push_back(name + ", " + path);
    if (difference.verdict == DifferenceVerdict::state) ++gate.states;
    const bool is_told = is_told_by_another(rows, row);
    if (!is_told) gate.show(difference, name, path);
    if (!difference.gates() || !counts_for_itself(rows, row)) continue;
    at.regression = at.regression || difference.verdict == DifferenceVerdict::regression;
    if (!difference.is_open()) continue;
    const bool waits_for_others = !at.is_large && difference.verdict == DifferenceVerdict::undecided;
    if (waits_for_others) {
      if (is_told) gate.show(difference, name, path);
      gate.rare.cases.push_back({gate.differences.size() - 1, row.cell->pool - 1, difference.counters.b,
                                 difference.severity, is_notable(row)});
    } else {
      if (is_told && difference.verdict == DifferenceVerdict::undecided && !base_of(rows)->difference.is_open()) {
        gate.show(difference, name, path);
      }
      at.is_open = true;
    }
    take_open(gate, row, at.is_large);
  }
  return by_class.size();
}

// Once its paths are judged.
void end_endpoint(Gate& gate, const AtEndpoint& at, const std::string& name, const Evidence::Endpoint& endpoint) {
  EndpointSummary summary{name, endpoint.counters, Verdict::inconclusive, {}, {}, 0};
  for (std::size_t role = 0; role < role_count && gate.wants_words(); ++role) {
    const QuantileSketch& latency = endpoint.latency[role];
    summary.latency[role] = {latency.count(), latency.quantile(0.5), latency.quantile(0.99)};
  }
  const double compared = real(endpoint.counters.compared);
  const bool is_seen = log_evidence_of_no_excess(compared, 0, 0, gate.settings.exclude) >= gate.enough;
  const std::uint64_t not_compared = endpoint.counters.failed + endpoint.counters.dropped;
  const bool is_missed = real(not_compared) > not_compared_limit * real(endpoint.counters.eligible());
  if (is_missed) {
    summary.open = std::to_string(not_compared) + " of its " + std::to_string(endpoint.counters.eligible()) +
                   " eligible exchanges were not compared";
  } else if (!is_seen) {
    const double growth = !gate.wants_words()
                              ? 1
                              : growth_to_exclusion(std::max(compared, 1.0), 0, 0, gate.settings.exclude,
                                                    1 - gate.settings.confidence, 1000);
    summary.needed = static_cast<std::uint64_t>(std::ceil((growth - 1) * std::max(compared, 1.0)) + 1);
    summary.open = "too little was seen of it";
    if (at.is_large) gate.growth_to_pass = std::max(gate.growth_to_pass, growth);
  } else if (at.is_open) {
    summary.open = "a difference is open";
  }
  summary.verdict = at.regression ? Verdict::regression : summary.open.empty() ? Verdict::pass : Verdict::inconclusive;
  if (!at.is_large) {
    gate.rare.counters += endpoint.counters;
    ++gate.rare.endpoints;
    if (endpoint.counters.compared < visits_min) gate.rare.unvisited += endpoint.counters.eligible();
  } else {
    ++gate.progress.endpoints;
    if (summary.open.empty()) ++gate.progress.judged;
    if (is_missed) gate.not_compared.push_back(name + " (" + summary.open + ")");
    if (!is_missed && !is_seen) gate.unseen.push_back(name);
  }
  if (gate.wants_words()) gate.summaries.push_back(std::move(summary));
}

// Whether the candidate is slower than the secondary, at one endpoint or at all of them: a difference where it is, or
// looks like it.
void judge_slowness(Gate& gate, std::string_view name, const EndpointCounters& counters,
                    const LatencyCounters& slowness, std::uint64_t ordinal,
                    const std::array<QuantileSketch, role_count>& latency) {
  // A second answer of the same production may come from its caches: no measure of another build's speed.
  if (gate.circumstances.secondary_is_primary) return;
  if (slowness.exchanges == 0) {
    // Nothing is known where an older store had it in another form.
    if (name == all_endpoints && gate.settings.slower > 0 && counters.triples != 0) gate.speed_is_unknown = true;
    return;
  }
  const LatencyVerdict verdict = judge_latency(slowness, latency_share * (1 - gate.settings.confidence), ordinal);
  const bool is_slower = verdict.outcome == LatencyOutcome::slower;
  const bool is_undecided = verdict.outcome == LatencyOutcome::undecided;
  // What looks slower is waited for; the rest, which is never excluded where latency varies much, makes nobody wait.
  const bool looks_slower = real(static_cast<std::uint64_t>(slowness.exchanges)) >= value_patience &&
                            (verdict.typical_ratio_low > 1 + gate.settings.slower ||
                             verdict.log_evidence_of_tail >= log_evidence_of_notable + std::log(real(ordinal)));
  const bool is_suspect = is_undecided && (looks_slower || verdict.log_evidence >= log_evidence_of_notable);
  if (name == all_endpoints && is_undecided && !is_suspect) gate.speed_is_unknown = true;
  // Neither is a tail that has hardly had the time to show: where most exchanges tell, few are asked for.
  const bool is_judged_alone = name == all_endpoints || is_large(gate.evidence, counters);
  const IgnoreMatch match =
      find_ignore_rule(gate.settings.ignore, name, latency_path, DifferenceClass::latency, gate.circumstances.today);
  const bool is_ignored = match.rule != nullptr && !match.expired;
  if (is_undecided && !is_suspect && !is_ignored && is_judged_alone && verdict.may_have_tail &&
      2 * verdict.exchanges >= counters.compared) {
    gate.unseen.push_back(std::string(name == all_endpoints ? "all endpoints together" : name) +
                          " (its slowest answers)");
    gate.growth_to_pass = std::max(gate.growth_to_pass, 1.5);
  }
  if (!is_slower && !is_suspect) return;
  // What a rule passes over at one endpoint would be all that is seen of all of them together.
  if (is_slower && is_ignored) gate.speed_is_unknown = true;
  if (name == all_endpoints && (gate.is_slower_somewhere || gate.evidence.endpoints().size() == 1)) return;
  gate.is_slower_somewhere = gate.is_slower_somewhere || is_slower;
  Difference difference;
  difference.id = difference_id(name, latency_path, DifferenceClass::latency);
  difference.endpoint = name;
  difference.path = latency_path;
  difference.difference_class = DifferenceClass::latency;
  difference.severity = severity_of(DifferenceClass::latency);
  difference.verdict = is_slower ? DifferenceVerdict::regression : DifferenceVerdict::undecided;
  const QuantileSketch& candidate = latency[static_cast<std::size_t>(Role::candidate)];
  const QuantileSketch& secondary = latency[static_cast<std::size_t>(Role::secondary)];
  difference.reason = words_of(verdict, candidate, secondary);
  difference.counters.raw = slowness.exchanges;
  difference.counters.raw_paired = slowness.exchanges;
  difference.at_endpoint = counters;
  difference.endpoints = gate.evidence.endpoints().size();
  difference.evidence = std::exp(std::min(verdict.log_evidence, 690.0));
  difference.needed_evidence = std::exp(verdict.log_needed);
  if (is_suspect && !is_ignored && verdict.exchanges_to_go != 0) {
    const double growth = 1 + real(verdict.exchanges_to_go) / real(verdict.exchanges);
    difference.reason +=
        "; about " + std::to_string(verdict.exchanges_to_go) + " more exchanges at this pace will tell";
    gate.growth_to_proof = std::min(gate.growth_to_proof, growth);
    gate.growth_to_pass = std::max(gate.growth_to_pass, growth);
  }
  if (is_ignored) difference.verdict = DifferenceVerdict::ignored;
  gate.show(std::move(difference), name, latency_path);
}

bool rare_endpoints_count(const Gate& gate) {
  const double eligible = real(gate.evidence.totals().eligible());
  return real(gate.rare.counters.eligible()) >= endpoint_share_limit * eligible && gate.rare.endpoints != 0;
}

// What one rare endpoint does not decide is decided by all of them, unless it stands out.
void judge_rare_case(Gate& gate, const RareCase& open) {
  const double exchanges = real(gate.rare.counters.compared);
  const Tally& tally = gate.tallies[open.pool];
  const bool varies = tally.noise > 0 && open.severity > Severity::high;
  const double delta = varies ? gate.settings.exclude_noisy : gate.settings.exclude;
  const double b = std::min(tally.b, exchanges);
  const double c = std::min(tally.c, exchanges - b);
  const bool excluded = log_evidence_of_no_excess(exchanges, b, c, delta) >= gate.enough;
  // Where production does it now and then, one sighting at one endpoint is nothing.
  const bool stands_out = open.is_notable && !(tally.noise > 0 && open.only_candidate < visits_min);
  const bool is_noise = excluded && !stands_out;
  if (!is_noise && (rare_endpoints_count(gate) || open.severity <= Severity::high)) return;
  --gate.open;
  if (!gate.wants_words()) return;
  Difference& difference = gate.differences[open.difference];
  if (is_noise) {
    difference.verdict = DifferenceVerdict::noise;
    difference.reason += "; excluded over the rare endpoints together";
  } else {
    difference.is_waived = true;
  }
}

void judge_rare_endpoints(Gate& gate) {
  const RareEndpoints& rare = gate.rare;
  const double eligible = real(gate.evidence.totals().eligible());
  const double exchanges = real(rare.counters.compared);
  if (!rare_endpoints_count(gate)) return;
  ++gate.progress.endpoints;
  const std::string name = "the " + std::to_string(rare.endpoints) + " rare endpoints together";
  const std::uint64_t not_compared = rare.counters.failed + rare.counters.dropped;
  const bool is_seen = log_evidence_of_no_excess(exchanges, 0, 0, gate.settings.exclude) >= gate.enough;
  const double unvisited = real(rare.unvisited) / eligible;
  const bool is_missed = real(not_compared) > not_compared_limit * real(rare.counters.eligible());
  if (is_missed) {
    gate.not_compared.push_back(name + " (" + std::to_string(not_compared) + " of their " +
                                std::to_string(rare.counters.eligible()) + " eligible exchanges were not compared)");
  } else if (!is_seen || unvisited > unvisited_share_limit) {
    gate.unseen.push_back(name);
    const double growth = is_seen ? 1.5
                                  : growth_to_exclusion(std::max(exchanges, 1.0), 0, 0, gate.settings.exclude,
                                                        1 - gate.settings.confidence, 1000);
    gate.growth_to_pass = std::max(gate.growth_to_pass, growth);
  } else {
    ++gate.progress.judged;
  }
}

// Differences at all endpoints together: told where they are proved and few of the endpoints prove them alone.
void judge_pool(Gate& gate, std::size_t number) {
  const Evidence::Pool& pool = gate.evidence.pools()[number];
  if (!pool.cell) return;
  const Tally& tally = gate.tallies[number];
  if (pool.cell->counters.raw == 0 || is_derived(pool.difference_class) || tally.is_ignored ||
      2 * tally.proved >= pool.endpoints) {
    return;
  }
  const CellPlace place{all_endpoints, pool.path, gate.evidence.totals(), gate.evidence.timelines(), nullptr};
  const Hypothesis hypothesis = hypothesis_of(place, pool.difference_class, *pool.cell, gate.settings);
  if (!hypothesis.is_proved()) return;
  Difference difference = make_difference(place, pool.difference_class, *pool.cell, hypothesis, gate.settings,
                                          gate.circumstances, gate.wants_words());
  difference.endpoints = pool.endpoints;
  if (gate.wants_words()) difference.reason += "; at " + std::to_string(pool.endpoints) + " endpoints";
  gate.show(std::move(difference), all_endpoints, pool.path);
}

}  // namespace

struct Judging::State {
  enum class Phase : unsigned char { endpoints, rare_cases, pools, slowness, over };

  // One piece; gives about how many cells it is worth.
  std::size_t go_on();

  Gate gate;
  Phase phase = Phase::endpoints;
  Evidence::Endpoints::const_iterator endpoint;
  AtEndpoint at{};
  std::size_t next = 0;  // of the rare cases, or the pools
};

std::size_t Judging::State::go_on() {
  constexpr std::size_t cells_of_endpoint = 2;
  constexpr std::size_t cells_of_slowness = 20;
  const Evidence& evidence = gate.evidence;
  switch (phase) {
    case Phase::endpoints: {
      if (endpoint == evidence.endpoints().end()) {
        phase = Phase::rare_cases;
        return 1;
      }
      const auto& [name, counted] = *endpoint;
      if (!at.is_begun) {
        at = {true, counted.cells.begin(), is_large(evidence, counted.counters)};
      }
      if (at.path != counted.cells.end()) return judge_path(gate, at, name, counted);
      end_endpoint(gate, at, name, counted);
      at = {};
      ++endpoint;
      return cells_of_endpoint;
    }
    case Phase::rare_cases:
      if (next != gate.rare.cases.size()) {
        judge_rare_case(gate, gate.rare.cases[next++]);
        return 1;
      }
      judge_rare_endpoints(gate);
      phase = Phase::pools;
      next = 0;
      return 1;
    case Phase::pools:
      if (next < evidence.pools().size()) {
        judge_pool(gate, next++);
        return 1;
      }
      phase = Phase::slowness;
      endpoint = evidence.endpoints().begin();
      return 1;
    case Phase::slowness:
      if (endpoint != evidence.endpoints().end()) {
        const auto& [name, counted] = *endpoint++;
        // The first place is that of all endpoints together, which one alone is.
        const std::uint64_t ordinal = evidence.endpoints().size() == 1 ? 1 : counted.number + 1;
        judge_slowness(gate, name, counted.counters, counted.slowness, ordinal, counted.latency);
        return cells_of_slowness;
      }
      judge_slowness(gate, all_endpoints, evidence.totals(), evidence.slowness(), 1, evidence.latency());
      phase = Phase::over;
      return cells_of_slowness;
    case Phase::over:
      break;
  }
  return 1;
}

Judging::Judging(const Evidence& evidence, const Settings& settings, Circumstances circumstances, Detail detail)
    : state_(std::make_unique<State>(
          State{.gate = {evidence, settings, std::move(circumstances), detail, -std::log(1 - settings.confidence)},
                .endpoint = evidence.endpoints().begin()})) {}

Judging::~Judging() = default;

bool Judging::step(std::size_t cells) {
  for (std::size_t done = 0; done < cells && state_->phase != State::Phase::over;) done += state_->go_on();
  return state_->phase == State::Phase::over;
}

std::vector<Judging::Proof> Judging::take_proofs() {
  return std::exchange(state_->gate.proofs, {});
}

Judgement Judging::take() {
  Gate& gate = state_->gate;
  const Circumstances& circumstances = gate.circumstances;
  Judgement judgement;
  judgement.compared = gate.evidence.compared();
  const bool too_many_drops = real(circumstances.dropped) > not_compared_limit * real(circumstances.eligible);
  const bool pass =
      !too_many_drops && gate.open == 0 && judgement.compared != 0 && gate.unseen.empty() && gate.not_compared.empty();
  judgement.verdict = gate.regressions != 0 ? Verdict::regression : pass ? Verdict::pass : Verdict::inconclusive;
  judgement.only_undecided = judgement.verdict == Verdict::inconclusive && judgement.compared != 0 && !too_many_drops &&
                             gate.not_compared.empty();
  judgement.progress = gate.progress;
  if (!gate.wants_words()) return judgement;

  judgement.endpoints = std::move(gate.summaries);
  std::sort(gate.differences.begin(), gate.differences.end(), [](const Difference& left, const Difference& right) {
    return std::tuple(left.verdict, left.severity, right.counters.raw, left.endpoint, left.path,
                      left.difference_class) < std::tuple(right.verdict, right.severity, left.counters.raw,
                                                          right.endpoint, right.path, right.difference_class);
  });
  std::sort(judgement.endpoints.begin(), judgement.endpoints.end(),
            [](const EndpointSummary& left, const EndpointSummary& right) {
              return std::tie(right.counters.compared, left.endpoint) <
                     std::tie(left.counters.compared, right.endpoint);
            });
  judgement.reasons = reasons_for(judgement.verdict, gate, too_many_drops);
  judgement.caveats = caveats_of(gate);
  forecast(judgement, gate, too_many_drops);
  judgement.differences = std::move(gate.differences);
  judgement.rules = uses_of_rules(gate.evidence, gate.settings, judgement.differences, circumstances.today);
  return judgement;
}

Judgement judge(const Evidence& evidence, const Settings& settings, const Circumstances& circumstances) {
  Judging judging(evidence, settings, circumstances, Judging::Detail::everything);
  while (!judging.step(evidence.pools().size() + 1)) continue;
  return judging.take();
}

void keep_proofs(Evidence& evidence, const Judgement& judgement, std::int64_t time_us) {
  for (const Difference& difference : judgement.differences) {
    const bool is_proved = difference.verdict == DifferenceVerdict::regression;
    if (is_proved == (difference.proved_us != 0) || difference.verdict == DifferenceVerdict::ignored) continue;
    evidence.note_proof(difference.endpoint, difference.path, difference.difference_class, is_proved ? time_us : 0);
  }
}

std::string_view name_of(DifferenceVerdict verdict) {
  constexpr std::array<std::string_view, 7> names{"regression", "undecided", "unverified", "state",
                                                  "noise",      "blind",     "ignored"};
  return names[static_cast<std::size_t>(verdict)];
}

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 3> names{"pass", "regression", "inconclusive"};
  return names[static_cast<std::size_t>(verdict)];
}

}  // namespace understudy::diff
