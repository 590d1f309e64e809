// JSON values as short text, see the header.
#include "diff/body/json_render.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

using Node = JsonDocument::Node;

constexpr bool stands_for_itself(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

// The common case of a string: short, and ASCII that stands for itself.
bool is_shown_as_it_stands(std::string_view value) {
  static constexpr auto plain = [] {
    std::array<bool, 256> table{};
    for (unsigned c = 0; c < 0x80; ++c) table[c] = stands_for_itself(static_cast<char>(c));
    return table;
  }();
  return value.size() + 2 <= rendering_limit &&
         std::all_of(value.begin(), value.end(), [](char c) { return plain[static_cast<unsigned char>(c)]; });
}

void append_string(std::string& text, std::string_view value) {
  text += '"';
  while (!value.empty() && text.size() <= rendering_limit) {
    const auto plain =
        static_cast<std::size_t>(std::find_if_not(value.begin(), value.end(), stands_for_itself) - value.begin());
    const std::size_t kept = std::min(plain, rendering_limit + 1 - text.size());
    text += value.substr(0, kept);
    value.remove_prefix(kept);
    if (value.empty() || text.size() > rendering_limit) break;
    if (value.starts_with(JsonDocument::surrogate_mark)) {
      value.remove_prefix(JsonDocument::surrogate_mark.size());
      text += "\\u";
      continue;
    }
    const char c = value.front();
    value.remove_prefix(1);
    switch (c) {
      case '"':
        text += "\\\"";
        break;
      case '\\':
        text += "\\\\";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\t':
        text += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          char escape[7];
          std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
          text += escape;
        } else {
          text += c;
        }
    }
  }
  text += '"';
}

void append(std::string& text, const JsonDocument& document, Node node) {
  if (text.size() > rendering_limit) return;
  const JsonType type = document.type(node);
  switch (type) {
    case JsonType::null:
      text += "null";
      return;
    case JsonType::boolean:
      text += document.boolean(node) ? "true" : "false";
      return;
    case JsonType::number:
      text += document.number_text(node).substr(0, rendering_limit + 1);
      return;
    case JsonType::string:
      append_string(text, document.string(node));
      return;
    case JsonType::object:
    case JsonType::array:
      break;
  }
  const bool object = type == JsonType::object;
  text += object ? '{' : '[';
  for (Node child = document.first(node); child < document.end(node) && text.size() <= rendering_limit;
       child = document.next(child)) {
    if (child != document.first(node)) text += ',';
    if (object) {
      append_string(text, document.string(child));
      text += ':';
      ++child;
    }
    append(text, document, child);
  }
  text += object ? '}' : ']';
}

}  // namespace

std::string rendered_json(const JsonDocument& document, Node node) {
  if (document.type(node) == JsonType::string && is_shown_as_it_stands(document.string(node))) {
    const std::string_view value = document.string(node);
    std::string quoted(value.size() + 2, '"');
    std::copy(value.begin(), value.end(), quoted.begin() + 1);
    return quoted;
  }
  std::string text;
  append(text, document, node);
  return rendered(text);
}

}  // namespace understudy::diff
