// The order of the comparison and what each kind of content is compared as.
#include <gtest/gtest.h>

#include <string>

#include "diff/body/digest.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

Response with_status(int status, std::string body = R"({"a":1})") {
  Response response = json_response(std::move(body));
  response.status = status;
  return response;
}

Response digested(const std::string& body, bool cut_off = false, const std::string& coding = "") {
  Response response = json_response("");
  Digester digester(1000);
  digester.update(body);
  response.digest = digester.finish(cut_off);
  if (!coding.empty()) response.fields.push_back({"Content-Encoding", coding});
  return response;
}

TEST(Compare, NothingBelowTheStatusWhereTheClassesDiffer) {
  EXPECT_EQ(compare_responses(with_status(200), with_status(500, "oops")), Names{"status_class status"});
  EXPECT_EQ(compare_responses(with_status(404), with_status(200)), Names{"status_class status"});
}

TEST(Compare, GoesOnBelowAChangedCodeOfTheSameClass) {
  EXPECT_EQ(compare_responses(with_status(200), with_status(201, R"({"a":2})")),
            (Names{"status_code status", "value_changed /a"}));
  EXPECT_EQ(compare_responses(with_status(404), with_status(410)), Names{"status_code status"});
}

TEST(Compare, ListsStatusFieldsTrailersAndContentInThisOrder) {
  Response primary = with_status(200);
  primary.fields.push_back({"X-A", "1"});
  primary.trailers = {{"Checksum", "1"}};
  Response other = with_status(202, R"({"a":2})");
  other.fields.push_back({"X-A", "2"});
  other.trailers = {{"checksum", "2"}};
  EXPECT_EQ(compare_responses(primary, other), (Names{"status_code status", "header_changed header:x-a",
                                                      "header_changed trailer:checksum", "value_changed /a"}));
}

TEST(Compare, AHeadHasNoContentButALength) {
  Response primary = with_status(200, "");
  primary.fields.push_back({"Content-Length", "10"});
  Response other = with_status(200, "");
  other.fields.push_back({"Content-Length", "11"});
  EXPECT_EQ(compare_responses(primary, other, {}, true), Names{"header_changed header:content-length"});
  EXPECT_EQ(compare_responses(primary, other, {}, false), Names{});
  primary.status = other.status = 304;
  EXPECT_EQ(compare_responses(primary, other, {}, false), Names{"header_changed header:content-length"});
}

TEST(Compare, ValidatorsDoNotMatterWhereContentsAreEqual) {
  Response primary = with_status(200);
  Response other = with_status(200);
  primary.fields.push_back({"ETag", "\"1\""});
  EXPECT_EQ(compare_responses(primary, other), Names{});
  other.body = R"({"a":2})";
  EXPECT_EQ(compare_responses(primary, other), (Names{"header_removed header:etag", "value_changed /a"}));
  other.fields.push_back({"ETag", "\"2\""});
  EXPECT_EQ(compare_responses(primary, other), Names{"value_changed /a"});
}

TEST(Compare, TheFieldsMayBeLeftOut) {
  Settings settings;
  settings.headers = false;
  Response other = with_status(200, R"({"a":2})");
  other.fields.push_back({"X-A", "2"});
  EXPECT_EQ(compare_responses(with_status(200), other, settings), Names{"value_changed /a"});
}

TEST(Compare, ThePrimarysMediaTypeDecidesHowContentsAreRead) {
  const auto compare_as = [](const std::string& type, const std::string& primary, const std::string& other) {
    return compare_responses(response_of_type(type, primary), response_of_type(type, other));
  };
  EXPECT_EQ(compare_as("application/json; charset=utf-8", R"({"a":1})", R"({"a":2})"), Names{"value_changed /a"});
  EXPECT_EQ(compare_as("application/vnd.github+json", R"({"a":1})", R"({"a":2})"), Names{"value_changed /a"});
  EXPECT_EQ(compare_as("text/plain", R"({"a":1})", R"({"a":2})"), Names{"body_changed body"});
  EXPECT_EQ(compare_as("application/json", "<html>", "<body>"), Names{"body_changed body"});
  EXPECT_EQ(compare_as("application/json", R"({"a":1})", ""), Names{"parse_failed body"});
  EXPECT_EQ(compare_as("application/json", R"({"a":1)", R"({"a":1})"), Names{"parse_failed body"});
  Response primary = json_response(R"({"a":1})");
  Response other = json_response(R"({"a":2})");
  primary.fields.clear();
  other.fields.clear();
  EXPECT_EQ(compare_responses(primary, other), Names{"value_changed /a"});
  EXPECT_EQ(compare_responses(response_of_type("text/html", "<p>"), response_of_type("application/json", "{}")),
            (Names{"content_type header:content-type", "body_changed body"}));
}

TEST(Compare, TextThatDiffersInFormOnlySaysSo) {
  const auto compare_text = [](const std::string& primary, const std::string& other) {
    return compare_responses(response_of_type("text/plain", primary), response_of_type("text/plain", other));
  };
  EXPECT_EQ(compare_text("a\r\nb", "a\nb\n"), Names{"string_form body"});
  EXPECT_EQ(compare_text("caf\xC3\xA9", "cafe\xCC\x81"), Names{"string_form body"});
  EXPECT_EQ(compare_text("a b", "a  b"), Names{"body_changed body"});
  EXPECT_EQ(compare_text("", "x"), Names{"body_changed body"});
}

TEST(Compare, TextAndOctetsShowTheFirstDifference) {
  Comparer comparer{Settings{}};
  auto findings = comparer.compare(response_of_type("text/plain", "one\ntwo\nthree"),
                                   response_of_type("text/plain", "one\ntoo\nthree"));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].primary_value, "line 2, octet 5: two");
  EXPECT_EQ(findings[0].other_value, "line 2, octet 5: too");
  findings = comparer.compare(response_of_type("image/png", std::string("\x89PNG\0\1", 6)),
                              response_of_type("image/png", std::string("\x89PNG\0\2!", 7)));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].primary_value, "6 octets; the first 5 are equal");
  EXPECT_EQ(findings[0].other_value, "7 octets; the first 5 are equal");
}

TEST(Compare, LargeContentsAreComparedByDigests) {
  const std::string large(200'000, 'x');
  std::string changed = large;
  changed[150'000] = 'y';
  EXPECT_EQ(compare_responses(digested(large), digested(large)), Names{});
  EXPECT_EQ(compare_responses(digested(large), digested(changed)), Names{"body_changed body"});
  EXPECT_EQ(compare_responses(digested(large), json_response(large)), Names{});
  EXPECT_EQ(compare_responses(json_response(changed), digested(large)), Names{"body_changed body"});
  Comparer comparer{Settings{}};
  const auto findings = comparer.compare(digested(large), digested(changed));
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].primary_value, "200000 octets; the first 131072 octets are equal");
}

TEST(Compare, OfAContentThatWasNotReadToItsEndTheBeginningIsCompared) {
  const std::string large(100'000, 'x');
  EXPECT_EQ(compare_responses(digested(large), digested(large, true)), Names{});
  EXPECT_EQ(compare_responses(digested(large, true), digested(large, true)), Names{});
}

TEST(Compare, DigestsOfDifferentCodingsAreNotCompared) {
  EXPECT_EQ(compare_responses(digested(std::string(100'000, 'x')), digested("abc", false, "gzip")),
            Names{"header_added header:content-encoding"});
}

}  // namespace
}  // namespace understudy::diff::test
