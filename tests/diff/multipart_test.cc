// Multipart contents: the boundary is the sender's own choice, the parts are not.
#include "diff/body/multipart.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

using Parts = std::vector<std::string>;

std::string body_of(const std::string& boundary, const Parts& parts, const std::string& line_end = "\r\n") {
  std::string body;
  for (const std::string& part : parts) body += "--" + boundary + line_end + part + line_end;
  return body + "--" + boundary + "--" + line_end;
}

Response multipart(const std::string& subtype, const std::string& boundary, const Parts& parts,
                   const std::string& line_end = "\r\n") {
  return response_of_type("multipart/" + subtype + "; boundary=" + boundary, body_of(boundary, parts, line_end));
}

const Parts ranges{"Content-Type: text/plain\r\nContent-Range: bytes 0-4/99\r\n\r\nhello",
                   "Content-Type: text/plain\r\nContent-Range: bytes 20-24/99\r\n\r\nworld"};

TEST(Multipart, ABoundaryIsNoDifference) {
  EXPECT_EQ(compare_responses(multipart("byteranges", "00000000000000000017", ranges),
                              multipart("byteranges", "00000000000000000018", ranges)),
            Names{});
  EXPECT_EQ(compare_responses(
                multipart("form-data", "a", {"Content-Disposition: form-data; name=\"a\"\r\n\r\n1"}),
                multipart("form-data", "longer-than-a", {"Content-Disposition: form-data; name=\"a\"\r\n\r\n1"})),
            Names{});
  EXPECT_EQ(compare_responses(multipart("mixed", "x", ranges), multipart("Mixed", "\"y z\"", ranges)).size(), 1U)
      << "the boundary here is y z, without the quotes that its delimiters have";
  EXPECT_EQ(compare_responses(multipart("related", "x", ranges, "\n"), multipart("related", "y", ranges, "\n")),
            Names{});
  Response quoted = response_of_type("multipart/mixed; charset=utf-8; BOUNDARY=\"y z\"", body_of("y z", ranges));
  Response plain = response_of_type("Multipart/Mixed; boundary=q; charset=UTF-8", body_of("q", ranges));
  EXPECT_EQ(compare_responses(quoted, plain), Names{});
  EXPECT_EQ(compare_responses(multipart("mixed", "p", {}), multipart("mixed", "qq", {})), Names{});
}

TEST(Multipart, AChangedPartIsADifference) {
  Parts other = ranges;
  other[1].back() = 'D';
  EXPECT_EQ(compare_responses(multipart("byteranges", "17", ranges), multipart("byteranges", "18", other)),
            Names{"body_changed body"});
  EXPECT_EQ(compare_responses(multipart("byteranges", "17", ranges), multipart("byteranges", "17", other)),
            Names{"body_changed body"});
  EXPECT_EQ(compare_responses(multipart("mixed", "17", ranges), multipart("mixed", "18", {ranges[0]})),
            Names{"body_changed body"});
  EXPECT_EQ(compare_responses(multipart("mixed", "17", ranges), multipart("mixed", "18", {ranges[1], ranges[0]})),
            Names{"body_changed body"});
  EXPECT_EQ(compare_responses(multipart("mixed", "17", ranges), multipart("related", "18", ranges)),
            Names{"content_type header:content-type"});
}

TEST(Multipart, OnlyDelimiterLinesAreTakenForThem) {
  EXPECT_EQ(compare_responses(multipart("mixed", "ab", {"\r\n\r\nsee --ab here"}),
                              multipart("mixed", "cd", {"\r\n\r\nsee --cd here"})),
            Names{"body_changed body"});
  EXPECT_EQ(compare_responses(multipart("mixed", "ab", {"\r\n\r\n--abc"}), multipart("mixed", "cd", {"\r\n\r\n--cdc"})),
            Names{"body_changed body"});
  // A delimiter missing at the end, so that the last part is cut.
  Response cut = multipart("mixed", "cd", ranges);
  cut.body.resize(cut.body.size() - 8);
  EXPECT_EQ(compare_responses(multipart("mixed", "ab", ranges), cut), Names{"body_changed body"});
}

TEST(Multipart, ThoseInsideOfOthersHaveBoundariesToo) {
  const auto nested = [](const std::string& outer, const std::string& inner, const std::string& text) {
    const std::string part = "Content-Type: multipart/alternative; boundary=\"" + inner + "\"\r\n\r\n" +
                             body_of(inner, {"Content-Type: text/plain\r\n\r\n" + text});
    return multipart("mixed", outer, {part});
  };
  EXPECT_EQ(compare_responses(nested("o1", "i1", "t"), nested("o2", "i2", "t")), Names{});
  EXPECT_EQ(compare_responses(nested("o1", "i1", "t"), nested("o1", "i2", "t")), Names{});
  EXPECT_EQ(compare_responses(nested("o1", "i1", "t"), nested("o2", "i2", "u")), Names{"body_changed body"});
}

TEST(Multipart, ALostBoundaryIsAnotherMediaType) {
  EXPECT_EQ(
      compare_responses(multipart("mixed", "17", ranges), response_of_type("multipart/mixed", body_of("17", ranges))),
      Names{"content_type header:content-type"});
  EXPECT_EQ(compare_responses(response_of_type("text/plain; boundary=1", "a"),
                              response_of_type("text/plain; boundary=2", "a")),
            Names{"content_type header:content-type"});
}

TEST(Multipart, CodedContentsAreNormalisedOnceDecoded) {
  Response left = multipart("mixed", "17", ranges);
  Response right = multipart("mixed", "18", ranges);
  right.body = gzipped(right.body);
  right.fields.push_back({"Content-Encoding", "gzip"});
  EXPECT_EQ(compare_responses(left, right), Names{"header_added header:content-encoding"});
}

}  // namespace
}  // namespace understudy::diff::test
