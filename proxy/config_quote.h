// Texts of the user in messages. For the config_*.cc files.
#pragma once

#include <string>
#include <string_view>

namespace understudy {

inline std::string in_quotes(std::string_view text) {
  return '"' + std::string(text) + '"';
}

}  // namespace understudy
