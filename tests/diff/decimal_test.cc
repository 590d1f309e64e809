// Exact decimals.
#include "diff/body/decimal.h"

#include <gtest/gtest.h>

namespace understudy::diff::test {
namespace {

TEST(Decimal, ValuesAreEqualHoweverWritten) {
  EXPECT_TRUE(same_value("1", "1.0"));
  EXPECT_TRUE(same_value("100", "1e2"));
  EXPECT_TRUE(same_value("0.001", "1E-3"));
  EXPECT_TRUE(same_value("1200e-2", "12.00"));
  EXPECT_TRUE(same_value("-0.0", "0"));
  EXPECT_TRUE(same_value("0e5", "0.000"));
  EXPECT_TRUE(same_value("123456789012345678901234567890", "1.2345678901234567890123456789e29"));
  EXPECT_TRUE(same_value("1e99999999999999999999", "1e99999999999999999999"));
}

TEST(Decimal, ValuesAreDifferentHoweverClose) {
  EXPECT_FALSE(same_value("1", "1.000000000000000000000001"));
  EXPECT_FALSE(same_value("1", "-1"));
  EXPECT_FALSE(same_value("1e400", "1e401"));
  EXPECT_FALSE(same_value("123456789012345678901234567890", "123456789012345678901234567891"));
  EXPECT_FALSE(same_value("1e99999999999999999999", "1e99999999999999999998"));
  EXPECT_FALSE(same_value("0", "1"));
}

TEST(Decimal, NormalisesDigitsAndExponent) {
  EXPECT_EQ(*parse_decimal("-00.0120e3"), (Decimal{true, "12", 2}));
  EXPECT_EQ(*parse_decimal("7"), (Decimal{false, "7", 1}));
  EXPECT_EQ(*parse_decimal("0.00"), Decimal{});
  EXPECT_EQ(parse_decimal("1e9223372036854775807"), std::nullopt);
  EXPECT_EQ(parse_decimal("0.01e-9223372036854775808"), std::nullopt);
}

}  // namespace
}  // namespace understudy::diff::test
