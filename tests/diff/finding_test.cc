// The vocabulary of the contract.
#include "diff/finding.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>

namespace understudy::diff::test {
namespace {

TEST(Finding, EveryClassHasItsNameAndSeverity) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < difference_class_count; ++i) names.insert(name_of(static_cast<DifferenceClass>(i)));
  EXPECT_EQ(names, (std::set<std::string_view>{
                       "transport",      "status_class",     "status_code",     "content_type",   "parse_failed",
                       "field_removed",  "field_added",      "element_removed", "element_added",  "type_changed",
                       "became_null",    "format_changed",   "value_changed",   "value_novel",    "order_changed",
                       "number_form",    "string_form",      "duplicate_key",   "header_removed", "header_added",
                       "header_changed", "body_changed",     "latency",         "emptied",        "zeroed",
                       "frozen",         "notation_changed", "out_of_range",    "sign_changed",   "greater",
                       "less",           "length_changed",   "lines_changed",   "lines_replaced", "cookie_attribute",
                       "origin_changed", "template_changed", "aborted"}));
  EXPECT_EQ(severity_of(DifferenceClass::status_class), Severity::critical);
  EXPECT_EQ(severity_of(DifferenceClass::field_removed), Severity::high);
  EXPECT_EQ(severity_of(DifferenceClass::value_changed), Severity::medium);
  EXPECT_EQ(severity_of(DifferenceClass::field_added), Severity::low);
  EXPECT_EQ(name_of(Severity::critical), "critical");
  EXPECT_EQ(name_of(Severity::low), "low");
}

}  // namespace
}  // namespace understudy::diff::test
