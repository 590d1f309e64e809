// What a comparison costs, by the size of the JSON text: equal octets, and one value changed; and beside it what the
// parser alone takes for both texts, its floor. The bodies are real where the corpus is there (tools/json_bodies.h; the
// label says so). parse of both : comparison is the share of the time that is the parser's.
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <string>
#include <string_view>
#include <utility>

#include "bench/tools/json_bodies.h"
#include "diff/body/decode.h"
#include "diff/compare.h"

namespace understudy::diff {
namespace {

const bench::JsonBody& body_at(std::int64_t index) {
  static const std::vector<bench::JsonBody> bodies = bench::json_bodies(bench::corpus_folder());
  return bodies.at(static_cast<std::size_t>(index));
}

Response json_response(std::string_view body) {
  Response response;
  response.status = 200;
  response.fields = {{"Content-Type", "application/json"}};
  response.body.reserve(body.size() + parser_padding);
  response.body = body;
  return response;
}

void describe(benchmark::State& state, const bench::JsonBody& body) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(2 * body.text.size()));
  state.SetLabel(body.name + ": " + body.made_of);
}

void compare(benchmark::State& state, bool changed) {
  const bench::JsonBody& body = body_at(state.range(0));
  Comparer comparer{Settings{}};
  const Response primary = json_response(body.text);
  const Response candidate = json_response(changed ? body.changed : body.text);
  for (auto _ : state) {
    const auto findings = comparer.compare(primary, candidate);
    if (findings.size() != (changed ? 1u : 0u)) state.SkipWithError("the comparison is wrong");
  }
  describe(state, body);
}

void compare_equal(benchmark::State& state) {
  compare(state, false);
}
void compare_one_value_changed(benchmark::State& state) {
  compare(state, true);
}

void parse_only(benchmark::State& state) {
  const bench::JsonBody& body = body_at(state.range(0));
  const simdjson::padded_string primary(body.text);
  const simdjson::padded_string candidate(body.changed);
  simdjson::dom::parser parser;
  simdjson::dom::parser candidate_parser;
  for (auto _ : state) {
    const bool parsed = parser.parse(primary).error() == simdjson::SUCCESS &&
                        candidate_parser.parse(candidate).error() == simdjson::SUCCESS;
    if (!parsed) state.SkipWithError("the body is not JSON");
  }
  describe(state, body);
}

BENCHMARK(compare_equal)->ArgName("body")->DenseRange(0, 2);
BENCHMARK(compare_one_value_changed)->ArgName("body")->DenseRange(0, 2);
BENCHMARK(parse_only)->ArgName("body")->DenseRange(0, 2);

}  // namespace
}  // namespace understudy::diff
