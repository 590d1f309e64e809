// Helpers on text that more than one part of the comparison leans on.
#include "diff/text_tools.h"

#include <gtest/gtest.h>

#include <string>

namespace understudy::diff::test {
namespace {

TEST(TextTools, TheCommonPrefixEndsAtTheFirstDifferenceWhereverItStands) {
  for (const std::size_t size : {1U, 7U, 8U, 255U, 256U, 257U, 700U, 4096U, 4097U, 9000U}) {
    const std::string text(size, 'x');
    ASSERT_EQ(common_prefix(text, text), size);
    ASSERT_EQ(common_prefix(text, text + "y"), size);
    ASSERT_EQ(common_prefix(text + "y", text), size);
    for (std::size_t place = 0; place < size; place += 1 + place / 300) {
      std::string other = text;
      other[place] = 'y';
      ASSERT_EQ(common_prefix(text, other), place) << size;
    }
  }
  EXPECT_EQ(common_prefix("", "x"), 0U);
}

TEST(TextTools, TrimmedTextHasNoWhiteSpaceAtItsEnds) {
  EXPECT_EQ(trimmed(" \t\r\n a b\n "), "a b");
  EXPECT_EQ(trimmed("a"), "a");
  EXPECT_EQ(trimmed(" \n"), "");
  EXPECT_EQ(trimmed(""), "");
}

}  // namespace
}  // namespace understudy::diff::test
