#include <gtest/gtest.h>

#include "diff/endpoint/templates.h"

namespace understudy::diff {
namespace {

PathTemplates templates(std::initializer_list<std::string_view> texts) {
  PathTemplates result;
  for (const std::string_view text : texts) {
    result.add(text);
  }
  return result;
}

TEST(PathTemplates, ALiteralWinsOverAPlaceholder) {
  const auto known = templates({"/user/{id}", "/user/repos"});
  EXPECT_EQ(known.match("GET", "/user/repos"), "/user/repos");
  EXPECT_EQ(known.match("GET", "/user/17"), "/user/{id}");
}

TEST(PathTemplates, ABranchThatLeadsNowhereIsLeft) {
  const auto known = templates({"/repos/search/top", "/repos/{owner}/{repo}", "/{a}/search/{b}/c"});
  EXPECT_EQ(known.match("GET", "/repos/search/linux"), "/repos/{owner}/{repo}");
  EXPECT_EQ(known.match("GET", "/repos/search/top"), "/repos/search/top");
  EXPECT_EQ(known.match("GET", "/repos/search/top/c"), "/{a}/search/{b}/c");
}

TEST(PathTemplates, APlaceholderStandsForOneSegmentThatIsNotEmpty) {
  const auto known = templates({"/orders/{id}"});
  EXPECT_FALSE(known.match("GET", "/orders/"));
  EXPECT_FALSE(known.match("GET", "/orders"));
  EXPECT_FALSE(known.match("GET", "/orders/1/2"));
  EXPECT_FALSE(known.match("GET", "*"));
  EXPECT_FALSE(known.match("GET", ""));
}

TEST(PathTemplates, APlaceholderMayStandInTheMiddleOfASegment) {
  const auto known = templates({"/files/{name}", "/files/{name}.json", "/files/v{n}.json"});
  EXPECT_EQ(known.match("GET", "/files/a"), "/files/{name}");
  EXPECT_EQ(known.match("GET", "/files/a.json"), "/files/{name}.json");
  EXPECT_EQ(known.match("GET", "/files/v2.json"), "/files/v{n}.json");
  EXPECT_EQ(known.match("GET", "/files/.json"), "/files/{name}");
}

TEST(PathTemplates, AMethodMayBeNamed) {
  const auto known = templates({"GET /orders/{id}", "DELETE /orders/{key}", "/carts/{id}"});
  EXPECT_EQ(known.match("GET", "/orders/1"), "/orders/{id}");
  EXPECT_EQ(known.match("DELETE", "/orders/1"), "/orders/{key}");
  EXPECT_FALSE(known.match("PUT", "/orders/1"));
  EXPECT_EQ(known.match("PUT", "/carts/1"), "/carts/{id}");
}

TEST(PathTemplates, TheRootAndATrailingSlashAreResourcesOfTheirOwn) {
  const auto known = templates({"/", "/orders", "/orders/"});
  EXPECT_EQ(known.match("GET", "/"), "/");
  EXPECT_EQ(known.match("GET", "/orders"), "/orders");
  EXPECT_EQ(known.match("GET", "/orders/"), "/orders/");
}

TEST(PathTemplates, AskewBracesAreLiterals) {
  const auto known = templates({"/a}{b", "/{"});
  EXPECT_EQ(known.match("GET", "/a}{b"), "/a}{b");
  EXPECT_EQ(known.match("GET", "/{"), "/{");
  EXPECT_FALSE(known.match("GET", "/x"));
}

}  // namespace
}  // namespace understudy::diff
