// A tree of segments. A request visits each node once at most, because a node lies at one depth: backtracking stays
// cheap. See templates.h.
#include "diff/endpoint/templates.h"

#include <algorithm>

namespace understudy::diff {
namespace {

// Splits off the first segment of "/a/b": "a", and leaves "/b".
std::string_view take_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

bool fills(std::string_view segment, std::string_view prefix, std::string_view suffix) {
  return segment.size() > prefix.size() + suffix.size() && segment.starts_with(prefix) && segment.ends_with(suffix);
}

}  // namespace

void PathTemplates::add(std::string_view text) {
  std::string_view method;
  if (const std::size_t space = text.find(' '); space != std::string_view::npos) {
    method = text.substr(0, space);
    text.remove_prefix(std::min(text.find_first_not_of(' ', space), text.size()));
  }
  std::size_t node = 0;
  for (std::string_view rest = text; rest.starts_with('/');) {
    node = child_for(node, take_segment(rest));
  }
  nodes_[node].templates.emplace(method, text);
}

// The child of `node` for one segment of a template, made if there is none.
std::size_t PathTemplates::child_for(std::size_t node, std::string_view segment) {
  const std::size_t open = segment.find('{');
  const std::size_t close = segment.rfind('}');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    const auto [entry, fresh] = nodes_[node].literals.emplace(segment, nodes_.size());
    const std::size_t child = entry->second;
    if (fresh) {
      nodes_.emplace_back();
    }
    return child;
  }
  const std::string_view prefix = segment.substr(0, open);
  const std::string_view suffix = segment.substr(close + 1);
  auto& placeholders = nodes_[node].placeholders;
  for (const Placeholder& known : placeholders) {
    if (known.prefix == prefix && known.suffix == suffix) {
      return known.node;
    }
  }
  const std::size_t child = nodes_.size();
  const auto fixed = [](const Placeholder& placeholder) {
    return placeholder.prefix.size() + placeholder.suffix.size();
  };
  const auto place = std::find_if(placeholders.begin(), placeholders.end(), [&](const Placeholder& known) {
    return fixed(known) < prefix.size() + suffix.size();
  });
  placeholders.insert(place, {std::string(prefix), std::string(suffix), child});
  nodes_.emplace_back();
  return child;
}

std::optional<std::string_view> PathTemplates::match(std::string_view method, std::string_view path) const {
  const std::string* found = find(0, method, path);
  return found == nullptr ? std::nullopt : std::optional<std::string_view>(*found);
}

const std::string* PathTemplates::find(std::size_t node, std::string_view method, std::string_view rest) const {
  const Node& here = nodes_[node];
  if (!rest.starts_with('/')) {
    auto entry = here.templates.find(method);
    if (entry == here.templates.end()) {
      entry = here.templates.find("");
    }
    return rest.empty() && entry != here.templates.end() ? &entry->second : nullptr;
  }
  const std::string_view segment = take_segment(rest);
  if (const auto literal = here.literals.find(segment); literal != here.literals.end()) {
    if (const std::string* found = find(literal->second, method, rest)) {
      return found;
    }
  }
  for (const Placeholder& placeholder : here.placeholders) {
    if (fills(segment, placeholder.prefix, placeholder.suffix)) {
      if (const std::string* found = find(placeholder.node, method, rest)) {
        return found;
      }
    }
  }
  return nullptr;
}

}  // namespace understudy::diff
