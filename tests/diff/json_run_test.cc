// Runs of equal tokens: where they end, wherever the difference stands.
#include "diff/body/json_run.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace understudy::diff::test {
namespace {

// Enough elements for several of the stretches that are compared at once; of some kinds one token, of others more.
std::vector<std::string> mixed_elements() {
  std::vector<std::string> elements;
  for (int i = 0; i < 900; ++i) {
    const std::string number = std::to_string(i);
    switch (i % 7) {
      case 0:
        elements.push_back("\"text " + number + "\"");
        break;
      case 1:
        elements.push_back(number);
        break;
      case 2:
        elements.push_back("{\"a\":" + number + ",\"b\":[]}");
        break;
      case 3:
        elements.push_back("true");
        break;
      case 4:
        elements.push_back(number + ".50");
        break;
      case 5:
        elements.push_back("\"\"");
        break;
      default:
        elements.push_back("[null,\"" + number + "\"]");
    }
  }
  return elements;
}

std::string array_of(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const std::string& element : elements) text += (text.size() > 1 ? "," : "") + element;
  return text + "]";
}

struct Pair {
  JsonDocument primary;
  JsonDocument other;
  std::string primary_text;
  std::string other_text;
  JsonRun run{primary, other};
  std::uint64_t words = 0;

  Pair(std::string text, std::string changed_text)
      : primary_text(std::move(text)), other_text(std::move(changed_text)) {
    EXPECT_EQ(primary.parse(primary_text), JsonDocument::Result::json);
    EXPECT_EQ(other.parse(other_text), JsonDocument::Result::json);
    run.start();
  }
  JsonDocument::Node extent() {
    return run.extent(primary.first(primary.root()), other.first(other.root()), primary.end(primary.root()), words);
  }
};

TEST(JsonRun, GoesToTheEndOfEqualTexts) {
  const std::string text = array_of(mixed_elements());
  Pair pair(text, text);
  EXPECT_EQ(pair.extent(), pair.primary.end(pair.primary.root()));
}

TEST(JsonRun, EndsAtTheElementThatDiffersWhereverItStandsAndHowever) {
  const std::vector<std::string> elements = mixed_elements();
  for (const std::string replacement :
       {"\"next 0\"", "\"a longer text than there was\"", "false", "-1", "[1]", "0.5"}) {
    for (std::size_t changed = 0; changed < elements.size(); changed += 1 + changed % 3) {
      std::vector<std::string> other_elements = elements;
      other_elements[changed] = replacement;
      Pair pair(array_of(elements), array_of(other_elements));
      JsonDocument::Node first = pair.primary.first(pair.primary.root());
      for (std::size_t i = 0; i < changed; ++i) first = pair.primary.next(first);
      const JsonDocument::Node end = pair.extent();
      ASSERT_GE(end, first) << changed << " " << replacement;
      ASSERT_LT(end, pair.primary.next(first)) << changed << " " << replacement;
      // What was found is known, and what lies behind begins anew.
      const std::uint64_t words = pair.words;
      ASSERT_EQ(pair.extent(), end);
      ASSERT_EQ(pair.words, words);
      JsonDocument::Node other_first = pair.other.first(pair.other.root());
      for (std::size_t i = 0; i < changed; ++i) other_first = pair.other.next(other_first);
      const JsonDocument::Node limit = pair.primary.end(pair.primary.root());
      ASSERT_EQ(pair.run.extent(pair.primary.next(first), pair.other.next(other_first), limit, pair.words), limit)
          << changed << " " << replacement;
    }
  }
}

// The number's word begins as that of a string does.
TEST(JsonRun, TakesNoNumberForAString) {
  const std::string number = std::to_string(std::uint64_t{'"'} << 56 | 1);
  Pair pair("[\"a\"," + number + ",\"b\"," + number + ",\"c\"]", "[\"a\"," + number + ",\"b\"," + number + ",\"d\"]");
  EXPECT_EQ(pair.extent(), pair.primary.first(pair.primary.root()) + 6);
}

TEST(JsonRun, EndsAtAnElementThatTheOtherSideDoesNotHave) {
  std::vector<std::string> elements = mixed_elements();
  const std::string text = array_of(elements);
  elements.pop_back();
  Pair pair(text, array_of(elements));
  EXPECT_LT(pair.extent(), pair.primary.end(pair.primary.root()));
}

TEST(JsonRun, HoldsNumbersOfOneFormOnly) {
  Pair pair("[1,2.50,3]", "[1,2.5,3]");
  EXPECT_EQ(pair.extent(), pair.primary.first(pair.primary.root()) + 2);
}

TEST(JsonRun, IsEmptyWhereATextHadToBeRewritten) {
  Pair pair("[1e999]", "[1e999]");
  EXPECT_EQ(pair.extent(), pair.primary.first(pair.primary.root()));
}

}  // namespace
}  // namespace understudy::diff::test
