// What the tap costs: an exchange of 1 KiB offered by the user plane, and read again by the shadow plane.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <array>
#include <string>

#include "proxy/tap/ring.h"

namespace understudy::tap {
namespace {

void offer_and_read(benchmark::State& state) {
  const int fd = control::create_shared_memory("bench", slot_memory_size(ring_capacity(4 << 20)));
  control::ReaderPositions positions{};
  RingWriter writer(fd, positions);
  RingReader reader(fd, positions);
  const std::string content(1024, 'x');
  const std::array<http::Field, 3> fields{http::Field{"Host", "shop.example"},
                                          http::Field{"Accept", "application/json"},
                                          http::Field{"Via", "1.1 understudy"}};
  RequestHeadParts request;
  request.method = "GET";
  request.scheme = "http";
  request.authority = "shop.example";
  request.target = "/orders/7";
  request.fields = fields;
  for (auto _ : state) {
    std::uint64_t exchange = 0;
    if (!writer.open(request, 1, exchange)) state.SkipWithError("the ring is full");
    writer.offer(exchange, FrameType::request_end, {}, 2);
    writer.offer(exchange, ResponseHeadParts{200, fields}, 3);
    writer.offer(exchange, FrameType::response_body, std::as_bytes(std::span(content)), 4);
    writer.end(exchange, 5);
    FrameView frame;
    while (reader.peek(frame) == RingReader::State::frame) {
      benchmark::DoNotOptimize(frame.payload.data());
      reader.claim(frame);
      reader.release(frame);
    }
  }
  close(fd);
}
BENCHMARK(offer_and_read);

}  // namespace
}  // namespace understudy::tap
