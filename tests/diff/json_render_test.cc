// Values in findings: what differs is to be seen, however far behind the beginning.
#include <gtest/gtest.h>

#include <string>

#include "diff/text_tools.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

const std::string dots = "\xE2\x80\xA6";

Finding finding_of(const std::string& primary, const std::string& other) {
  return findings_of(primary, other).at(0);
}

TEST(JsonRender, ALongStringIsShownFromShortlyBeforeTheDifference) {
  const std::string same(4000, 'x');
  const Finding finding = finding_of("[\"" + same + "one" + same + "\"]", "[\"" + same + "two\"]");
  EXPECT_TRUE(finding.primary_value.starts_with('"' + dots + "xxxxxxxxxxxxone")) << finding.primary_value;
  EXPECT_EQ(finding.other_value, '"' + dots + "xxxxxxxxxxxxtwo\"");
  EXPECT_LE(finding.primary_value.size(), rendering_limit);
}

TEST(JsonRender, AStringIsShownFromItsBeginningWhereThatShowsTheDifference) {
  const std::string same(100, 'x');
  const Finding finding = finding_of("[\"" + same + "one\"]", "[\"" + same + "two\"]");
  EXPECT_EQ(finding.primary_value, '"' + same + "one\"");
  EXPECT_EQ(finding.other_value, '"' + same + "two\"");
}

TEST(JsonRender, WhereverTheDifferenceStandsItIsSeenAndWellFormed) {
  for (const std::string& letter : {std::string("x"), std::string("\xC3\xA9"), std::string("\xF0\x9F\x98\x80"),
                                    std::string("\\n"), std::string("\\\"")}) {
    std::string same;
    for (int i = 0; i < 300; ++i) {
      same += letter;
      const Finding finding =
          finding_of(R"({"a":")" + same + R"(\u00e9 and so on"})", R"({"a":")" + same + R"(\u00e8 and so on"})");
      ASSERT_NE(finding.primary_value, finding.other_value) << i;
      ASSERT_LE(finding.primary_value.size(), rendering_limit);
      ASSERT_EQ(finding.primary_value.find("\xEF\xBF\xBD"), std::string::npos) << finding.primary_value;
    }
  }
}

TEST(JsonRender, OfTwoArraysInAnotherOrderTheFirstElementThatIsAnotherIsSeen) {
  std::string same;
  for (int i = 0; i < 200; ++i) same += "\"element " + std::to_string(i) + "\",";
  const Finding finding = finding_of("[" + same + "\"one\",\"two\"]", "[" + same + "\"two\",\"one\"]");
  EXPECT_EQ(finding.difference_class, DifferenceClass::order_changed);
  EXPECT_NE(finding.primary_value, finding.other_value);
  EXPECT_TRUE(finding.primary_value.ends_with("\"one\",\"two\"]")) << finding.primary_value;
  EXPECT_TRUE(finding.primary_value.starts_with(dots)) << finding.primary_value;
}

TEST(JsonRender, ALongLineOfTextIsShownFromShortlyBeforeTheDifference) {
  Comparer comparer{Settings{}};
  const std::string same(4000, 'x');
  const auto findings = comparer.compare(response_of_type("text/plain", "first\n" + same + "one"),
                                         response_of_type("text/plain", "first\n" + same + "two"));
  EXPECT_EQ(findings.at(0).primary_value, "line 2, octet 4006: " + dots + "xxxxxxxxxxxxone");
  EXPECT_EQ(findings.at(0).other_value, "line 2, octet 4006: " + dots + "xxxxxxxxxxxxtwo");
}

}  // namespace
}  // namespace understudy::diff::test
