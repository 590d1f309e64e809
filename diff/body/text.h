// Bodies that are not JSON: text by its first differing line, anything else by its first differing octet. Caller:
// body.cc.
#pragma once

#include <string_view>
#include <vector>

#include "diff/finding.h"

namespace understudy::diff {

// Text is well-formed UTF-8 without U+0000.
bool is_text(std::string_view body);

// For bodies that are not equal: one string_form or body_changed at path "body".
void compare_as_text(std::string_view primary, std::string_view other, std::vector<Finding>& findings);

// For bodies that are not equal: one body_changed at path "body".
void compare_as_binary(std::string_view primary, std::string_view other, std::vector<Finding>& findings);

}  // namespace understudy::diff
