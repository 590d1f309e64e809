#include "proxy/http/head_scan.h"

#include <gtest/gtest.h>

#include <string>

namespace understudy::http {
namespace {

using State = HeadScanner::State;

struct Scanned {
  State state;
  std::string head;
  std::size_t end;
};

Scanned scan_whole(const std::string& octets, const HeadLimits& limits = {}) {
  HeadScanner scanner;
  const State state = scanner.scan(octets, limits);
  return {state, state == State::complete ? std::string(scanner.head(octets)) : "", scanner.end()};
}

// One octet more each time, each time at another address.
Scanned scan_by_octets(const std::string& octets, const HeadLimits& limits = {}) {
  HeadScanner scanner;
  for (std::size_t size = 0; size <= octets.size(); ++size) {
    const std::string part(octets, 0, size);
    const State state = scanner.scan(part, limits);
    if (state != State::need_more)
      return {state, state == State::complete ? std::string(scanner.head(part)) : "", scanner.end()};
  }
  return {State::need_more, "", 0};
}

void expect_state(const std::string& octets, State expected, const HeadLimits& limits = {}) {
  EXPECT_EQ(scan_whole(octets, limits).state, expected) << octets;
  EXPECT_EQ(scan_by_octets(octets, limits).state, expected) << octets;
}

TEST(HeadScan, FindsTheHeadHoweverItIsCut) {
  const std::string head = "GET /a HTTP/1.1\r\nHost: example.com\r\nX-Tab: a\tb\r\n\r\n";
  for (const std::string before : {"", "\r\n", "\r\n\r\n"}) {
    for (const std::string after : {"", "GET", "\n\n", "\r\n"}) {
      for (const Scanned& scanned : {scan_whole(before + head + after), scan_by_octets(before + head + after)}) {
        EXPECT_EQ(scanned.state, State::complete);
        EXPECT_EQ(scanned.head, head);
        EXPECT_EQ(scanned.end, before.size() + head.size());
      }
    }
  }
}

TEST(HeadScan, WaitsForMoreAtEveryCut) {
  const std::string head = "GET /a HTTP/1.1\r\nHost: example.com\r\n\r\n";
  for (std::size_t size = 0; size < head.size(); ++size)
    EXPECT_EQ(scan_whole(head.substr(0, size)).state, State::need_more) << size;
}

TEST(HeadScan, RefusesLineEndsOtherThanCrLf) {
  expect_state("GET / HTTP/1.1\nHost: a\r\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\nHost: a\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\nHost: a\r\n\n", State::bad);
  expect_state("GET / HTTP/1.1\r\nHost: a\r\n\rX", State::bad);
  expect_state("GET / HTTP/1.1\r\nX:\rTransfer-Encoding: chunked\r\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\nX: a\r\r\n\r\n", State::bad);
  expect_state("\nGET / HTTP/1.1\r\n\r\n", State::bad);
}

TEST(HeadScan, RefusesFoldedLinesAndEmptyNames) {
  expect_state("GET / HTTP/1.1\r\nX: a\r\n b\r\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\nX: a\r\n\tb\r\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\nX: b\r\n Content-Length: 35\r\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\nTransfer-Encoding:\r\n chunked\r\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\n Host: a\r\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\n: x\r\n\r\n", State::bad);
  expect_state("GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n", State::bad);
  expect_state(" GET / HTTP/1.1\r\n\r\n", State::bad);
}

TEST(HeadScan, RefusesControlOctetsWhereverTheyStandInAWord) {
  for (int octet = 0; octet <= 0x0d; ++octet) {
    if (octet == '\t' || octet == '\r' || octet == '\n') continue;
    for (int padding = 0; padding < 17; ++padding) {
      std::string head = "GET / HTTP/1.1\r\nX: ";
      head.append(static_cast<std::size_t>(padding), '\xff').push_back(static_cast<char>(octet));
      head += "aaaaaaaaaaaaaaaa\r\n\r\n";
      expect_state(head, State::bad);
    }
  }
}

TEST(HeadScan, TakesAFewBlankLinesBeforeARequest) {
  HeadLimits limits;
  limits.blank_lines = 2;
  expect_state("\r\n\r\nGET / HTTP/1.1\r\n\r\n", State::complete, limits);
  expect_state("\r\n\r\n\r\nGET / HTTP/1.1\r\n\r\n", State::bad, limits);
  limits.blank_lines = 0;
  expect_state("\r\nHTTP/1.1 200 OK\r\n\r\n", State::bad, limits);
}

TEST(HeadScan, TellsAnIdleConnectionFromASlowHead) {
  HeadScanner scanner;
  EXPECT_EQ(scanner.scan("\r\n", {}), State::need_more);
  EXPECT_FALSE(scanner.started());
  EXPECT_EQ(scanner.scan("\r\nG", {}), State::need_more);
  EXPECT_TRUE(scanner.started());
}

TEST(HeadScan, CountsFields) {
  HeadLimits limits;
  limits.fields = 2;
  expect_state("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\n\r\n", State::complete, limits);
  expect_state("GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", State::too_large, limits);
}

TEST(HeadScan, CountsOctetsUpToTheLastOne) {
  HeadLimits limits;
  limits.head_bytes = 64;
  const std::string start = "GET / HTTP/1.1\r\nA: ";
  const std::string fits = start + std::string(64 - start.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(fits.size(), 64u);
  expect_state(fits, State::complete, limits);
  expect_state(fits + "GET / HTTP/1.1\r\n", State::complete, limits);
  expect_state(start + std::string(64 - start.size() - 3, 'x') + "\r\n\r\n", State::too_large, limits);
  expect_state("GET /" + std::string(100, 'x'), State::too_large, limits);
}

}  // namespace
}  // namespace understudy::http
