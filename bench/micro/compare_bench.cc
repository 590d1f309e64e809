// What a comparison costs, by the size of the JSON text: equal octets, and one value changed.
#include <benchmark/benchmark.h>

#include <string>

#include "diff/compare.h"

namespace understudy::diff {
namespace {

// A list of records of about 250 octets each.
Response orders(std::int64_t octets, bool changed) {
  Response response;
  response.status = 200;
  response.fields = {{"Content-Type", "application/json"}};
  response.body = "{\"orders\":[";
  for (int i = 0; static_cast<std::int64_t>(response.body.size()) < octets; ++i) {
    if (i) response.body += ',';
    const std::string id = std::to_string(505874924095815680 + i);
    response.body += "{\"id\":" + id + ",\"customer\":{\"name\":\"Ada Example\",\"email\":\"ada" + id +
                     "@shop.example\"},\"total\":" + std::to_string(i) + ".25,\"items\":[{\"sku\":\"A-" + id +
                     "\",\"count\":2},{\"sku\":\"B-" + id + "\",\"count\":1}],\"paid\":true,\"note\":null}";
  }
  response.body += changed ? "],\"state\":\"open\"}" : "],\"state\":\"shut\"}";
  return response;
}

void compare(benchmark::State& state, bool changed) {
  Comparer comparer{Settings{}};
  const Response primary = orders(state.range(0), false);
  const Response candidate = orders(state.range(0), changed);
  for (auto _ : state) {
    const auto findings = comparer.compare(primary, candidate, false);
    if (findings.size() != (changed ? 1u : 0u)) state.SkipWithError("the comparison is wrong");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(primary.body.size() + candidate.body.size()));
}

void compare_equal(benchmark::State& state) {
  compare(state, false);
}
void compare_one_value_changed(benchmark::State& state) {
  compare(state, true);
}
BENCHMARK(compare_equal)->Arg(1 << 10)->Arg(16 << 10)->Arg(1 << 20);
BENCHMARK(compare_one_value_changed)->Arg(1 << 10)->Arg(16 << 10)->Arg(1 << 20);

}  // namespace
}  // namespace understudy::diff
