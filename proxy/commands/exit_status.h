// What commands end with (see the contract), and how they say what is wrong. For proxy/commands/.
#pragma once

#include <string_view>

namespace understudy {

enum ExitStatus : int {
  exit_good = 0,
  exit_regression = 1,    // gate
  exit_different = 1,     // diff, selftest
  exit_usage = 2,         // a mistake in flags, configuration or input
  exit_inconclusive = 3,  // gate, selftest
  exit_unreachable = 4,   // infrastructure: unreachable, cannot be read, cannot be written
  exit_interrupted = 130,
};

// One line on stderr, with the program's name in front. Control characters become blanks.
void complain(std::string_view message);

}  // namespace understudy
