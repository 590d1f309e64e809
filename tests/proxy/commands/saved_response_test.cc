#include "proxy/commands/saved_response.h"

#include <gtest/gtest.h>

namespace understudy {
namespace {

SavedResponse parse(std::string_view octets) {
  SavedResponse saved;
  std::string problem;
  EXPECT_TRUE(parse_saved_response(octets, saved, problem)) << problem;
  return saved;
}

TEST(SavedResponse, ABodyAloneIsJsonIfItLooksLikeIt) {
  const SavedResponse json = parse(" \n{\"a\":1}");
  EXPECT_FALSE(json.has_head);
  EXPECT_EQ(json.response.status, 200);
  ASSERT_EQ(json.response.fields.size(), 1u);
  EXPECT_EQ(json.response.fields[0].value, "application/json");
  EXPECT_EQ(json.response.body, " \n{\"a\":1}");
  EXPECT_TRUE(parse("plain").response.fields.empty());
  EXPECT_TRUE(parse("").response.fields.empty());
}

TEST(SavedResponse, AHeadIsReadAsCurlSavesIt) {
  const SavedResponse saved =
      parse("HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nX-A:  b \r\n\r\nbody\r\n\r\nmore");
  EXPECT_TRUE(saved.has_head);
  EXPECT_EQ(saved.response.status, 404);
  ASSERT_EQ(saved.response.fields.size(), 2u);
  EXPECT_EQ(saved.response.fields[1].name, "X-A");
  EXPECT_EQ(saved.response.fields[1].value, "b");
  EXPECT_EQ(saved.response.body, "body\r\n\r\nmore");
}

TEST(SavedResponse, BareLineFeedsOtherVersionsAndInterimResponsesAreTaken) {
  EXPECT_EQ(parse("HTTP/1.0 200 OK\nA: b\n\nbody").response.body, "body");
  EXPECT_EQ(parse("HTTP/2 201 \r\na: b\r\n\r\nbody").response.status, 201);
  EXPECT_EQ(parse("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nbody").response.body, "body");
  EXPECT_EQ(parse("HTTP/1.1 204 No Content\r\n\r\n").response.body, "");
}

TEST(SavedResponse, ChunksAreRemovedWhereTheyAreAndTheirTrailersKept) {
  const SavedResponse raw =
      parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(raw.response.body, "abc");
  ASSERT_EQ(raw.response.trailers.size(), 1u);
  EXPECT_EQ(raw.response.trailers[0].name, "X-Sum");
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{\"a\":1}").response.body, "{\"a\":1}");
}

TEST(SavedResponse, AContentCodingThatIsGoneIsForgotten) {
  EXPECT_TRUE(parse("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n{\"a\":1}").response.fields.empty());
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\n\r\n{\"a\":1}").response.fields.size(), 1u);
}

TEST(SavedResponse, WhatIsNoResponseIsRefusedWithAReason) {
  for (const char* octets :
       {"HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\n : x\r\n\r\n",
        "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"}) {
    SavedResponse saved;
    std::string problem;
    EXPECT_FALSE(parse_saved_response(octets, saved, problem)) << octets;
    EXPECT_NE(problem, "") << octets;
  }
}

// Never reads beyond its end, whatever stands there.
TEST(SavedResponse, CutAtEveryOctetItIsReadOrRefused) {
  const std::string whole =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const std::string cut = whole.substr(0, size);
    SavedResponse saved;
    std::string problem;
    const bool is_read = parse_saved_response(cut, saved, problem);
    EXPECT_EQ(is_read, problem.empty()) << cut;
  }
}

}  // namespace
}  // namespace understudy
