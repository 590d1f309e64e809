// Media types, see the header.
#include "diff/media_type.h"

#include "diff/text_tools.h"

namespace understudy::diff {

std::string normalised_media_type(std::string_view value) {
  std::string result;
  bool is_type = true;
  while (!value.empty()) {
    const auto end = value.find(';');
    const std::string_view part = trimmed(value.substr(0, end));
    value = end == std::string_view::npos ? std::string_view{} : value.substr(end + 1);
    if (is_type) {
      result = ascii_lower(part);
      is_type = false;
      continue;
    }
    if (part.empty()) continue;
    const auto equals = part.find('=');
    const std::string name = ascii_lower(trimmed(part.substr(0, equals)));
    std::string_view parameter =
        equals == std::string_view::npos ? std::string_view{} : trimmed(part.substr(equals + 1));
    if (parameter.size() >= 2 && parameter.front() == '"' && parameter.back() == '"') {
      parameter = parameter.substr(1, parameter.size() - 2);
    }
    result += ';';
    result += name;
    result += '=';
    result += name == "charset" ? ascii_lower(parameter) : std::string(parameter);
  }
  return result;
}

bool is_json_media_type(std::string_view value) {
  const std::string_view type = trimmed(value.substr(0, value.find(';')));
  constexpr std::string_view suffix = "+json";
  return equal_but_for_case(type, "application/json") || equal_but_for_case(type, "text/json") ||
         (type.size() >= suffix.size() && equal_but_for_case(type.substr(type.size() - suffix.size()), suffix));
}

}  // namespace understudy::diff
