// What field values are made of (RFC 9110 5.6): members between separators, parameters, quoted strings. Callers: those
// parts of diff/ that read values of fields.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace understudy::diff {

// The members of `value` between separators, trimmed, without empty ones (RFC 9110 5.6.1.2). A separator within a
// quoted string (5.6.4) separates nothing, nor does one within the angle brackets or the parentheses that some fields
// have where `brackets` names their opening octets. What is opened and never closed ends with the value. The views
// point into `value`.
std::vector<std::string_view> split_members(std::string_view value, char separator, std::string_view brackets = "");

// NAME or NAME=VALUE, trimmed.
struct Parameter {
  std::string_view name;
  std::string_view value;
  bool has_value = false;
};
Parameter parameter_of(std::string_view member);

bool is_quoted(std::string_view value);
// The text that a quoted string stands for; what is not quoted as it is.
std::string unquoted(std::string_view value);

}  // namespace understudy::diff
