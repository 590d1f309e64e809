#include "proxy/store/utf8.h"

#include <simdjson.h>

#include <algorithm>

namespace understudy::store {

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t whole_characters(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const auto octet = static_cast<unsigned char>(text[text.size() - back]);
    if ((octet & 0xc0) == 0x80) continue;  // not the first octet of a character
    const std::size_t length = octet >= 0xf0 ? 4 : octet >= 0xe0 ? 3 : octet >= 0xc0 ? 2 : 1;
    return length > back ? text.size() - back : text.size();
  }
  return text.size();
}

}  // namespace understudy::store
