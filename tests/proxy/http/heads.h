// Scan and parse in one step, as every reader of heads does.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "proxy/http/head_scan.h"
#include "proxy/http/parser.h"

namespace understudy::http {

// A head beside the octets that it views.
struct OwningRequestHead : RequestHead {
  std::string octets;
};
struct OwningResponseHead : ResponseHead {
  std::string octets;
};

// The status that a request head is refused with; 0: accepted. -1: the scan waits for more.
inline int read_request(std::string received, OwningRequestHead& head) {
  const std::string& octets = head.octets = std::move(received);
  HeadScanner scanner;
  switch (scanner.scan(octets, HeadLimits())) {
    case HeadScanner::State::need_more:
      return -1;
    case HeadScanner::State::bad:
      return 400;
    case HeadScanner::State::too_large:
      return 431;
    case HeadScanner::State::complete:
      break;
  }
  return parse_request_head(scanner.head(octets), head).status;
}

inline int request_status(std::string octets) {
  OwningRequestHead head;
  return read_request(std::move(octets), head);
}

// "GET / HTTP/1.1", a Host, these field lines, and the end.
inline std::string get_with(const std::string& lines) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}
inline std::string post_with(const std::string& lines) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n";
}

inline int read_response(std::string received, std::string_view method, OwningResponseHead& head,
                         bool websocket_asked = false) {
  const std::string& octets = head.octets = std::move(received);
  HeadLimits limits;
  limits.blank_lines = 0;
  HeadScanner scanner;
  switch (scanner.scan(octets, limits)) {
    case HeadScanner::State::need_more:
      return -1;
    case HeadScanner::State::bad:
    case HeadScanner::State::too_large:
      return 502;
    case HeadScanner::State::complete:
      break;
  }
  return parse_response_head(scanner.head(octets), method, head, websocket_asked).status;
}

inline int response_status(std::string octets) {
  OwningResponseHead head;
  return read_response(std::move(octets), "GET", head);
}

}  // namespace understudy::http
