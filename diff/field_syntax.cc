// Members, parameters and quoted strings, see the header.
#include "diff/field_syntax.h"

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

// Behind what the octet at `place` opens, or `place` + 1 if it opens nothing.
std::size_t end_of_item(std::string_view value, std::size_t place, std::string_view brackets) {
  const char first = value[place];
  if (first == '"') {
    for (++place; place < value.size() && value[place] != '"'; ++place) {
      if (value[place] == '\\') ++place;
    }
    return place + 1;
  }
  if (brackets.find(first) == std::string_view::npos) return place + 1;
  const char last = first == '<' ? '>' : ')';
  for (++place; place < value.size() && value[place] != last;) {
    place = last == '>' ? place + 1 : end_of_item(value, place, "");
  }
  return place + 1;
}

}  // namespace

std::vector<std::string_view> split_members(std::string_view value, char separator, std::string_view brackets) {
  std::vector<std::string_view> members;
  const auto add = [&](std::string_view member) {
    member = trimmed(member);
    if (!member.empty()) members.push_back(member);
  };
  std::size_t begin = 0;
  for (std::size_t place = 0; place < value.size();) {
    if (value[place] == separator) {
      add(value.substr(begin, place - begin));
      begin = ++place;
    } else {
      place = end_of_item(value, place, brackets);
    }
  }
  add(value.substr(begin));
  return members;
}

Parameter parameter_of(std::string_view member) {
  const auto equals = member.find('=');
  if (equals == std::string_view::npos) return {trimmed(member), {}, false};
  return {trimmed(member.substr(0, equals)), trimmed(member.substr(equals + 1)), true};
}

bool is_quoted(std::string_view value) {
  return value.size() >= 2 && value.front() == '"' && value.back() == '"';
}

std::string unquoted(std::string_view value) {
  if (!is_quoted(value)) return std::string(value);
  value = value.substr(1, value.size() - 2);
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    text += value[i];
  }
  return text;
}

}  // namespace understudy::diff
