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

// Up to `limit` octets of all of `text`, and a little more.
void append_string(std::string& text, std::string_view value, std::size_t limit) {
  while (!value.empty() && text.size() <= limit) {
    const auto plain =
        static_cast<std::size_t>(std::find_if_not(value.begin(), value.end(), stands_for_itself) - value.begin());
    const std::size_t kept = std::min(plain, limit + 1 - text.size());
    text += value.substr(0, kept);
    value.remove_prefix(kept);
    if (value.empty() || text.size() > limit) break;
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
}

void append_quoted(std::string& text, std::string_view value, std::size_t limit) {
  text += '"';
  append_string(text, value, limit);
  text += '"';
}

void append(std::string& text, const JsonDocument& document, Node node, std::size_t limit) {
  if (text.size() > limit) return;
  const JsonType type = document.type(node);
  switch (type) {
    case JsonType::null:
      text += "null";
      return;
    case JsonType::boolean:
      text += document.boolean(node) ? "true" : "false";
      return;
    case JsonType::number:
      text += document.number_text(node).substr(0, limit + 1);
      return;
    case JsonType::string:
      append_quoted(text, document.string(node), limit);
      return;
    case JsonType::object:
    case JsonType::array:
      break;
  }
  const bool object = type == JsonType::object;
  text += object ? '{' : '[';
  for (Node child = document.first(node); child < document.end(node) && text.size() <= limit;
       child = document.next(child)) {
    if (child != document.first(node)) text += ',';
    if (object) {
      append_quoted(text, document.string(child), limit);
      text += ':';
      ++child;
    }
    append(text, document, child, limit);
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
  append(text, document, node, rendering_limit);
  return rendered(text);
}

void show_where_they_differ(const JsonDocument& primary, Node primary_node, const JsonDocument& other, Node other_node,
                            std::string& primary_value, std::string& other_value) {
  // A value shown whole, or cut behind some of the difference, shows it.
  constexpr std::size_t shown = rendering_limit - 64;
  if (primary_value.size() <= shown || other_value.size() <= shown ||
      common_prefix(primary_value, other_value) <= shown)
    return;
  const JsonType type = primary.type(primary_node);
  if (type != other.type(other_node)) return;
  if (type == JsonType::string) {
    const std::string_view text = primary.string(primary_node);
    const std::string_view other_text = other.string(other_node);
    const std::size_t begin = window_begin(text, common_prefix(text, other_text));
    const auto window = [&](std::string_view whole) {
      std::string quoted = '"' + std::string(ellipsis);
      append_string(quoted, whole.substr(begin), rendering_limit);
      return rendered(quoted += '"');
    };
    primary_value = window(text);
    other_value = window(other_text);
  } else {
    std::string text;
    std::string other_text;
    append(text, primary, primary_node, rendering_search_limit);
    append(other_text, other, other_node, rendering_search_limit);
    const std::size_t same = common_prefix(text, other_text);
    if (same >= rendering_search_limit) return;
    const std::size_t begin = window_begin(text, same);
    primary_value = rendered(std::string(ellipsis) + text.substr(begin, 2 * rendering_limit));
    other_value = rendered(std::string(ellipsis) + other_text.substr(begin, 2 * rendering_limit));
  }
}

}  // namespace understudy::diff
