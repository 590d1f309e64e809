// Whether octets can stand in JSON as they are. Callers: exemplar.cc, proxy/admin/ (HAR).
#pragma once

#include <cstddef>
#include <string_view>

namespace understudy::store {

bool is_utf8(std::string_view text);

// How many octets of `text` remain when a character that is cut off at its end is left out; text that is not UTF-8
// there stays as it is.
std::size_t whole_characters(std::string_view text);

}  // namespace understudy::store
