// Forms of text.
#include "diff/body/string_form.h"

#include <gtest/gtest.h>

namespace understudy::diff::test {
namespace {

TEST(StringForm, LineEndsSurroundingSpaceAndCompositionAreForm) {
  EXPECT_TRUE(differ_in_form_only("a\r\nb", "a\nb"));
  EXPECT_TRUE(differ_in_form_only("a\n", "a"));
  EXPECT_TRUE(differ_in_form_only(" a\t", "a"));
  EXPECT_TRUE(differ_in_form_only("\xC3\xA9", "e\xCC\x81"));
  EXPECT_TRUE(differ_in_form_only("A\xCC\x8Angstr\xC3\xB6m\xC5\xBE", "\xC3\x85ngstro\xCC\x88mz\xCC\x8C"));
}

TEST(StringForm, EverythingElseIsContent) {
  EXPECT_FALSE(differ_in_form_only("a", "b"));
  EXPECT_FALSE(differ_in_form_only("a b", "a  b"));
  EXPECT_FALSE(differ_in_form_only("Active", "active"));
  EXPECT_FALSE(differ_in_form_only("\xC3\xA9", "e"));
  EXPECT_FALSE(differ_in_form_only("\xC3\xA9", "\xC3\xA8"));
  EXPECT_FALSE(differ_in_form_only("a", "ab"));
  EXPECT_FALSE(differ_in_form_only("a\rb", "a\nb"));
  EXPECT_FALSE(differ_in_form_only("a\r\nb", "a\r\r\nb"));
  EXPECT_FALSE(differ_in_form_only("\xC3\x98", "O"));  // a letter of its own, with no decomposition
}

}  // namespace
}  // namespace understudy::diff::test
