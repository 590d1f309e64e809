// What is said of bodies that are not compared by structure.
#include "diff/body/text_lines.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

std::string lines(int count, const std::string& line = "line ") {
  std::string text;
  for (int i = 0; i < count; ++i) text += line + std::to_string(i) + "\n";
  return text;
}

TEST(TextLines, AnyOfFewLinesOrATenthOfManyIsAChange) {
  EXPECT_FALSE(compare_lines(lines(10), lines(10, "other ")).lines_changed);
  EXPECT_TRUE(compare_lines(lines(10), lines(11)).lines_changed);
  EXPECT_TRUE(compare_lines(lines(11), lines(10)).lines_changed);
  EXPECT_FALSE(compare_lines(lines(10), lines(10) + "\n \n").lines_changed);
  EXPECT_FALSE(compare_lines(lines(1000), lines(1010)).lines_changed);
  EXPECT_TRUE(compare_lines(lines(1000), lines(1200)).lines_changed);
  EXPECT_TRUE(compare_lines(lines(10), "").lines_changed);
}

TEST(TextLines, AnElementLostIsSeenInATextOfOneLine) {
  EXPECT_FALSE(compare_lines("<o><at>17</at><total>9</total></o>", "<o><at>18</at><total>8</total></o>").lines_changed);
  EXPECT_TRUE(compare_lines("<o><at>17</at><total>9</total></o>", "<o><at>18</at></o>").lines_changed);
  EXPECT_TRUE(compare_lines("at=17&amount=9", "at=18").lines_changed);
  EXPECT_TRUE(compare_lines("a,1,2\nb,3,4\n", "a,1\nb,3\n").lines_changed);
}

TEST(TextLines, TheShareInCommonIsOfTheOthersLines) {
  EXPECT_EQ(compare_lines(lines(10), lines(10)).in_common, 1);
  EXPECT_EQ(compare_lines(lines(10), lines(5)).in_common, 1);
  EXPECT_EQ(compare_lines(lines(5), lines(10)).in_common, 0.5);
  EXPECT_EQ(compare_lines(lines(5), lines(5, "other ")).in_common, 0);
  EXPECT_EQ(compare_lines("a\nb\n", "b\r\n\r\n  a").in_common, 1);
  EXPECT_EQ(compare_lines("a\nb\n", "a\na\n").in_common, 0.5);
  EXPECT_EQ(compare_lines("a", "").in_common, 0);
  EXPECT_EQ(compare_lines("", "").in_common, 1);
  EXPECT_EQ(compare_lines("", "a").in_common, 0);
}

TEST(TextLines, AreCountedUpToTheirLimit) {
  const auto difference = compare_lines(lines(30'000), lines(40'000));
  EXPECT_FALSE(difference.lines_changed);
  EXPECT_EQ(difference.in_common, 1);
}

// Of the comparison as a whole.
Finding body_finding(const std::string& type, const std::string& primary, const std::string& other) {
  Comparer comparer{Settings{}};
  return comparer.compare(response_of_type(type, primary), response_of_type(type, other)).at(0);
}
bool has(const Finding& finding, DifferenceClass aspect) {
  return (finding.aspects & bit_of(aspect)) != 0;
}

TEST(TextLines, ABodyOfTextSaysWhatElseHolds) {
  Finding finding = body_finding("text/html", lines(10) + "token 17", lines(10) + "token 18");
  EXPECT_EQ(finding.difference_class, DifferenceClass::body_changed);
  EXPECT_EQ(finding.aspects, 0U);
  EXPECT_NE(finding.other_hash, 0U);
  EXPECT_EQ(finding.lines_in_common, 10.0 / 11);
  const std::uint64_t hash = finding.other_hash;
  EXPECT_EQ(body_finding("text/html", lines(10) + "token 19", lines(10) + "token 18").other_hash, hash);

  finding = body_finding("text/html", lines(10) + "token 17", "Oops, something went wrong");
  EXPECT_TRUE(has(finding, DifferenceClass::length_changed));
  EXPECT_TRUE(has(finding, DifferenceClass::lines_changed));
  EXPECT_EQ(finding.lines_in_common, 0);
  EXPECT_TRUE(has(body_finding("text/plain", "abc", ""), DifferenceClass::length_changed));
  EXPECT_TRUE(has(body_finding("text/plain", "", "abc"), DifferenceClass::length_changed));
  EXPECT_TRUE(has(body_finding("text/plain", "1234", "123456"), DifferenceClass::length_changed));
  EXPECT_FALSE(has(body_finding("text/plain", "1234", "12345"), DifferenceClass::length_changed));
  finding = body_finding("text/plain", "a\r\nb", "a\nb");
  EXPECT_EQ(finding.difference_class, DifferenceClass::string_form);
  EXPECT_EQ(finding.aspects, 0U);
}

TEST(TextLines, ABodyOfOctetsSaysWhetherItsLengthChanged) {
  const std::string image("\x89PNG\0\1", 6);
  Finding finding = body_finding("image/png", image, image + "12");
  EXPECT_EQ(finding.aspects, 0U);
  EXPECT_EQ(finding.lines_in_common, std::nullopt);
  EXPECT_NE(finding.other_hash, 0U);
  EXPECT_TRUE(has(body_finding("image/png", image, image + "123"), DifferenceClass::length_changed));
}

}  // namespace
}  // namespace understudy::diff::test
