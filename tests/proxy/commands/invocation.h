// The command line run inside the test: what it prints, and what it ends with.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "proxy/commands/command_line.h"

namespace understudy {

struct Invocation {
  int status = -1;
  std::string out;
  std::string err;
};

inline Invocation invoke(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "understudy");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Invocation result;
  result.status = run_command_line(static_cast<int>(argv.size()), argv.data());
  std::fflush(stdout);
  result.out = testing::internal::GetCapturedStdout();
  result.err = testing::internal::GetCapturedStderr();
  return result;
}

}  // namespace understudy
