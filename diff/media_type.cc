// Media types, see the header.
#include "diff/media_type.h"

#include <algorithm>
#include <vector>

#include "diff/field_syntax.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

std::string_view type_of(std::string_view value) {
  return trimmed(value.substr(0, value.find(';')));
}

bool is_multipart(std::string_view type) {
  constexpr std::string_view prefix = "multipart/";
  return equal_but_for_case(type.substr(0, prefix.size()), prefix);
}

std::vector<std::string_view> parameters_of(std::string_view value) {
  const auto end = value.find(';');
  if (end == std::string_view::npos) return {};
  return split_members(value.substr(end + 1), ';');
}

}  // namespace

std::string normalised_media_type(std::string_view value) {
  const std::string_view type = type_of(value);
  std::vector<std::string> parameters;
  for (const std::string_view part : parameters_of(value)) {
    const Parameter parameter = parameter_of(part);
    const std::string name = ascii_lower(parameter.name);
    std::string text = unquoted(parameter.value);
    if (name == "charset") text = ascii_lower(text);
    if (name == "boundary" && is_multipart(type)) text = text.empty() ? "" : "any";
    // What would read as another parameter stays in quotes.
    if (text.find_first_of(";\"") != std::string::npos) text = "\"" + text + "\"";
    parameters.push_back(";" + name + "=" + text);
  }
  std::sort(parameters.begin(), parameters.end());
  std::string result = ascii_lower(type);
  for (const std::string& parameter : parameters) result += parameter;
  return result;
}

bool is_json_media_type(std::string_view value) {
  const std::string_view type = type_of(value);
  constexpr std::string_view suffix = "+json";
  return equal_but_for_case(type, "application/json") || equal_but_for_case(type, "text/json") ||
         (type.size() >= suffix.size() && equal_but_for_case(type.substr(type.size() - suffix.size()), suffix));
}

std::string multipart_boundary(std::string_view value) {
  if (!is_multipart(type_of(value))) return {};
  for (const std::string_view part : parameters_of(value)) {
    const Parameter parameter = parameter_of(part);
    if (equal_but_for_case(parameter.name, "boundary")) return unquoted(parameter.value);
  }
  return {};
}

}  // namespace understudy::diff
