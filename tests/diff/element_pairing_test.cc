// Elements of arrays that come in any order: what belongs together is compared, and only that.
#include "diff/body/element_pairing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

using Elements = std::vector<std::string>;

std::string array_of(const Elements& elements) {
  std::string text = "[";
  for (const std::string& element : elements) text += (text.size() > 1 ? "," : "") + element;
  return text + "]";
}

Elements shuffled(Elements elements, unsigned seed) {
  std::mt19937 random(seed);
  const Elements before = elements;
  while (elements == before) std::shuffle(elements.begin(), elements.end(), random);
  return elements;
}

Names compare(const Elements& primary, const Elements& other, const Settings& settings = {}) {
  return compare_json(R"({"list":)" + array_of(primary) + "}", R"({"list":)" + array_of(other) + "}", settings);
}

// Eight things, each with a member `name` that tells it and one that varies with `salt`.
Elements things(const std::string& name, int salt = 0, const std::string& more = "") {
  Elements result;
  for (int i = 0; i < 8; ++i) {
    const std::string n = std::to_string(i);
    result.push_back("{\"at\":" + std::to_string(1'700'000'000'000 + i * 13 + salt) + ",\"" + name + "\":\"n" + n +
                     "\",\"kind\":\"" + (i % 2 == 0 ? "a" : "b") + "\",\"price\":" + std::to_string(100 + i) + more +
                     "}");
  }
  return result;
}

TEST(ElementPairing, AnotherOrderIsSaidOnceAndNothingElse) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(compare(things("id"), shuffled(things("id"), seed)), Names{"order_changed /list"}) << seed;
    const Elements scalars{"1", "2", "\"x\"", "null", "[1]", "true", "1", "{}"};
    EXPECT_EQ(compare(scalars, shuffled(scalars, seed)), Names{"order_changed /list"}) << seed;
  }
}

TEST(ElementPairing, ElementsThatVaryArePairedByTheirIdentity) {
  unsigned seed = 0;
  for (const std::string_view name : identity_names) {
    EXPECT_EQ(compare(things(std::string(name)), shuffled(things(std::string(name), 5), ++seed)),
              (Names{"order_changed /list", "value_changed /list/*/at"}))
        << name;
    EXPECT_EQ(compare(things(std::string(name)), things(std::string(name), 5)), Names{"value_changed /list/*/at"})
        << name;
  }
}

TEST(ElementPairing, AFieldAddedToAShuffledListIsTheOnlyOtherDifference) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    Elements other = things("uuid", 0, R"(,"tax":1)");
    EXPECT_EQ(compare(things("uuid"), shuffled(other, seed)),
              (Names{"order_changed /list", "field_added /list/*/tax"}));
    EXPECT_EQ(compare(shuffled(other, seed), things("uuid")),
              (Names{"order_changed /list", "field_removed /list/*/tax"}));
  }
}

TEST(ElementPairing, AChangeInAReversedListIsTheOnlyOtherDifference) {
  for (std::size_t place = 0; place < 8; ++place) {
    for (const char* const name : {"id", "sha", "title"}) {
      Elements other = things(name);
      other[place].replace(other[place].find("\"price\":") + 8, 3, "777");
      std::reverse(other.begin(), other.end());
      EXPECT_EQ(compare(things(name), other), (Names{"order_changed /list", "value_changed /list/*/price"}))
          << name << place;
    }
  }
}

TEST(ElementPairing, WithoutAnIdentityTheMostAlikeBelongTogether) {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    EXPECT_EQ(compare(things("title"), shuffled(things("title", 5), seed)),
              (Names{"order_changed /list", "value_changed /list/*/at"}))
        << seed;
    Elements wrapped = things("id");
    Elements other = things("id", 5);
    for (Elements* const elements : {&wrapped, &other}) {
      for (std::string& element : *elements) element = R"({"cursor":null,"node":)" + element + "}";
    }
    EXPECT_EQ(compare(wrapped, shuffled(other, seed)), (Names{"order_changed /list", "value_changed /list/*/node/at"}))
        << seed;
  }
  EXPECT_EQ(compare(things("title"), things("title", 5)), Names{"value_changed /list/*/at"});
}

TEST(ElementPairing, AnElementInsertedOrRemovedIsOneDifference) {
  for (std::size_t place = 0; place < 8; ++place) {
    Elements shorter = things("key", 5);
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(place));
    Names removed = compare(things("key"), shorter);
    Names added = compare(shorter, things("key"));
    std::sort(removed.begin(), removed.end());
    std::sort(added.begin(), added.end());
    EXPECT_EQ(removed, (Names{"element_removed /list/*", "value_changed /list/*/at"})) << place;
    EXPECT_EQ(added, (Names{"element_added /list/*", "value_changed /list/*/at"})) << place;
    const Elements exact = things("key");
    Elements fewer = exact;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(place));
    EXPECT_EQ(compare(exact, fewer), Names{"element_removed /list/*"}) << place;
    EXPECT_EQ(compare(exact, shuffled(fewer, 7)), (Names{"order_changed /list", "element_removed /list/*"})) << place;
  }
  // A page that has moved on by one.
  EXPECT_EQ(compare({"1", "2", "3", "4"}, {"9", "1", "2", "3"}),
            (Names{"element_removed /list/*", "element_added /list/*"}));
  Elements page = things("id");
  page.insert(page.begin(), R"({"at":1,"id":"new","kind":"a","price":100})");
  page.pop_back();
  EXPECT_EQ(compare(things("id"), page), (Names{"element_removed /list/*", "element_added /list/*"}));
}

TEST(ElementPairing, OnlyOneOfManyLeftIsToldByItsOwnDifference) {
  EXPECT_EQ(compare_json(R"([{"id":"P"},{"id":"Q"},{"id":"R","at":{"x":1,"y":2,"z":3}}])",
                         R"([{"id":"R","at":{"y":2,"z":3}}])"),
            (Names{"element_removed /*", "field_removed /*/at/x"}));
  EXPECT_EQ(compare_json(R"([{"code":7,"n":1},{"code":8,"n":2},{"code":9,"n":3}])", R"([{"code":9,"n":4}])"),
            (Names{"element_removed /*", "value_changed /*/n"}));
}

TEST(ElementPairing, AnIdentityThatIsAnotherEachTimeIsNone) {
  // Identifiers made up for each response, and one that all have: the names tell.
  Elements primary;
  Elements other;
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    primary.push_back(R"({"uuid":"p)" + n + R"(","code":5,"name":"n)" + n + R"(","at":)" + n + "}");
    other.push_back(R"({"uuid":"q)" + n + R"(","code":5,"name":"n)" + n + R"(","at":)" + std::to_string(i + 50) + "}");
  }
  std::reverse(other.begin(), other.end());
  EXPECT_EQ(compare(primary, other),
            (Names{"order_changed /list", "value_changed /list/*/uuid", "value_changed /list/*/at"}));
  // One that is the same in all of them pairs nothing by position.
  EXPECT_EQ(compare({R"({"id":1,"v":"a","w":"b"})", R"({"id":1,"v":"c","w":"d"})"},
                    {R"({"id":1,"v":"c","w":"e"})", R"({"id":1,"v":"a","w":"f"})"}),
            (Names{"order_changed /list", "value_changed /list/*/w"}));
}

TEST(ElementPairing, WhatIsRepeatedKeepsItsOrder) {
  EXPECT_EQ(compare({"1", "2", "1", "7"}, {"2", "1", "8"}),
            (Names{"element_removed /list/*", "value_changed /list/*"}));
  EXPECT_EQ(compare({"0", "1", "0", "1", "9"}, {"1", "0", "1", "8"}),
            (Names{"element_removed /list/*", "value_changed /list/*"}));
  EXPECT_EQ(compare({"5", "5", "6"}, {"5", "6", "6"}), Names{"value_changed /list/*"});
  EXPECT_EQ(compare({"1", "2", "1"}, {"2", "1", "1"}), Names{"order_changed /list"});
}

TEST(ElementPairing, ValuesOfAListThatAreOthersAreThoseInTheirPlaces) {
  EXPECT_EQ(compare({"1", "2", "3", "4", "5"}, {"1", "7", "3", "8", "5"}), Names{"value_changed /list/*"});
  EXPECT_EQ(compare({"1", "2", "3", "4"}, {"4", "2", "9", "1"}),
            (Names{"order_changed /list", "value_changed /list/*"}));
  EXPECT_EQ(compare({"1.0", "2"}, {"2", "1.00"}), (Names{"order_changed /list", "number_form /list/*"}));
  EXPECT_EQ(compare({"[1,2]", "[3,4]"}, {"[3,4,5]", "[1,2]"}),
            (Names{"element_removed /list/*", "element_added /list/*"}));
}

TEST(ElementPairing, PointersLeadToTheElementOnEachSide) {
  Elements other = things("id");
  std::reverse(other.begin(), other.end());
  other[0].replace(other[0].find("107"), 3, "999");
  const auto findings =
      findings_of(R"({"list":)" + array_of(things("id")) + "}", R"({"list":)" + array_of(other) + "}");
  ASSERT_EQ(names_of(findings), (Names{"order_changed /list", "value_changed /list/*/price"}));
  EXPECT_EQ(findings[1].primary_pointer, "/list/7/price");
  EXPECT_EQ(findings[1].other_pointer, "/list/0/price");
}

TEST(ElementPairing, SetsHaveNoOrderToSpeakOf) {
  Settings sets;
  sets.arrays = ArrayMode::set;
  EXPECT_EQ(compare(things("id"), shuffled(things("id"), 1), sets), Names{});
  EXPECT_EQ(compare(things("id"), shuffled(things("id", 5), 2), sets), Names{"value_changed /list/*/at"});
  EXPECT_EQ(compare({"1", "2", "3"}, {"3", "1"}, sets), Names{"element_removed /list/*"});
}

// Random arrays of small values: swapping the sides mirrors what is said, permuting says the order and nothing else,
// and what is said of the order does not depend on where the elements stood.
TEST(ElementPairing, SaysTheSameFromBothSides) {
  std::mt19937 random(11);
  const auto pick = [&](unsigned count) { return static_cast<int>(random() % count); };
  const auto element = [&] {
    const std::string n = std::to_string(pick(4));
    switch (pick(5)) {
      case 0:
        return n;
      case 1:
        return "[" + n + "," + std::to_string(pick(3)) + "]";
      case 2:
        return R"({"id":)" + n + R"(,"v":)" + std::to_string(pick(3)) + "}";
      default:
        return R"({"t":)" + n + R"(,"v":)" + std::to_string(pick(3)) + R"(,"w":{"x":)" + std::to_string(pick(2)) + "}}";
    }
  };
  for (int run = 0; run < 3000; ++run) {
    Elements primary;
    Elements other;
    for (int i = pick(7); i >= 0; --i) primary.push_back(element());
    for (int i = pick(7); i >= 0; --i) other.push_back(element());
    if (pick(2) == 0) other.insert(other.end(), primary.begin(), primary.end());
    std::shuffle(other.begin(), other.end(), random);
    Names names = compare(primary, other);
    Names mirrored = compare(other, primary);
    for (std::string& name : mirrored) {
      const auto space = name.find(' ');
      if (name.substr(0, space).ends_with("_removed")) {
        name = name.substr(0, space - 7) + "added" + name.substr(space);
      } else if (name.substr(0, space).ends_with("_added")) {
        name = name.substr(0, space - 5) + "removed" + name.substr(space);
      }
    }
    std::sort(names.begin(), names.end());
    std::sort(mirrored.begin(), mirrored.end());
    ASSERT_EQ(names, mirrored) << array_of(primary) << "\n" << array_of(other);
    Elements permuted = primary;
    std::shuffle(permuted.begin(), permuted.end(), random);
    const Names order = compare(primary, permuted);
    ASSERT_EQ(order, permuted == primary ? Names{} : Names{"order_changed /list"}) << array_of(permuted);
    ASSERT_EQ(compare(primary, primary), Names{});
  }
}

}  // namespace
}  // namespace understudy::diff::test
