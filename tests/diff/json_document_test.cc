// The parser's conduct: the public JSON test suites, texts cut at every octet, places of numbers.
#include "diff/body/json_document.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <string>
#include <vector>

#include "diff/body/decode.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

using Result = JsonDocument::Result;

TEST(JsonDocument, AcceptsAndRejectsAsTheTestSuiteWants) {
  if (corpus().empty()) GTEST_SKIP() << "no corpus at UNDERSTUDY_CORPUS";
  JsonDocument document;
  int accepted = 0;
  int rejected = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus() + "/JSONTestSuite/test_parsing")) {
    const std::string name = entry.path().filename();
    const Result result = document.parse(read_file(entry.path()));
    if (name.starts_with("y_")) {
      EXPECT_EQ(result, Result::json) << name;
      ++accepted;
    } else if (name.starts_with("n_")) {
      EXPECT_NE(result, Result::json) << name;
      ++rejected;
    }
  }
  EXPECT_EQ(accepted, 95);
  EXPECT_GE(rejected, 180);
}

TEST(JsonDocument, EveryPairOfTheTransformCasesIsToldApart) {
  if (corpus().empty()) GTEST_SKIP() << "no corpus at UNDERSTUDY_CORPUS";
  std::vector<std::pair<std::string, std::string>> cases;
  for (const auto& entry : std::filesystem::directory_iterator(corpus() + "/JSONTestSuite/test_transform")) {
    cases.emplace_back(entry.path().filename(), read_file(entry.path()));
  }
  EXPECT_EQ(cases.size(), 22U);
  for (const auto& [name, text] : cases) {
    const bool utf8 = name.find("invalid_codepoint") == std::string::npos || name.find("escaped") != std::string::npos;
    EXPECT_EQ(compare_json(text, text + " "), utf8 ? Names{} : Names{"body_changed body"}) << name;
    for (const auto& [other_name, other_text] : cases) {
      // The two spellings of keys hold the same two keys in another order, and two texts may be the same.
      const bool same = name == other_name || text == other_text ||
                        (name.starts_with("object_key_nf") && other_name.starts_with("object_key_nf"));
      if (same) continue;
      EXPECT_NE(compare_json(text, other_text), Names{}) << name << " " << other_name;
    }
  }
}

// The suite's documents and expectations: equal exactly where a structural comparison of the parsed values says so.
TEST(JsonDocument, DocumentsOfThePatchTestsDifferExactlyWhereTheyAreNotEqual) {
  if (corpus().empty()) GTEST_SKIP() << "no corpus at UNDERSTUDY_CORPUS";
  std::vector<std::string> documents;
  for (const char* const file : {"tests.json", "spec_tests.json"}) {
    simdjson::dom::parser parser;
    for (const auto record : simdjson::dom::array(parser.load(corpus() + "/json-patch-tests/" + file))) {
      for (const char* const key : {"doc", "expected"}) {
        simdjson::dom::element document;
        if (record[key].get(document) == simdjson::SUCCESS) documents.push_back(simdjson::minify(document));
      }
    }
  }
  EXPECT_GT(documents.size(), 150U);
  // With the keys sorted, equal documents are equal texts.
  std::vector<std::string> canonical;
  for (const std::string& document : documents) canonical.push_back(with_keys_sorted(document));
  for (std::size_t i = 0; i < documents.size(); ++i) {
    for (std::size_t j = 0; j < documents.size(); ++j) {
      EXPECT_EQ(compare_json(documents[i], documents[j] + " ").empty(), canonical[i] == canonical[j])
          << documents[i] << "\n"
          << documents[j];
    }
  }
}

TEST(JsonDocument, ATextCutAnywhereIsNoJson) {
  const std::string text = R"({"a":[1,-2.5e+10,1e999,"\ud800x\u00e9",true,false,null,{"b":{}}],"c":"😀"})";
  JsonDocument document;
  ASSERT_EQ(document.parse(text), Result::json);
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_EQ(document.parse(text.substr(0, length)), Result::not_json) << length;
    std::string padded = text.substr(0, length);
    padded.reserve(length + parser_padding);
    EXPECT_EQ(document.parse(padded), Result::not_json) << length;
    EXPECT_EQ(compare_json(text, text.substr(0, length)), Names{"parse_failed body"}) << length;
  }
}

TEST(JsonDocument, RewritesOnlyWhatIsLegal) {
  JsonDocument document;
  EXPECT_EQ(document.parse("[1e999]"), Result::json);
  EXPECT_EQ(document.parse("[1e999x]"), Result::not_json);
  EXPECT_EQ(document.parse("[01e999]"), Result::not_json);
  EXPECT_EQ(document.parse("[1e999.5]"), Result::not_json);
  EXPECT_EQ(document.parse("[\"a\"1e999]"), Result::not_json);
  EXPECT_EQ(document.parse("{1e999:1}"), Result::not_json);
  EXPECT_EQ(document.parse("{1e999 :1}"), Result::not_json);
  EXPECT_EQ(document.parse("1e999"), Result::json);
  EXPECT_EQ(document.parse("[1e-999]"), Result::json);
  EXPECT_EQ(document.parse("[\"\\ud800\", 99999999999999999999]"), Result::json);
  EXPECT_EQ(document.parse("[\"\\ud800\\\"]"), Result::not_json);
  // A text that spells the beginning of a mark is not rewritten, lest a string be taken for a number.
  EXPECT_EQ(document.parse("[\"\\u0000number:1e999\", 1e999]"), Result::not_json);
  EXPECT_EQ(document.parse("[\"\\u0000number:1e999\"]"), Result::json);
  EXPECT_EQ(document.type(document.first(document.root())), JsonType::string);
}

TEST(JsonDocument, KnowsEveryNumberAsWritten) {
  const std::string text = R"({"a":1.50,"b":[-0, 2e0 ,"3",18446744073709551616,{"c":-4.5E-1}],"d":1e999,"e":7})";
  JsonDocument document;
  ASSERT_EQ(document.parse(text), Result::json);
  std::vector<std::string> numbers;
  const auto collect = [&](const auto& self, JsonDocument::Node node) -> void {
    switch (document.type(node)) {
      case JsonType::object:
        for (auto key = document.first(node); key < document.end(node); key = document.next(key + 1))
          self(self, key + 1);
        break;
      case JsonType::array:
        for (auto element = document.first(node); element < document.end(node); element = document.next(element))
          self(self, element);
        break;
      case JsonType::number:
        numbers.emplace_back(document.number_text(node));
        break;
      default:
        break;
    }
  };
  collect(collect, document.root());
  EXPECT_EQ(numbers, (Names{"1.50", "-0", "2e0", "18446744073709551616", "-4.5E-1", "1e999", "7"}));
}

TEST(JsonDocument, ParsesAgainAfterLargeTexts) {
  JsonDocument document;
  const std::string large = "[\"" + std::string(3'000'000, 'x') + "\"]";
  ASSERT_EQ(document.parse(large), Result::json);
  document.shrink();
  ASSERT_EQ(document.parse("[1]"), Result::json);
  EXPECT_EQ(document.signed_integer(document.first(document.root())), 1);
}

TEST(JsonDocument, KnowsWhereScalarsStandAndTheWayToThem) {
  const std::string text = R"({"a":[[],{"b": 12 ,"c":"x"},-1.5],"d":true})";
  JsonDocument document;
  ASSERT_EQ(document.parse(text), Result::json);
  const auto scalar_at = [&](std::size_t place) {
    const auto scalar = document.scalar_at(place);
    return scalar ? text.substr(scalar->begin, scalar->end - scalar->begin) : "none";
  };
  const std::size_t number = text.find("12");
  EXPECT_EQ(scalar_at(number - 1), "none");  // still at the colon
  EXPECT_EQ(scalar_at(number), "12 ");
  EXPECT_EQ(scalar_at(number + 3), "12 ");  // the comma behind
  EXPECT_EQ(scalar_at(text.find("\"c\"")), "none");
  EXPECT_EQ(scalar_at(text.find("\"x\"") + 2), "\"x\"");
  EXPECT_EQ(scalar_at(text.find("]]") + 1), "none");
  EXPECT_EQ(scalar_at(text.size() - 1), "true");
  EXPECT_EQ(scalar_at(text.size()), "none");

  std::vector<JsonDocument::Step> way;
  JsonDocument::Node node = document.locate(*document.scalar_at(number), way);
  EXPECT_EQ(document.number_text(node), "12");
  ASSERT_EQ(way.size(), 3U);
  EXPECT_EQ(document.string(way[0].key), "b");
  EXPECT_EQ(document.first(way[0].container), way[0].key);
  EXPECT_EQ(way[1].key, 0U);
  EXPECT_EQ(way[1].index, 1U);
  EXPECT_EQ(document.string(way[2].key), "a");
  EXPECT_EQ(way[2].container, document.root());
  node = document.locate(*document.scalar_at(text.find("-1.5")), way);
  EXPECT_EQ(document.number_text(node), "-1.5");
  ASSERT_EQ(way.size(), 2U);
  EXPECT_EQ(way[0].index, 2U);

  const std::string scalar = " 1";
  ASSERT_EQ(document.parse(scalar), Result::json);
  EXPECT_FALSE(document.scalar_at(0));  // white space
  EXPECT_EQ(document.locate(*document.scalar_at(1), way), document.root());
  EXPECT_TRUE(way.empty());
  ASSERT_EQ(document.parse("[1e999,1]"), Result::json);
  EXPECT_FALSE(document.scalar_at(7));  // rewritten
}

}  // namespace
}  // namespace understudy::diff::test
