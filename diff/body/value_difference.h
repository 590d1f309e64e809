// What two scalars of one type that are not the same differ in: the class, and which of the classes from emptied on
// hold as well, by which the values of a field can be judged that production varies itself. Functions of the two values
// alone, so that they can be asked of production and the candidate and of production and itself alike. No allocation.
// Callers: json_compare.cc, fields.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "diff/finding.h"
#include "diff/occasion.h"

namespace understudy::diff {

// A number whose magnitude is so many times another is out of its range.
inline constexpr double range_factor = 50;

struct ValueDifference {
  bool differs = true;  // not for two readings of a clock, written alike
  // value_changed, format_changed, string_form, or notation_changed: the same value, written otherwise.
  DifferenceClass difference_class = DifferenceClass::value_changed;
  ClassSet aspects = 0;  // only of value_changed
  std::optional<double> primary_number = {};
  std::optional<double> other_number = {};
};

// For strings that are not equal.
ValueDifference string_difference(std::string_view primary, std::string_view other, const Occasion& occasion);

struct NumberValue {
  double value = 0;                          // NaN where it is beyond all doubles
  std::optional<std::int64_t> integer = {};  // where it is one of 64 bits
};
// For numbers that are not equal.
ValueDifference number_difference(const NumberValue& primary, const NumberValue& other, const Occasion& occasion);

}  // namespace understudy::diff
