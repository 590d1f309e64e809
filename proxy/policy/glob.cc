#include "proxy/policy/glob.h"

#include <stdexcept>

namespace understudy::policy {

PathGlobs::PathGlobs(std::span<const std::string> patterns) {
  for (std::string_view text : patterns) {
    if (const auto error = glob_error(text)) throw std::invalid_argument(*error);
    Pattern pattern;
    if (text.front() == '!') {
      pattern.exclude = true;
      text.remove_prefix(1);
    }
    if (text.ends_with("/**")) {
      pattern.subtree = true;
      text.remove_suffix(3);
    }
    pattern.text = text;
    patterns_.push_back(std::move(pattern));
  }
  otherwise_ = !patterns_.empty() && patterns_.front().exclude;
}

bool PathGlobs::matches(std::string_view path) const {
  for (auto pattern = patterns_.rbegin(); pattern != patterns_.rend(); ++pattern) {
    if (matches(*pattern, path)) return !pattern->exclude;
  }
  return otherwise_;
}

// Greedy, with two places to fall back to: the last '*' (which then takes one octet more, up to the next '/') and the
// last "**/" (which then takes one segment more). An earlier one need not be tried again: whatever it could still take,
// the later one can.
bool PathGlobs::matches(const Pattern& pattern, std::string_view path) {
  const std::string_view glob = pattern.text;
  if (pattern.subtree && glob.empty()) return true;
  constexpr std::size_t nowhere = std::string_view::npos;
  std::size_t g = 0, p = 0;
  std::size_t star_glob = nowhere, star_path = 0;          // behind the '*'; where its match ends so far
  std::size_t segments_glob = nowhere, segments_path = 0;  // behind the "**/"; where its match ends so far
  for (;;) {
    if (g == glob.size() && (p == path.size() || (pattern.subtree && path[p] == '/'))) return true;
    if (g < glob.size() && glob[g] == '*') {
      if (glob.substr(g).starts_with("**/")) {
        g += 3;
        segments_glob = g;
        segments_path = p;
        star_glob = nowhere;
      } else {
        ++g;
        star_glob = g;
        star_path = p;
      }
      continue;
    }
    if (g < glob.size() && p < path.size() && (glob[g] == path[p] || (glob[g] == '?' && path[p] != '/'))) {
      ++g;
      ++p;
      continue;
    }
    if (star_glob != nowhere && star_path < path.size() && path[star_path] != '/') {
      g = star_glob;
      p = ++star_path;
      continue;
    }
    if (segments_glob == nowhere) return false;
    const std::size_t slash = path.find('/', segments_path);
    if (slash == nowhere) return false;
    g = segments_glob;
    p = segments_path = slash + 1;
    star_glob = nowhere;
  }
}

std::optional<std::string> glob_error(std::string_view pattern) {
  const auto error = [&](std::string_view what) {
    return "path pattern \"" + std::string(pattern) + "\" " + std::string(what);
  };
  std::string_view text = pattern;
  if (text.starts_with('!')) text.remove_prefix(1);
  if (!text.starts_with('/')) return error("does not start with '/'");
  if (text.find('#') != std::string_view::npos || text.find(' ') != std::string_view::npos) {
    return error("has a character that no path has");
  }
  for (std::size_t at = text.find("**"); at != std::string_view::npos; at = text.find("**", at + 2)) {
    const bool whole_segment = text[at - 1] == '/' && (at + 2 == text.size() || text[at + 2] == '/');
    if (!whole_segment)
      return error("has \"**\" beside other characters; it stands for whole segments, as in \"/a/**\"");
  }
  return std::nullopt;
}

}  // namespace understudy::policy
