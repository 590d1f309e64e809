#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "diff/evidence/direction.h"
#include "tests/diff/evidence_support.h"

namespace understudy::diff {
namespace {

using enum DifferenceClass;
using testing::finding;

TEST(Direction, ChangesItsSignWhenTheResponsesAreSwapped) {
  const std::vector<std::tuple<DifferenceClass, std::string, std::string>> samples{
      {status_class, "200", "503"},
      {status_code, "200", "204"},
      {content_type, "application/json", "text/html"},
      {type_changed, "17", "\"17\""},
      {type_changed, "[1]", "{\"a\":1}"},
      {type_changed, "true", "\"yes\""},
      {format_changed, "\"2026-11-21T10:00:00Z\"", "\"1795255200\""},
      {format_changed, "1795255200", "1795255200000"},
      {parse_failed, "json", "not json"},
      {duplicate_key, "", "1"}};
  for (const auto& [difference_class, primary, other] : samples) {
    const int there = direction_of(finding("/x", difference_class, primary, other));
    const int back = direction_of(finding("/x", difference_class, other, primary));
    EXPECT_NE(there, 0) << name_of(difference_class) << " " << primary;
    EXPECT_EQ(there, -back) << name_of(difference_class) << " " << primary;
  }
}

TEST(Direction, OfAFormatIsThatOfTheFormatNotOfTheValue) {
  EXPECT_EQ(direction_of(finding("/x", format_changed, "\"2026-11-21\"", "\"1795255200000\"")),
            direction_of(finding("/x", format_changed, "\"1999-01-01\"", "\"9795255200000\"")));
}

TEST(Direction, EveryMirrorIsMutual) {
  for (std::size_t i = 0; i < difference_class_count; ++i) {
    const auto difference_class = static_cast<DifferenceClass>(i);
    if (const auto mirror = mirror_of(difference_class)) {
      EXPECT_EQ(mirror_of(*mirror), difference_class) << name_of(difference_class);
      EXPECT_TRUE(is_directional(difference_class, "/x")) << name_of(difference_class);
    }
  }
}

TEST(Direction, ValuesHaveNone) {
  for (const DifferenceClass difference_class :
       {value_changed, value_novel, element_removed, element_added, order_changed, number_form, string_form,
        header_changed, body_changed, latency}) {
    EXPECT_FALSE(is_directional(difference_class, "/x")) << name_of(difference_class);
  }
}

}  // namespace
}  // namespace understudy::diff
