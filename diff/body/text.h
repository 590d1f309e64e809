// Bodies that are not JSON: text by its first differing line, anything else by its first differing octet. Caller:
// body.cc.
#pragma once

#include <string_view>
#include <vector>

#include "diff/finding.h"

namespace understudy::diff {

// Text is well-formed UTF-8 without U+0000.
bool is_text(std::string_view body);

// For bodies that are not equal: one string_form or body_changed at path "body". Of a body_changed, whether the length
// and the number of lines have changed, and how many lines are the same.
void compare_as_text(std::string_view primary, std::string_view other, std::vector<Finding>& findings);

// For bodies that are not equal: one body_changed at path "body", with whether the length has changed.
void compare_as_binary(std::string_view primary, std::string_view other, std::vector<Finding>& findings);

}  // namespace understudy::diff
