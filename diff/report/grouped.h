// Numbers as people read them. Pure. Callers: the renderers of this folder.
#pragma once

#include <cstdint>
#include <string>

namespace understudy::diff {

// 12345678 → "12,345,678"
inline std::string grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t place = digits.size(); place > 3; place -= 3) {
    digits.insert(place - 3, 1, ',');
  }
  return digits;
}

}  // namespace understudy::diff
