// Counters and quotas of a process, and numbers that are neither.
#include <gtest/gtest.h>

#include <random>

#include "diff/evidence/course.h"

namespace understudy::diff::test {
namespace {

Finding numbers(double primary, double other) {
  Finding finding;
  finding.difference_class = DifferenceClass::value_changed;
  finding.primary_number = primary;
  finding.other_number = other;
  finding.other_hash = static_cast<std::uint64_t>(other) + 1;
  return finding;
}

// After so many exchanges in which each side shows what `number_of` gives for the exchange and the side's beginning.
template <class NumberOf>
Course::Trend trend_of(NumberOf number_of, int exchanges = 1'000) {
  Course course;
  for (int i = 0; i < exchanges; ++i) {
    const double production = number_of(i, 0);
    const Finding by_candidate = numbers(production, number_of(i, 5'000));
    const Finding by_secondary = numbers(production, number_of(i, 300));
    course.note(&by_candidate, &by_secondary);
  }
  return course.trend();
}

TEST(Course, CountersOfEachProcessGoOneWay) {
  EXPECT_EQ(trend_of([](int i, int begin) { return begin + i; }), Course::Trend::one_way);
  EXPECT_EQ(trend_of([](int i, int begin) { return begin + i / 100; }), Course::Trend::one_way);
}

TEST(Course, WhatIsLeftOfAQuotaGoesOneWayThoughItIsGivenAnew) {
  EXPECT_EQ(trend_of([](int i, int begin) { return 100'000 - begin - i; }), Course::Trend::one_way);
  EXPECT_EQ(trend_of([](int i, int begin) { return 6'000 - (begin + i) % 600; }, 3'000), Course::Trend::one_way);
}

TEST(Course, NumbersThatComeAndGoAreFree) {
  std::mt19937 random(1);
  EXPECT_EQ(trend_of([&](int, int) { return static_cast<double>(random() % 1'000); }), Course::Trend::free);
  EXPECT_EQ(trend_of([](int i, int begin) { return begin + (i / 50) % 2 * 100; }), Course::Trend::free);
}

TEST(Course, AFlagAndWhatHasALimitAreNoCounters) {
  std::mt19937 random(1);
  EXPECT_EQ(trend_of([&](int, int) { return static_cast<double>(random() % 2); }), Course::Trend::free);
  EXPECT_EQ(trend_of([&](int, int) { return static_cast<double>(random() % 4); }), Course::Trend::free);
}

TEST(Course, OneSideThatFallsWhereTheOtherRisesIsNoCounter) {
  Course course;
  for (int i = 0; i < 1'000; ++i) {
    const Finding by_candidate = numbers(i, i + 7);
    const Finding by_secondary = numbers(i, 5'000 - i);
    course.note(&by_candidate, &by_secondary);
  }
  EXPECT_EQ(course.trend(), Course::Trend::free);
}

TEST(Course, ItIsUnknownForSomeHundredNumbers) {
  EXPECT_EQ(trend_of([](int i, int begin) { return begin + i; }, 20), Course::Trend::unknown);
}

TEST(Course, ASideIsFrozenThatShowsWhatItShowedBefore) {
  Course course;
  const Finding four = numbers(1, 4);
  const Finding five = numbers(1, 5);
  course.note(&four, &five);
  EXPECT_FALSE(course.is_frozen(Role::candidate));
  course.note(&four, &four);
  EXPECT_TRUE(course.is_frozen(Role::candidate));
  EXPECT_FALSE(course.is_frozen(Role::secondary));
  course.note(&five, nullptr);
  EXPECT_FALSE(course.is_frozen(Role::candidate));
  EXPECT_FALSE(course.is_frozen(Role::secondary));
}

}  // namespace
}  // namespace understudy::diff::test
