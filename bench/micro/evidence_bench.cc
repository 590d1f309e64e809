// What counting one comparison costs, by the number of findings on each side: nothing differs, one value does, many do.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "diff/evidence/evidence.h"

namespace understudy::diff {
namespace {

std::vector<Finding> findings(std::int64_t count) {
  std::vector<Finding> result;
  for (std::int64_t i = 0; i < count; ++i) {
    Finding& finding = result.emplace_back();
    finding.path = "/orders/*/field" + std::to_string(i);
    finding.difference_class = DifferenceClass::value_changed;
    finding.primary_pointer = finding.other_pointer = "/orders/7/field" + std::to_string(i);
    finding.primary_value = "\"open\"";
    finding.other_value = "\"shut\"";
  }
  return result;
}

// 100 endpoints in turn, 1 ms apart: each exchange is a request of its own.
void record_comparison(benchmark::State& state) {
  const std::vector<Finding> by_candidate = findings(state.range(0));
  const std::vector<Finding> by_secondary = findings(state.range(0) / 2);
  std::vector<std::string> endpoints;
  for (int i = 0; i < 100; ++i) endpoints.push_back("GET /v1/resource" + std::to_string(i) + "/{id}");
  Evidence evidence;
  Observation observation;
  observation.latency_s = {0.010, 0.012, 0.011};
  observation.candidate = by_candidate;
  observation.secondary = by_secondary;
  observation.time_us = 1'795'251'600'000'000;
  for (auto _ : state) {
    observation.endpoint = endpoints[observation.exchange_id % endpoints.size()];
    ++observation.exchange_id;
    observation.fingerprint = observation.exchange_id * 0x9E37'79B9'7F4A'7C15ULL;
    observation.time_us += 1000;
    benchmark::DoNotOptimize(evidence.record(observation));
  }
  if (evidence.compared() != static_cast<std::uint64_t>(state.iterations())) state.SkipWithError("not all counted");
}
BENCHMARK(record_comparison)->ArgName("findings")->Arg(0)->Arg(1)->Arg(20);

}  // namespace
}  // namespace understudy::diff
