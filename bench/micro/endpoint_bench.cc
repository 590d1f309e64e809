// What naming the endpoint of an exchange costs: by one of many known templates, and by what its segments look like.
#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "diff/endpoint/namer.h"

namespace understudy::diff {
namespace {

constexpr std::size_t resource_count = 100;

// Three templates for each resource, as an API description has them.
std::vector<std::string> templates() {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < resource_count; ++i) {
    const std::string resource = "/v1/resource" + std::to_string(i);
    result.push_back("GET " + resource);
    result.push_back("GET " + resource + "/{id}");
    result.push_back("GET " + resource + "/{id}/items/{item}");
  }
  return result;
}

void name_all(benchmark::State& state, EndpointNamer& namer, const std::vector<std::string>& targets) {
  std::vector<Request> requests;
  for (const std::string& target : targets) requests.push_back({"GET", target, {{"Accept", "application/json"}}});
  const std::vector<Field> fields{{"Content-Type", "application/json"}, {"Server", "nginx"}};
  std::size_t next = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(namer.name(requests[next], fields));
    next = next + 1 < requests.size() ? next + 1 : 0;
  }
  if (namer.overflowed() > 0) state.SkipWithError("too many names");
}

void name_endpoint_by_template(benchmark::State& state) {
  EndpointNamer namer(templates());
  std::vector<std::string> targets;
  for (std::size_t i = 0; i < resource_count; ++i)
    targets.push_back("/v1/resource" + std::to_string(i) + "/" + std::to_string(i * 7919) + "/items/blue?page=2");
  name_all(state, namer, targets);
}
BENCHMARK(name_endpoint_by_template);

void name_endpoint_by_segments(benchmark::State& state) {
  EndpointNamer namer({});
  std::vector<std::string> targets;
  for (std::size_t i = 0; i < resource_count; ++i) {
    const std::string resource = "/v1/resource" + std::to_string(i % 10);
    targets.push_back(resource + "/" + std::to_string(i * 7919) + "/items?page=2");
    targets.push_back(resource + "/3f2b8c1e-7a4d-4c19-9b0e-5d6f7a8b9c0d/2024-02-29/comments");
  }
  name_all(state, namer, targets);
}
BENCHMARK(name_endpoint_by_segments);

}  // namespace
}  // namespace understudy::diff
