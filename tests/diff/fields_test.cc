// Header fields: names, repetition, hop-by-hop, volatile, media types, cookies.
#include "diff/fields.h"

#include <gtest/gtest.h>

#include <string>

#include "diff/media_type.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

Names compare(std::vector<Field> primary, std::vector<Field> other) {
  Response left = json_response("1");
  Response right = json_response("2");  // contents differ, so that validators count
  left.fields = std::move(primary);
  right.fields = std::move(other);
  std::vector<Finding> findings;
  compare_headers(left, right, FieldContext{}, findings);
  return names_of(findings);
}

TEST(Fields, NamesCompareWithoutCaseAndInAnyOrder) {
  EXPECT_EQ(compare({{"X-A", "1"}, {"X-B", "2"}}, {{"x-b", "2"}, {"x-a", "1"}}), Names{});
  EXPECT_EQ(compare({{"X-A", "1"}}, {{"x-a", "2"}}), Names{"header_changed header:x-a"});
  EXPECT_EQ(compare({{"X-A", "1"}}, {}), Names{"header_removed header:x-a"});
  EXPECT_EQ(compare({}, {{"X-A", "1"}}), Names{"header_added header:x-a"});
}

TEST(Fields, RepeatedFieldsCompareJoinedOrAsAMultiset) {
  EXPECT_EQ(compare({{"Vary", "a"}, {"Vary", "b"}}, {{"Vary", "a, b"}}), Names{});
  EXPECT_EQ(compare({{"Link", "a"}, {"Link", "b"}}, {{"Link", "b"}, {"Link", "a"}}), Names{});
  EXPECT_EQ(compare({{"Link", "a"}, {"Link", "a"}}, {{"Link", "a"}}), Names{"header_changed header:link"});
}

TEST(Fields, FieldsOfOneConnectionAreNeverCompared) {
  EXPECT_EQ(compare({{"Connection", "keep-alive, X-Hop"},
                     {"X-Hop", "1"},
                     {"Keep-Alive", "timeout=5"},
                     {"Transfer-Encoding", "chunked"}},
                    {{"Connection", "close"}, {"Via", "1.1 a"}, {"Trailer", "x"}, {"Content-Length", "5"}}),
            Names{});
  // Named by one side alone, it is no longer a field of that side, in whatever order they come.
  const std::vector<Field> left{{"Connection", "close"}, {"X-Hop", "1"}};
  EXPECT_EQ(compare(left, {{"Connection", "close, X-Hop"}, {"X-Hop", "1"}}), Names{"header_removed header:x-hop"});
  EXPECT_EQ(compare(left, {{"X-Hop", "1"}, {"Connection", "close, X-Hop"}}), Names{"header_removed header:x-hop"});
}

TEST(Fields, ReadingsOfAClockDuringTheExchangeAreEqual) {
  constexpr std::int64_t begin_us = 1'796'077'810'500'000;
  const FieldContext context{.occasion = {.begin_us = begin_us, .end_us = begin_us + 250'000}};
  const auto differences = [&](std::string_view primary, std::string_view other) {
    Response left = json_response("1");
    Response right = json_response("1");
    left.fields = {{"X-Time", std::string(primary)}};
    right.fields = {{"X-Time", std::string(other)}};
    std::vector<Finding> findings;
    compare_headers(left, right, context, findings);
    return findings;
  };
  EXPECT_TRUE(differences("1796077810.512", "1796077810.731").empty());
  EXPECT_TRUE(differences("2026-11-30T22:30:10.512Z", "2026-11-30T22:30:10.731Z").empty());
  EXPECT_EQ(differences("1796077810.512", "1796077899.731").size(), 1u);
}

TEST(Fields, OfAValueThatDiffersItIsSaidHow) {
  Response left = json_response("1");
  Response right = json_response("1");
  left.fields = {{"Location", "https://login.example/?state=1"}, {"X-Left", "17"}};
  right.fields = {{"Location", "https://log-in.example/?state=2"}, {"X-Left", "0"}};
  std::vector<Finding> findings;
  compare_headers(left, right, FieldContext{}, findings);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0].aspects, bit_of(DifferenceClass::origin_changed));
  EXPECT_EQ(findings[1].aspects, bit_of(DifferenceClass::zeroed) | bit_of(DifferenceClass::less));
  EXPECT_EQ(findings[1].other_number, 0.0);
  EXPECT_NE(findings[0].other_hash, 0u);
}

TEST(Fields, OfAListThatDiffersItIsSaidHow) {
  Response left = json_response("1");
  Response right = json_response("1");
  left.fields = {{"Link", "</x?cursor=5f3a09bc17>; rel=prev, </x?cursor=6f3a09bc17>; rel=next"}};
  right.fields = {{"Link", "</x?cursor=8f3a09bc17>; rel=prev"}};
  std::vector<Finding> findings;
  compare_headers(left, right, FieldContext{}, findings);
  ASSERT_EQ(names_of(findings), Names{"header_changed header:link"});
  EXPECT_NE(findings[0].aspects & bit_of(DifferenceClass::template_changed), 0u);
}

TEST(Fields, AnotherFormatIsNoValueThatVaries) {
  EXPECT_EQ(compare({{"X-Job", "550e8400-e29b-41d4-a716-446655440000"}}, {{"X-Job", "job-17"}}),
            Names{"format_changed header:x-job"});
  EXPECT_EQ(compare({{"X-At", "2017-10-10T16:00:00Z"}}, {{"X-At", "2017-10-10T16:00:00+00:00"}}),
            Names{"notation_changed header:x-at"});
}

TEST(Fields, VolatileFieldsCompareByPresence) {
  for (const char* const name :
       {"Date", "Age", "Expires", "Last-Modified", "ETag", "X-Request-Id", "X-Runtime", "traceparent", "tracestate",
        "Server-Timing", "X-B3-TraceId", "X-Datadog-Trace-Id", "X-Amzn-Trace-Id", "sentry-trace"}) {
    EXPECT_EQ(compare({{name, "1"}}, {{name, "2"}}), Names{}) << name;
    EXPECT_EQ(compare({{name, "1"}}, {}).size(), 1U) << name;
    EXPECT_EQ(compare({}, {{name, "1"}}).size(), 1U) << name;
  }
  EXPECT_EQ(compare({{"X-Candidate-Id", "1"}}, {{"X-Candidate-Id", "2"}}),
            Names{"header_changed header:x-candidate-id"});
}

TEST(Fields, CookiesCompareByNameAndNeverShowTheirValues) {
  EXPECT_EQ(compare({{"Set-Cookie", "sid=abc; Path=/"}}, {{"Set-Cookie", "sid=def; Path=/"}}), Names{});
  EXPECT_EQ(compare({{"Set-Cookie", "sid=abc"}, {"Set-Cookie", "theme=x"}}, {{"Set-Cookie", "theme=x"}}),
            Names{"header_removed header:set-cookie"});
  EXPECT_EQ(compare({{"Set-Cookie", "sid=abc"}}, {{"Set-Cookie", "tid=abc"}}),
            (Names{"header_removed header:set-cookie", "header_added header:set-cookie"}));
  Response left = json_response("1");
  Response right = json_response("1");
  left.fields = {{"Set-Cookie", "sid=secret"}};
  right.fields.clear();
  std::vector<Finding> findings;
  compare_headers(left, right, FieldContext{}, findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].primary_value, "sid");
}

TEST(Fields, EquivalentMediaTypesAreEqual) {
  EXPECT_EQ(compare({{"Content-Type", "Application/JSON; Charset=\"UTF-8\""}},
                    {{"Content-Type", "application/json;charset=utf-8"}}),
            Names{});
  EXPECT_EQ(compare({{"Content-Type", "application/json;charset=utf-8"}}, {{"Content-Type", "application/json"}}),
            Names{"content_type header:content-type"});
  EXPECT_EQ(compare({{"Content-Type", "text/html; level=1; charset=utf-8"}},
                    {{"Content-Type", "text/html;charset=\"utf-8\" ;level=1"}}),
            Names{});
  EXPECT_EQ(compare({{"Content-Type", "text/x; a=\"1;b=2\""}}, {{"Content-Type", "text/x; a=1; b=2"}}),
            Names{"content_type header:content-type"});
  EXPECT_EQ(compare({{"Content-Type", "application/json"}}, {}), Names{"content_type header:content-type"});
  EXPECT_EQ(compare({}, {{"Content-Type", "application/json"}}), Names{"content_type header:content-type"});
  EXPECT_TRUE(is_json_media_type("application/problem+json; charset=utf-8"));
  EXPECT_TRUE(is_json_media_type(" Application/Json"));
  EXPECT_FALSE(is_json_media_type("application/x-ndjson"));
  EXPECT_FALSE(is_json_media_type("text/html"));
}

TEST(Fields, ValuesAreShownShortAndWellFormed) {
  Response left = json_response("1");
  Response right = json_response("1");
  left.fields = {{"X-A", "\xFF" + std::string(1000, 'x')}};
  right.fields = {{"X-A", "\xC3\xA9"}};
  std::vector<Finding> findings;
  compare_headers(left, right, FieldContext{}, findings);
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].primary_value.size(), 256U);
  EXPECT_TRUE(findings[0].primary_value.starts_with("\xEF\xBF\xBDxxx"));
  EXPECT_TRUE(findings[0].primary_value.ends_with("x\xE2\x80\xA6"));
  EXPECT_EQ(findings[0].other_value, "\xC3\xA9");
}

}  // namespace
}  // namespace understudy::diff::test
