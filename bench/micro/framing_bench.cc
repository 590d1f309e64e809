// What finding the end of a body costs: 16 KiB in one read, counted and chunked.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <string>

#include "proxy/http/framing.h"

namespace understudy::http {
namespace {

constexpr std::size_t content_size = 16 * 1024;

std::string chunked(std::size_t chunk_size) {
  const std::string data(chunk_size, 'x');
  std::string body;
  for (std::size_t left = content_size; left > 0;) {
    const std::size_t size = std::min(left, chunk_size);
    std::array<char, chunk_header_max> header{};
    body.append(header.data(), write_chunk_header(size, header.data()));
    body.append(data, 0, size);
    body += "\r\n";
    left -= size;
  }
  return body + "0\r\n\r\n";
}

void read(benchmark::State& state, Framing framing, const std::string& body) {
  BodyReader reader;
  for (auto _ : state) {
    reader.start(framing, content_size, ChunkedLimits{});
    std::string_view input = body;
    std::size_t content = 0;
    while (reader.state() == BodyReader::State::more) {
      const BodyReader::Step step = reader.consume(input);
      benchmark::DoNotOptimize(step.data.data());
      content += step.data.size();
      input.remove_prefix(step.consumed);
    }
    if (content != content_size) state.SkipWithError("the body was not read whole");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(content_size));
}

void read_counted_body(benchmark::State& state) {
  read(state, Framing::content_length, std::string(content_size, 'x'));
}
BENCHMARK(read_counted_body);

void read_chunked_body(benchmark::State& state) {
  read(state, Framing::chunked, chunked(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(read_chunked_body)->ArgName("chunk")->Arg(64)->Arg(1024)->Arg(16 * 1024);

}  // namespace
}  // namespace understudy::http
