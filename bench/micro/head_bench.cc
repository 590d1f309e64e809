// What a head costs on the user's path: scan, parse, filter and re-emit.
#include <benchmark/benchmark.h>

#include <string>

#include "proxy/http/forward.h"
#include "proxy/http/head_scan.h"
#include "proxy/http/parser.h"
#include "proxy/http/writer.h"

namespace understudy::http {
namespace {

const std::string request =
    "GET /orders/7?expand=items HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n"
    "Accept: application/json\r\nAccept-Encoding: gzip, br\r\nAccept-Language: en\r\nCookie: "
    "session=0123456789abcdef\r\n\r\n";
const std::string response =
    "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Sat, 21 Nov 2026 09:00:00 GMT\r\nContent-Type: application/json\r\n"
    "Content-Length: 1024\r\nETag: \"6b016cb3-400\"\r\nCache-Control: no-store\r\n\r\n";

void scan_request_head(benchmark::State& state) {
  const HeadLimits limits;
  for (auto _ : state) {
    HeadScanner scanner;
    benchmark::DoNotOptimize(scanner.scan(request, limits));
  }
}
BENCHMARK(scan_request_head);

void forward_request_head(benchmark::State& state) {
  RequestHead head;
  ForwardedRequest forwarded;
  Buffer out;
  const ForwardContext context("192.0.2.1", "http", "shop.example");
  for (auto _ : state) {
    out.clear();
    if (!parse_request_head(request, head).ok()) state.SkipWithError("the head was refused");
    forwarded.assign(head, context);
    write_request_head(out, forwarded, false);
    benchmark::DoNotOptimize(out.begin());
  }
}
BENCHMARK(forward_request_head);

void forward_response_head(benchmark::State& state) {
  ResponseHead head;
  Buffer out;
  for (auto _ : state) {
    out.clear();
    if (!parse_response_head(response, "GET", head).ok()) state.SkipWithError("the head was refused");
    write_response_head(out, head, {1, framing_for_client(head, 1), false});
    benchmark::DoNotOptimize(out.begin());
  }
}
BENCHMARK(forward_response_head);

}  // namespace
}  // namespace understudy::http
