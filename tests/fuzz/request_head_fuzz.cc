// Any octets as a request head: the scan says the same however they are cut, and what is accepted and written again can
// be read in one way only, by a second reader and by ourselves. The first octet of the input chooses where to cut.
#include <cstddef>
#include <cstdint>
#include <string>

#include "proxy/http/head_scan.h"
#include "proxy/http/parser.h"
#include "proxy/http/writer.h"
#include "tests/fuzz/strict_head_reader.h"

using understudy::fuzz::require;
using namespace understudy::http;

namespace {

void check_written(const RequestHead& head, std::string_view written) {
  const understudy::fuzz::StrictHead strict = understudy::fuzz::read_strictly(written);
  require(strict.start_line == std::string(head.method) + " " + std::string(head.target) + " HTTP/1.1");
  require(head.target.find_first_of(" \t#") == std::string_view::npos);
  require(strict.count("host") == 1);
  require(strict.count("content-length") == (head.framing == Framing::content_length ? 1 : 0));
  require(strict.count("transfer-encoding") == (head.framing == Framing::chunked ? 1 : 0));
  require(strict.value("connection") == (head.websocket ? "Upgrade" : head.te_trailers ? "TE" : ""));
  require(head.websocket == (strict.count("upgrade") == 1));
  require(strict.count("x-forwarded-for") == 1 && strict.count("expect") == 0);

  RequestHead again;
  require(parse_request_head(written, again).ok());
  require(again.method == head.method && again.target == head.target && again.framing == head.framing);
  require(again.content_length == head.content_length && again.keep_alive);
  require(again.authority == (head.authority.empty() ? "primary" : head.authority));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t cut = data[0] % 32 + 1;
  const std::string octets(reinterpret_cast<const char*>(data + 1), size - 1);
  HeadLimits limits;
  limits.head_bytes = 512;
  limits.fields = 8;

  HeadScanner whole;
  const HeadScanner::State state = whole.scan(octets, limits);
  HeadScanner in_parts;
  HeadScanner::State part_state = HeadScanner::State::need_more;
  for (std::size_t end = 0; part_state == HeadScanner::State::need_more && end < octets.size() + cut; end += cut) {
    const std::string part = octets.substr(0, end);
    part_state = in_parts.scan(part, limits);
  }
  // A head too large may be told so before what is wrong further on has been seen, and a whole look may see a wrong
  // octet first.
  const auto refused = [](HeadScanner::State s) {
    return s == HeadScanner::State::bad || s == HeadScanner::State::too_large;
  };
  require(part_state == state || (refused(part_state) && refused(state)));
  if (state != HeadScanner::State::complete) return 0;
  require(in_parts.end() == whole.end() && in_parts.head(octets) == whole.head(octets));

  RequestHead head;
  if (!parse_request_head(whole.head(octets), head).ok()) return 0;
  ForwardedRequest request;
  static const ForwardContext context("192.0.2.1", "http", "primary");
  request.assign(head, context);
  Buffer out;
  write_request_head(out, request, false);
  check_written(head, out.view());
  return 0;
}
