// Numbers that strings hold: "12.50", "-3", "1,234.50 EUR", "$9", "42 %". Run only on leaves that differ. Caller:
// value_difference.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace understudy::diff {

struct WrittenNumber {
  double value = 0;
  bool exact = true;  // few enough digits that equal values are equal numbers
  // How it is written.
  bool plus = false;
  char decimal_mark = 0;
  char group_mark = 0;
  std::size_t decimals = 0;
  std::string_view prefix;  // a currency or a unit, with its space; views into the text
  std::string_view suffix;
};

// Nothing for what only looks like one: digits with a leading zero, words with digits, several numbers.
std::optional<WrittenNumber> number_in(std::string_view text);

// Whether one is written with as many decimals as the other, the same marks, and the same unit.
bool same_notation(const WrittenNumber& number, const WrittenNumber& other);

}  // namespace understudy::diff
