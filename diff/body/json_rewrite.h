// What simdjson refuses although it is legal JSON, made fit for it: see json_document.h for the marks. Caller:
// json_document.cc.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace understudy::diff {

// The text with everything legal that simdjson refuses put into marked strings; nothing if there is no such thing, or
// if the text spells U+0000, with which the marks begin. Whatever else is wrong with the text stays wrong.
std::optional<std::string> rewritten_json(std::string_view text);

// The length of the number (RFC 8259 6) at the start of `text`, 0 if there is none.
std::size_t json_number_length(std::string_view text);

}  // namespace understudy::diff
