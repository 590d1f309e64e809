// Field patterns of JSON comparisons as a tree: a differing leaf costs one look-up, and the text of a path is made only
// when a difference is kept, once. The tree outlives a comparison, because the same fields differ again and again.
// Callers: json_compare.cc, enumeration.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "diff/body/json_document.h"
#include "diff/finding.h"

namespace understudy::diff {

// A longer key is cut in a pattern, and a longer path at a segment; "~4" and a hash of the whole follow.
inline constexpr std::size_t pattern_key_limit = 128;
inline constexpr std::size_t pattern_path_limit = 1024;

inline constexpr std::string_view element_segment = "*";
inline constexpr std::string_view map_value_segment = "{}";

// The segment of a pattern that stands for a field named `key`; points into `key` or `escaped`.
std::string_view pattern_segment(std::string_view key, std::string& escaped);

class FieldPatterns {
 public:
  using Id = std::uint32_t;
  static constexpr Id root = 0;

  FieldPatterns() { clear(); }
  void clear();
  Id element_of(Id array) { return child(array, element_segment); }
  Id value_of_map(Id map) { return child(map, map_value_segment); }
  Id field_of(Id object, std::string_view key) { return child(object, pattern_segment(key, escaped_)); }
  // RFC 6901 with the wildcards of finding.h; whole_body_path for the root.
  const std::string& path(Id pattern);
  std::size_t size() const { return patterns_.size(); }

 private:
  Id child(Id parent, std::string_view segment);

  struct Pattern {
    Id parent;
    std::string segment;
    std::string path;  // empty until it is asked for
  };
  std::vector<Pattern> patterns_;
  std::unordered_map<std::uint64_t, Id> children_;  // by hash of parent and segment
  std::string escaped_;
};

// RFC 6901 3: "~" as "~0", "/" as "~1".
void append_escaped_segment(std::string& pointer, std::string_view key);

// Whether the keys of an object are data and not names, so that they stand as "{}" in a pattern: every key is a number,
// a UUID, a ULID, a date or a long hexadecimal string; or there are more than map_key_count keys whose values are all
// containers of one type. Never an object whose keys read like names and whose values differ in type, however large.
inline constexpr std::size_t map_key_count = 50;
enum class MapLikeness : unsigned char { empty, record, map };
MapLikeness map_likeness(const JsonDocument& document, JsonDocument::Node object);

// The judgement for a pair: a map on one side and no record on the other.
inline bool is_map(MapLikeness primary, MapLikeness other) {
  return primary != MapLikeness::record && other != MapLikeness::record &&
         (primary == MapLikeness::map || other == MapLikeness::map);
}

}  // namespace understudy::diff
