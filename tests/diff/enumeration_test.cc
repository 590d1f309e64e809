// Values that production never sends: learnt from fields of few values, for the other side's values only, in bounded
// memory.
#include "diff/body/enumeration.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

Names judged(const Enumerations& enumerations, const std::string& primary, const std::string& other,
             const std::string& endpoint = "GET /orders") {
  auto findings = findings_of(primary, other);
  enumerations.reclassify(endpoint, findings);
  return names_of(findings);
}

void learn(Enumerations& enumerations, const std::string& body, int times) {
  for (int i = 0; i < times; ++i) enumerations.learn("GET /orders", json_response(body));
}

TEST(Enumeration, AValueNeverSentIsNovelInPlaceOfChanged) {
  Enumerations enumerations;
  learn(enumerations, R"({"state":"open","n":{"level":1}})", 30);
  learn(enumerations, R"({"state":"closed","n":{"level":2}})", 30);
  EXPECT_EQ(judged(enumerations, R"({"state":"open"})", R"({"state":"OPEN"})"), Names{"value_novel /state"});
  EXPECT_EQ(judged(enumerations, R"({"state":"open"})", R"({"state":"closed"})"), Names{"value_changed /state"});
  EXPECT_EQ(judged(enumerations, R"({"n":{"level":1}})", R"({"n":{"level":3}})"), Names{"value_novel /n/level"});
  EXPECT_EQ(judged(enumerations, R"({"state":"open"})", R"({"state":null})"), Names{"became_null /state"});
  EXPECT_EQ(judged(enumerations, R"({"state":"open"})", R"({"state":"OPEN"})", "GET /other"),
            Names{"value_changed /state"});
}

TEST(Enumeration, AFieldMustBeMature) {
  Enumerations enumerations;
  learn(enumerations, R"({"state":"open"})", static_cast<int>(enumeration_maturity) - 1);
  EXPECT_EQ(judged(enumerations, R"({"state":"open"})", R"({"state":"OPEN"})"), Names{"value_changed /state"});
  learn(enumerations, R"({"state":"open"})", 1);
  EXPECT_EQ(judged(enumerations, R"({"state":"open"})", R"({"state":"OPEN"})"), Names{"value_novel /state"});
}

TEST(Enumeration, AnArrayOfOneResponseIsOneObservation) {
  Enumerations enumerations;
  std::string body = "[";
  for (int i = 0; i < 100; ++i) body += R"({"type":"file"},)";
  body.back() = ']';
  learn(enumerations, body, 1);
  EXPECT_EQ(judged(enumerations, R"([{"type":"file"}])", R"([{"type":"dir"}])"), Names{"value_changed /*/type"});
  learn(enumerations, body, 60);
  EXPECT_EQ(judged(enumerations, R"([{"type":"file"}])", R"([{"type":"dir"}])"), Names{"value_novel /*/type"});
  // Not the first differing element, but one of them.
  learn(enumerations, R"([{"type":"link"}])", 60);
  EXPECT_EQ(judged(enumerations, R"([{"type":"file"},{"type":"file"}])", R"([{"type":"link"},{"type":"dir"}])"),
            Names{"value_novel /*/type"});
}

TEST(Enumeration, AFieldOfManyValuesIsNone) {
  Enumerations enumerations;
  for (int i = 0; i < 100; ++i)
    learn(enumerations, R"({"id":)" + std::to_string(i) + R"(,"dozen":)" + std::to_string(i % 30) + "}", 1);
  EXPECT_EQ(judged(enumerations, R"({"id":1})", R"({"id":1000})"), Names{"value_changed /id"});
  EXPECT_EQ(judged(enumerations, R"({"dozen":1})", R"({"dozen":1000})"),
            Names{"value_changed /dozen"});  // 30 values in 100 responses
}

TEST(Enumeration, LearnsFromEveryResponseFirstAndFromFewLater) {
  Enumerations enumerations;
  learn(enumerations, R"({"a":1})", static_cast<int>(enumeration_always));
  learn(enumerations, R"({"b":1})", static_cast<int>(enumeration_interval * (enumeration_maturity - 1)));
  EXPECT_EQ(judged(enumerations, R"({"b":1})", R"({"b":2})"), Names{"value_changed /b"});
  learn(enumerations, R"({"b":1})", static_cast<int>(enumeration_interval));
  EXPECT_EQ(judged(enumerations, R"({"b":1})", R"({"b":2})"), Names{"value_novel /b"});
}

TEST(Enumeration, LearnsFromCodedJsonAndFromNothingElse) {
  Enumerations enumerations;
  for (int i = 0; i < 60; ++i)
    enumerations.learn("GET /orders", coded_response("gzip", gzipped(R"({"a/b":1,"*":{"{}":1}})")));
  EXPECT_EQ(judged(enumerations, R"({"a/b":1})", R"({"a/b":2})"), Names{"value_novel /a~1b"});
  EXPECT_EQ(judged(enumerations, R"({"*":{"{}":1}})", R"({"*":{"{}":2}})"), Names{"value_novel /~2/~3"});
  Enumerations others;
  others.learn("GET /", response_of_type("text/plain", R"({"a":1})"));
  others.learn("GET /", json_response("{\"a\":"));
  others.learn("GET /", coded_response("gzip", "broken"));
  others.learn("GET /", json_response(""));
  EXPECT_EQ(others.fields(), 0U);
}

TEST(Enumeration, MemoryIsBounded) {
  Enumerations enumerations;
  for (std::size_t i = 0; i < enumeration_field_limit + 500; i += 100) {
    std::string body = "{";
    for (std::size_t j = i; j < i + 100; ++j) body += "\"name" + std::to_string(j) + "x\":1,";
    body.back() = '}';
    enumerations.learn("GET /" + std::to_string(i % 7), json_response(body));
  }
  EXPECT_EQ(enumerations.fields(), enumeration_field_limit);
}

}  // namespace
}  // namespace understudy::diff::test
