// Path globs of `mirror.paths`. Compiled once at start; matching allocates nothing. Any thread.
//
//   ?    one octet, not '/'        *    any octets, not '/'        **   as a whole segment: any number of segments,
//   none included
//   "/x/**" matches "/x", "/x/" and all below;  "/a/**/b" matches "/a/b" and "/a/1/2/b";  "/**" matches everything.
//
// A leading '!' excludes. The last pattern that matches decides; where none does, the path is out, unless the first
// pattern is an exclusion, which starts from everything.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::policy {

class PathGlobs {
 public:
  PathGlobs() = default;  // matches nothing
  // The patterns must be valid (glob_error); throws std::invalid_argument otherwise.
  explicit PathGlobs(std::span<const std::string> patterns);

  // `path` without query.
  bool matches(std::string_view path) const;

 private:
  struct Pattern {
    std::string text;  // without '!' and a final "/**"
    bool exclude = false;
    bool subtree = false;  // ended in "/**"
  };
  static bool matches(const Pattern& pattern, std::string_view path);

  std::vector<Pattern> patterns_;
  bool otherwise_ = false;
};

// What is wrong with a pattern, or nothing.
std::optional<std::string> glob_error(std::string_view pattern);

}  // namespace understudy::policy
