// Every class from status_class to body_changed planted once, at three depths of real bodies: found exactly once, at
// its path, and nothing else.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "diff/body/enumeration.h"
#include "diff/text_tools.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

// An object inside of a recorded response.
struct Place {
  Response response;
  std::string pointer;
  std::string pattern;
};

class Mutation : public testing::Test {
 protected:
  void SetUp() override {
    if (corpus().empty()) GTEST_SKIP() << "no corpus at UNDERSTUDY_CORPUS";
    const auto exchanges = recordings("release-assets").back().exchanges;
    places_ = {{exchanges[3].response, "", ""},
               {exchanges[3].response, "/author", "/author"},
               {exchanges[5].response, "/0/uploader", "/*/uploader"}};
  }

  // Changes the member `name` of each place; the primary has `prepared` members behind "id" first.
  void expect(const std::string& name, Edit edit, const std::string& text, const std::string& class_and_field,
              const std::string& prepared = "") {
    for (const Place& place : places_) {
      Response primary = place.response;
      if (!prepared.empty()) primary.body = edited(primary.body, place.pointer + "/id", Edit::insert_behind, prepared);
      Response other = primary;
      other.body = edited(primary.body, place.pointer + "/" + name, edit, text);
      ASSERT_NE(other.body, primary.body);
      const auto space = class_and_field.find(' ');
      const std::string expected =
          class_and_field.substr(0, space + 1) + place.pattern + "/" + class_and_field.substr(space + 1);
      EXPECT_EQ(compare_responses(primary, other), Names{expected});
    }
  }

  std::vector<Place> places_;
};

TEST_F(Mutation, AFieldRemovedIsFoundAtItsPath) {
  expect("node_id", Edit::remove, "", "field_removed node_id");
}
TEST_F(Mutation, AFieldAddedIsFoundAtItsPath) {
  expect("node_id", Edit::insert_behind, R"("planted":1)", "field_added planted");
}
TEST_F(Mutation, ATypeChangedIsFoundAtItsPath) {
  expect("id", Edit::replace, R"("31898046")", "type_changed id");
}
TEST_F(Mutation, AValueThatBecameNullIsFoundAtItsPath) {
  expect("url", Edit::replace, "null", "became_null url");
}
TEST_F(Mutation, AFormatChangedIsFoundAtItsPath) {
  expect("url", Edit::replace, R"("octokit")", "format_changed url");
}
TEST_F(Mutation, AValueChangedIsFoundAtItsPath) {
  expect("id", Edit::replace, "7", "value_changed id");
}
TEST_F(Mutation, ANumberInAnotherFormIsFoundAtItsPath) {
  expect("count", Edit::replace, "12.0", "number_form count", R"("count":12)");
}
TEST_F(Mutation, AStringInAnotherFormIsFoundAtItsPath) {
  expect("text", Edit::replace, R"("caf\u0065\u0301\r\n")", "string_form text", R"("text":"caf\u00e9\n")");
}
TEST_F(Mutation, ARepeatedKeyIsFoundAtItsPath) {
  expect("count", Edit::insert_behind, R"("count":12)", "duplicate_key count", R"("count":12)");
}
TEST_F(Mutation, AnElementRemovedIsFoundAtItsPath) {
  expect("list/2", Edit::remove, "", "element_removed list/*", R"("list":[1,2,3])");
}
TEST_F(Mutation, AnElementAddedIsFoundAtItsPath) {
  expect("list/0", Edit::insert_behind, "9", "element_added list/*", R"("list":[1,2,3])");
}
TEST_F(Mutation, AnotherOrderIsFoundAtThePathOfTheArray) {
  expect("list", Edit::replace, R"([{"b":2,"a":1},2,1])", "order_changed list", R"("list":[1,2,{"a":1,"b":2}])");
}

TEST_F(Mutation, AValueThatProductionNeverSendsIsFoundAtItsPath) {
  for (const Place& place : places_) {
    Enumerations enumerations;
    for (int i = 0; i < 60; ++i) enumerations.learn("GET /releases", place.response);
    Response other = place.response;
    other.body = edited(other.body, place.pointer + "/id", Edit::replace, "7");
    Comparer comparer{Settings{}};
    auto findings = comparer.compare(place.response, other);
    enumerations.reclassify("GET /releases", findings);
    EXPECT_EQ(names_of(findings), Names{"value_novel " + place.pattern + "/id"});
  }
}

TEST_F(Mutation, ABrokenDocumentIsFoundAsTheBody) {
  for (const Place& place : places_) {
    Response other = place.response;
    other.body = edited(other.body, place.pointer + "/id", Edit::replace, "{");
    EXPECT_EQ(compare_responses(place.response, other), Names{"parse_failed body"});
    EXPECT_EQ(compare_responses(other, place.response), Names{"parse_failed body"});
  }
}

TEST_F(Mutation, StatusAndHeaderFieldsAreFoundAtTheirPaths) {
  for (const Place& place : places_) {
    Response other = place.response;
    other.status = 503;
    other.body = "no";
    other.fields.clear();
    EXPECT_EQ(compare_responses(place.response, other), Names{"status_class status"});
    other = place.response;
    other.status = 203;
    EXPECT_EQ(compare_responses(place.response, other), Names{"status_code status"});
    for (Field& field : other.fields) {
      if (ascii_lower(field.name) == "content-type") field.value = "application/vnd.github+json";
    }
    other.status = place.response.status;
    EXPECT_EQ(compare_responses(place.response, other), Names{"content_type header:content-type"});
    other = place.response;
    other.fields.push_back({"X-Planted", "1"});
    EXPECT_EQ(compare_responses(place.response, other), Names{"header_added header:x-planted"});
    EXPECT_EQ(compare_responses(other, place.response), Names{"header_removed header:x-planted"});
    Response changed = other;
    changed.fields.back().value = "2";
    EXPECT_EQ(compare_responses(other, changed), Names{"header_changed header:x-planted"});
  }
}

TEST_F(Mutation, AChangedTextIsFoundAsTheBodyWhereverItChanged) {
  const Response page = recordings("markdown").back().exchanges.front().response;
  for (const std::size_t place : {std::size_t{0}, page.body.size() / 2, page.body.size() - 1}) {
    Response other = page;
    other.body[place] = '#';
    EXPECT_EQ(compare_responses(page, other), Names{"body_changed body"});
  }
}

}  // namespace
}  // namespace understudy::diff::test
