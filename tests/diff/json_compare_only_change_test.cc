// Two texts of which one scalar alone is another: found without parsing the second text, and as if by parsing it.
// Behind byte order marks on both sides, of which nothing else is seen, texts are always parsed and walked whole.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "diff/body/json_compare.h"
#include "diff/body/json_document.h"
#include "diff/text_tools.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

using namespace std::string_literals;

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::string padded(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 64);
  return result += text;
}

// Compares both ways, with every setting that JSON knows, and keeps its parsers from call to call.
class BothWays {
 public:
  BothWays() {
    for (const ArrayMode arrays : {ArrayMode::automatic, ArrayMode::ordered, ArrayMode::set}) {
      for (const double tolerance : {0.0, 0.1}) {
        Settings settings;
        settings.arrays = arrays;
        settings.tolerance = tolerance;
        comparisons_.push_back(std::make_unique<JsonComparison>(settings));
      }
    }
  }

  // With room behind the texts or none. Returns the classes and paths that the first comparison finds.
  Names check(const std::string& primary, const std::string& other) {
    Names names;
    if (primary.starts_with(byte_order_mark) || other.starts_with(byte_order_mark))
      return names;  // a second is no JSON
    for (const auto& comparison : comparisons_) {
      std::vector<Finding> whole;
      const auto whole_outcome =
          compare(*comparison, std::string(byte_order_mark) + primary, std::string(byte_order_mark) + other, whole);
      for (const std::string& text : {padded(other), std::string(other.begin(), other.end())}) {
        std::vector<Finding> findings;
        const auto outcome = compare(*comparison, primary, text, findings);
        EXPECT_EQ(outcome, whole_outcome) << primary << "\n" << other;
        EXPECT_EQ(findings, whole) << primary << "\n" << other;
      }
      if (comparison == comparisons_.front()) names = names_of(whole);
    }
    return names;
  }

 private:
  static JsonComparison::Outcome compare(JsonComparison& comparison, const std::string& primary,
                                         const std::string& other, std::vector<Finding>& findings) {
    return comparison.compare(primary, other, common_prefix(primary, other), {}, findings);
  }

  std::vector<std::unique_ptr<JsonComparison>> comparisons_;
};

// What may stand where a scalar stood, and much that may not.
const std::vector<std::string> replacements{"",
                                            " ",
                                            "1",
                                            "1.0",
                                            "1.00",
                                            "1e0",
                                            "-0.0",
                                            "0.1000000000000000055511151231257827",
                                            "1e400",
                                            "-1e400",
                                            "18446744073709551615",
                                            "12345678901234567890",
                                            "123456789012345678901",
                                            "-9223372036854775809",
                                            "1700000000",
                                            "1700000000000",
                                            "01",
                                            "1.",
                                            "-",
                                            "1 ",
                                            " \t\r\n2",
                                            "1,2",
                                            "1 2",
                                            "1:2",
                                            "true",
                                            "false",
                                            "null",
                                            "nul",
                                            "nullx",
                                            "truefalse",
                                            "\"\"",
                                            "\" \"",
                                            "\"x\"",
                                            "\"x\" ",
                                            "\"x",
                                            "x\"",
                                            "\"x\"y",
                                            "\"a\",\"b\":1",
                                            "\"a\":1",
                                            "\"a\",\"b\"",
                                            R"("\u0041\n\"\\\/")",
                                            R"("a\")",
                                            R"("a\\")",
                                            R"("\ud800")",
                                            R"("\ud83d\ude00")",
                                            R"("\u0000")",
                                            R"("\u0000number:1")",
                                            R"("\x")",
                                            "\"\xC3\xA9\"",
                                            "\"e\xCC\x81\"",
                                            "\"\xC3\"",
                                            "\"\xFF\"",
                                            "\"\x01\"",
                                            "\"a\nb\"",
                                            "\"a\0b\""s,
                                            "1\0"s,
                                            "\0"s,
                                            "\xEF\xBB\xBF"
                                            "1",
                                            "\"2017-10-10T16:00:00Z\"",
                                            "\"2017-10-10 16:00:00\"",
                                            "\"https://example.org/\"",
                                            "{}",
                                            "[]",
                                            "[1]",
                                            "{\"a\":1}",
                                            "[",
                                            "]",
                                            "}",
                                            "1]",
                                            "1}",
                                            "],[",
                                            "},{\"a\":1"};

// Objects, arrays, maps, keys that repeat or need an escape, white space.
const std::vector<std::string> small_texts{
    R"({"a":1,"b":"text","c":[1,2.5,"x",true,null,{"d":"2017-10-10T16:00:00Z"},[],[[1]]],"e":{}})",
    R"( { "a" : 1 , "b" : [ "x" , 1.0 , 1.0 ] , "a~/*" : { "17" : { "n" : null } , "18" : { "n" : 2 } } } )",
    R"({"a":1,"a":"\u0061\n","a":{"a":true,"a":true},"{}":["aa","aa",12,12]})",
    R"([[1,1],[1,1],{"a":[1,"1"]},"",-1])",
    R"(["\u0000",1,"x"])",
    R"(["x",1e400,"y"])",
    R"(["x","\ud800","y"])",
    "1",
    " \"x\" ",
    "null\n"};

// Every scalar of a text and every name of a member, as {where it begins, its length}.
std::vector<std::pair<std::size_t, std::size_t>> tokens_of(const std::string& text) {
  std::vector<std::pair<std::size_t, std::size_t>> tokens;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i + 1;
    if (text[i] == '"') {
      while (text[end] != '"') end += text[end] == '\\' ? 2 : 1;
      ++end;
    } else if (std::string_view("{}[]:, \t\r\n").find(text[i]) != std::string_view::npos) {
      i = end;
      continue;
    } else {
      end = std::min(text.find_first_of("{}[]:, \t\r\n", i), text.size());
    }
    tokens.emplace_back(i, end - i);
    i = end;
  }
  return tokens;
}

std::string replaced(std::string text, std::pair<std::size_t, std::size_t> token, const std::string& replacement) {
  return text.replace(token.first, token.second, replacement);
}

TEST(JsonCompareOnlyChange, IsNamedAsOnTheWholeWalk) {
  BothWays both;
  EXPECT_EQ(both.check(R"({"a":{"b":"x"}})", R"({"a":{"b":"y"}})"), Names{"value_changed /a/b"});
  EXPECT_EQ(both.check(R"({"a":[1,{"b":2}]})", R"({"a":[1,{"b":23}]})"), Names{"value_changed /a/*/b"});
  EXPECT_EQ(both.check(R"({"a":[1,{"b":23}]})", R"({"a":[1,{"b":2}]})"), Names{"value_changed /a/*/b"});
  EXPECT_EQ(both.check(R"({"users":{"17":{"n":1},"21":{"n":2}}})", R"({"users":{"17":{"n":1},"21":{"n":3}}})"),
            Names{"value_changed /users/{}/n"});
  EXPECT_EQ(both.check(R"({"a":"aa"})", R"({"a":"aaa"})"), Names{"value_changed /a"});
  EXPECT_EQ(both.check(R"({"a":""})", R"({"a":"a"})"), Names{"value_changed /a"});
  EXPECT_EQ(both.check(R"({"a":true})", R"({"a":null})"), Names{"became_null /a"});
  EXPECT_EQ(both.check(R"({"a":1})", R"({"a":"1"})"), Names{"type_changed /a"});
  EXPECT_EQ(both.check(R"({"a":1})", R"({"a":1.0})"), Names{"number_form /a"});
  EXPECT_EQ(both.check(R"({"a":"x"})", R"({"a":" x"})"), Names{"string_form /a"});
  EXPECT_EQ(both.check(R"({"a":"A"})", R"({"a":"\u0041"})"), Names{});
  EXPECT_EQ(both.check(R"({"a":1,"a":2,"a":3})", R"({"a":1,"a":4,"a":3})"), Names{"value_changed /a"});
  EXPECT_EQ(both.check("1", "2"), Names{"value_changed body"});
  EXPECT_EQ(both.check("[1 ,2]", "[1,2]"), Names{});
  EXPECT_EQ(both.check("[ 1,2]", "[1,2]"), Names{});
}

TEST(JsonCompareOnlyChange, IsLeftToTheWholeWalkWhereItIsNoScalarOrNoValue) {
  BothWays both;
  EXPECT_EQ(both.check(R"({"a":1})", R"({"a":[]})"), Names{"type_changed /a"});
  const auto nested = [](std::size_t depth, const std::string& value) {
    return std::string(depth, '[') + value + std::string(depth, ']');
  };
  EXPECT_EQ(both.check(nested(json_depth_limit - 6, "1"), nested(json_depth_limit - 6, nested(20, ""))),
            Names{});  // beyond the limits
  EXPECT_EQ(both.check(R"({"a":1})", R"({"b":1})"), (Names{"field_removed /a", "field_added /b"}));
  EXPECT_EQ(both.check(R"({"a":1})", R"({"a":"a","b":1})"), (Names{"type_changed /a", "field_added /b"}));
  EXPECT_EQ(both.check("[1]", "[1,2]"), Names{"element_added /*"});
  EXPECT_EQ(compare_json("\xEF\xBB\xBF"
                         "1",
                         "2"),
            (Names{"string_form body", "value_changed body"}));
  EXPECT_EQ(compare_json("2",
                         "\xEF\xBB\xBF"
                         "1"),
            (Names{"string_form body", "value_changed body"}));
  EXPECT_EQ(compare_json("[2]", "[\xEF\xBB\xBF 1]"), Names{"parse_failed body"});
  EXPECT_EQ(both.check("[1,2]", "[12]"), (Names{"value_changed /*", "element_removed /*"}));
  EXPECT_EQ(both.check("[1.0,[1.0]]", "[1.00,[1.0]]"), Names{"number_form /*"});
  EXPECT_EQ(both.check(R"(["\u0000",1])", R"(["\u0000",1e400])"), Names{});  // not JSON to the parser
}

TEST(JsonCompareOnlyChange, IsFoundAsOnTheWholeWalkWhateverStandsInItsPlace) {
  BothWays both;
  for (const std::string& text : small_texts) {
    for (const auto& token : tokens_of(text)) {
      for (const std::string& replacement : replacements) {
        both.check(text, replaced(text, token, replacement));
        both.check(replaced(text, token, replacement), text);
      }
    }
  }
}

TEST(JsonCompareOnlyChange, IsFoundAsOnTheWholeWalkWhereverAnOctetIsAnother) {
  const std::string octets = "019-.eE\"\\/{}[]:, \n\tatnu\0\x01\x7F\x80\xC3\xEF\xFF"s;
  BothWays both;
  for (const std::string& text : small_texts) {
    for (std::size_t place = 0; place <= text.size(); ++place) {
      if (place < text.size()) both.check(text, replaced(text, {place, 1}, ""));
      for (const char octet : octets) {
        both.check(text, replaced(text, {place, 0}, std::string(1, octet)));
        if (place < text.size()) both.check(text, replaced(text, {place, 1}, std::string(1, octet)));
      }
    }
  }
}

TEST(JsonCompareOnlyChange, IsFoundAsOnTheWholeWalkInRealBodies) {
  if (corpus().empty()) GTEST_SKIP() << "no corpus at UNDERSTUDY_CORPUS";
  constexpr int changes_a_body = 40;
  BothWays both;
  std::minstd_rand random(20261121);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random()) % limit; };
  for (const std::string& scenario : scenarios) {
    const Recording recording = recordings(scenario).back();
    for (const Recorded& exchange : recording.exchanges) {
      JsonDocument document;
      if (document.parse(exchange.response.body) != JsonDocument::Result::json) continue;
      for (const std::string& text : {exchange.response.body, reindented(exchange.response.body)}) {
        const auto tokens = tokens_of(text);
        if (tokens.empty()) continue;
        for (int i = 0; i < changes_a_body; ++i) {
          std::string other = replaced(text, tokens[below(tokens.size())], replacements[below(replacements.size())]);
          if (i % 4 == 0) {  // a second change, which may fall into the first
            const std::size_t place = below(other.size());
            other = replaced(other, {place, below(3)}, replacements[below(replacements.size())]);
          }
          both.check(text, other);
          both.check(other, text);
        }
      }
    }
  }
}

}  // namespace
}  // namespace understudy::diff::test
