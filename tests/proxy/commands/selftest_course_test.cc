#include "proxy/commands/selftest_course.h"

#include <gtest/gtest.h>

#include <functional>

namespace understudy {
namespace {

// Looks at 100 exchanges each; `differing` gives how many of them differ at a look.
SelftestReport watch(SelftestCourse& course, int looks, const std::function<int(int)>& differing) {
  SelftestReport report;
  SelftestRow row;
  row.endpoint = "GET /a";
  row.path = "/x";
  row.difference_class = "value_changed";
  for (int look = 0; look < looks; ++look) {
    report.compared += 100;
    report.endpoints["GET /a"] += 100;
    row.compared += 100;
    row.count += static_cast<std::uint64_t>(differing(look));
    report.rows.clear();
    if (row.count != 0) report.rows.push_back(row);
    course.note(report, look);
  }
  return report;
}

bool is_in_bursts(int looks, const std::function<int(int)>& differing) {
  SelftestCourse course;
  const SelftestReport report = watch(course, looks, differing);
  return course.comes_in_bursts(report.rows.at(0));
}

TEST(SelftestCourse, ASwitchComesInBursts) {
  EXPECT_TRUE(is_in_bursts(20, [](int look) { return look / 5 % 2 == 0 ? 80 : 0; }));
  EXPECT_TRUE(is_in_bursts(20, [](int look) { return look / 5 % 2 == 0 ? 0 : 80; }));
  EXPECT_TRUE(is_in_bursts(120, [](int look) { return look >= 60 && look < 70 ? 20 : 0; }));
}

TEST(SelftestCourse, NoiseIsSpread) {
  constexpr int few[] = {3, 7, 5, 4, 9, 2, 5, 6, 4, 5};
  EXPECT_FALSE(is_in_bursts(300, [&](int look) { return few[look % 10]; }));
  constexpr int half[] = {45, 52, 50, 57, 41, 49, 55, 48, 53, 50};
  EXPECT_FALSE(is_in_bursts(300, [&](int look) { return half[look % 10]; }));
  EXPECT_FALSE(is_in_bursts(300, [](int look) { return look % 20 == 7 ? 1 : 0; }));
}

TEST(SelftestCourse, WhatDiffersAlwaysIsNoBurst) {
  EXPECT_FALSE(is_in_bursts(100, [](int) { return 100; }));
}

TEST(SelftestCourse, OneSightingIsNoPattern) {
  EXPECT_FALSE(is_in_bursts(100, [](int look) { return look == 50 ? 7 : 0; }));
}

TEST(SelftestCourse, TheSameReportAgainIsNoLook) {
  SelftestCourse course;
  const SelftestReport report = watch(course, 11, [](int) { return 50; });
  const double pace = course.pace();
  course.note(report, 100);
  EXPECT_EQ(course.pace(), pace);
  EXPECT_EQ(pace, 100);
}

TEST(SelftestCourse, WithoutTwoLooksThereIsNoPace) {
  SelftestCourse course;
  EXPECT_EQ(course.pace(), 0);
  course.note(SelftestReport(), 1);
  EXPECT_EQ(course.pace(), 0);
}

}  // namespace
}  // namespace understudy
