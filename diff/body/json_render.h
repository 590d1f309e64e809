// JSON values as short text for people. Caller: json_compare.cc.
#pragma once

#include <cstddef>
#include <string>

#include "diff/body/json_document.h"

namespace understudy::diff {

// The value as compact JSON, cut to rendering_limit octets; marks of rewritten parts are shown as they were written.
std::string rendered_json(const JsonDocument& document, JsonDocument::Node node);

// How far into the compact JSON of two arrays or objects their difference is looked for.
inline constexpr std::size_t rendering_search_limit = 64 * 1024;

// Two renderings of different values that are cut before the difference begin shortly before it instead, behind an
// ellipsis.
void show_where_they_differ(const JsonDocument& primary, JsonDocument::Node primary_node, const JsonDocument& other,
                            JsonDocument::Node other_node, std::string& primary_value, std::string& other_value);

}  // namespace understudy::diff
