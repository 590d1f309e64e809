#include "proxy/control/counters.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <type_traits>

namespace understudy::control {
namespace {

// Other processes map these: no pointers, no virtual functions, nothing to construct.
static_assert(std::is_standard_layout_v<UserAccounts> && std::is_trivially_destructible_v<UserAccounts>);
static_assert(std::is_standard_layout_v<ShadowAccounts> && std::is_trivially_destructible_v<ShadowAccounts>);
static_assert(std::is_standard_layout_v<SupervisorAccounts> && std::is_standard_layout_v<Switch>);

TEST(Histogram, counts_a_duration_in_the_bucket_whose_bound_it_does_not_exceed) {
  const auto histogram = std::make_unique<Histogram>();
  histogram->record(static_cast<std::int64_t>(duration_bounds_ns[0]));
  histogram->record(static_cast<std::int64_t>(duration_bounds_ns[0]) + 1);
  histogram->record(static_cast<std::int64_t>(duration_bounds_ns.back()) + 1);
  EXPECT_EQ(get(histogram->buckets[0]), 1u);
  EXPECT_EQ(get(histogram->buckets[1]), 1u);
  EXPECT_EQ(get(histogram->buckets.back()), 1u);
  EXPECT_EQ(get(histogram->sum_ns), 2 * duration_bounds_ns[0] + 1 + duration_bounds_ns.back() + 1);
}

TEST(Histogram, takes_a_negative_duration_for_nothing) {
  const auto histogram = std::make_unique<Histogram>();
  histogram->record(-5);
  EXPECT_EQ(get(histogram->buckets[0]), 1u);
  EXPECT_EQ(get(histogram->sum_ns), 0u);
}

TEST(Outcomes, have_a_number_each_and_fill_the_table) {
  std::set<Outcome> numbers{outcome_matched, outcome_differed};
  for (std::size_t i = 0; i < drop_reason_names.size(); ++i) numbers.insert(dropped(static_cast<DropReason>(i)));
  for (const Role role : {Role::primary, Role::candidate}) {
    for (std::size_t i = 0; i < fail_reason_names.size(); ++i) numbers.insert(failed(role, static_cast<FailReason>(i)));
  }
  EXPECT_EQ(numbers.size(), outcome_count);
  EXPECT_EQ(*numbers.rbegin(), outcome_count - 1);
}

}  // namespace
}  // namespace understudy::control
