#include <gtest/gtest.h>
#include <simdjson.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>

#include "diff/report/json_writer.h"

namespace understudy::diff {
namespace {

std::string written(const auto& value) {
  JsonWriter writer;
  writer.value(value);
  return writer.take();
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter writer;
  writer.begin_object().member("a", 1).key("b").begin_array().value("x").value(true).null().begin_object().end_object();
  writer.begin_array().end_array().end_array().member("c", "{").member("d", "").end_object();
  EXPECT_EQ(writer.take(), R"({"a":1,"b":["x",true,null,{},[]],"c":"{","d":""})");
  EXPECT_EQ(writer.take(), "") << "empty after take()";
}

TEST(JsonWriter, EscapesWhatJsonForbids) {
  EXPECT_EQ(written("a\"b\\c\n\r\t"), R"("a\"b\\c\n\r\t")");
  EXPECT_EQ(written(std::string("\x01\x1f\x00", 3)), R"("\u0001\u001f\u0000")");
  EXPECT_EQ(written("\x7f é € 😀 /"), "\"\x7f é € 😀 /\"");
}

TEST(JsonWriter, ReplacesIllFormedUtf8) {
  for (const std::string_view octets :
       {"\xff", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "a\x80z", "\xf0\x9f\x98"}) {
    const std::string json = written(octets);
    EXPECT_TRUE(simdjson::validate_utf8(json)) << json;
    EXPECT_NE(json.find("\xEF\xBF\xBD"), std::string::npos) << json;
  }
}

TEST(JsonWriter, WritesAnyOctetsAsJsonThatReadsBack) {
  std::mt19937_64 random(1);
  simdjson::dom::parser parser;
  for (int run = 0; run < 2000; ++run) {
    std::string octets(random() % 40, '\0');
    for (char& c : octets) {
      c = static_cast<char>(random());
    }
    JsonWriter writer;
    writer.begin_object().member(octets, octets).end_object();
    const std::string json = writer.take();
    simdjson::dom::element element;
    ASSERT_EQ(parser.parse(json).get(element), simdjson::SUCCESS) << json;
  }
}

TEST(JsonWriter, WritesEveryIntegerExactly) {
  EXPECT_EQ(written(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(written(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(written(0), "0");
  EXPECT_EQ(written(false), "false");
}

TEST(JsonWriter, DoublesRoundTripAndAreNeverInfinite) {
  std::mt19937_64 random(2);
  for (int run = 0; run < 10'000; ++run) {
    const auto number = std::bit_cast<double>(static_cast<std::uint64_t>(random()));
    if (std::isfinite(number)) {
      EXPECT_EQ(std::strtod(written(number).c_str(), nullptr), number);
    }
  }
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1e299), "1e+299");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "null");
  EXPECT_EQ(written(std::numeric_limits<double>::quiet_NaN()), "null");
}

}  // namespace
}  // namespace understudy::diff
