// Any octets as a response head: what is accepted and written for a client can be read in one way only, by a second
// reader and by ourselves. The first octet of the input chooses the request's method and the client's version.
#include <cstddef>
#include <cstdint>
#include <string>

#include "proxy/http/head_scan.h"
#include "proxy/http/parser.h"
#include "proxy/http/writer.h"
#include "tests/fuzz/strict_head_reader.h"

using understudy::fuzz::require;
using namespace understudy::http;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view method = data[0] & 1 ? "HEAD" : "GET";
  const int client_minor_version = data[0] & 2 ? 1 : 0;
  const std::string octets(reinterpret_cast<const char*>(data + 1), size - 1);
  HeadScanner scanner;
  if (scanner.scan(octets, {.blank_lines = 0}) != HeadScanner::State::complete) return 0;
  ResponseHead head;
  if (!parse_response_head(scanner.head(octets), method, head).ok()) return 0;
  require(head.status >= 100 && head.status <= 599 && head.status != 101);

  const Framing framing = framing_for_client(head, client_minor_version);
  Buffer out;
  write_response_head(out, head, {.client_minor_version = client_minor_version, .framing = framing});
  const understudy::fuzz::StrictHead strict = understudy::fuzz::read_strictly(out.view());
  require(strict.start_line == "HTTP/1.1 " + std::to_string(head.status) + " " + std::string(head.reason));
  require(client_minor_version == 1 || strict.count("transfer-encoding") == 0);
  require(strict.count("connection") <= 1 && strict.count("te") == 0);

  ResponseHead again;
  require(parse_response_head(out.view(), method, again).ok());
  require(again.status == head.status && again.framing == framing && again.reason == head.reason);
  require(framing != Framing::content_length || again.content_length == head.content_length);
  return 0;
}
