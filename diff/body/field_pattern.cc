// Field patterns, see the header.
#include "diff/body/field_pattern.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "diff/body/value_format.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

bool is_data_key(std::string_view key);

bool needs_escape(std::string_view key) {
  return std::any_of(key.begin(), key.end(), [](char c) { return c == '~' || c == '/'; });
}

}  // namespace

void FieldPatterns::clear() {
  patterns_.clear();
  children_.clear();
  patterns_.push_back({root, "", std::string(whole_body_path)});
}

std::string_view pattern_segment(std::string_view key, std::string& escaped) {
  if (key == element_segment) return "~2";
  if (key == map_value_segment) return "~3";
  const bool too_long = key.size() > pattern_key_limit;
  if (!too_long && !needs_escape(key)) return key;
  escaped.clear();
  append_escaped_segment(escaped, too_long ? rendered(key, pattern_key_limit) : key);
  if (too_long) escaped += "~4" + std::to_string(XXH3_64bits(key.data(), key.size()));
  return escaped;
}

FieldPatterns::Id FieldPatterns::child(Id parent, std::string_view segment) {
  // A hash that another pattern has already: the next one.
  for (std::uint64_t hash = XXH3_64bits_withSeed(segment.data(), segment.size(), parent);; ++hash) {
    const auto [place, added] = children_.try_emplace(hash, static_cast<Id>(patterns_.size()));
    if (added) patterns_.push_back({parent, std::string(segment), {}});
    const Pattern& pattern = patterns_[place->second];
    if (pattern.parent == parent && pattern.segment == segment) return place->second;
  }
}

const std::string& FieldPatterns::path(Id pattern) {
  std::string& result = patterns_[pattern].path;
  if (!result.empty()) return result;
  std::vector<Id> line;
  for (; pattern != root; pattern = patterns_[pattern].parent) line.push_back(pattern);
  for (auto id = line.rbegin(); id != line.rend(); ++id) {
    result += '/';
    result += patterns_[*id].segment;
  }
  if (result.size() > pattern_path_limit) {
    const std::uint64_t hash = XXH3_64bits(result.data(), result.size());
    result.resize(result.rfind('/', pattern_path_limit));
    result.append("/~4").append(std::to_string(hash));
  }
  return result;
}

void append_escaped_segment(std::string& pointer, std::string_view key) {
  if (!needs_escape(key)) {
    pointer += key;
    return;
  }
  for (const char c : key) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

MapLikeness map_likeness(const JsonDocument& document, JsonDocument::Node object) {
  std::size_t keys = 0;
  bool all_data_keys = true;
  bool one_container_type = true;
  JsonType first_type = JsonType::null;
  for (auto key = document.first(object); key < document.end(object); key = document.next(key + 1)) {
    const JsonType type = document.type(key + 1);
    if (keys == 0) first_type = type;
    one_container_type =
        one_container_type && type == first_type && (type == JsonType::object || type == JsonType::array);
    all_data_keys = all_data_keys && is_data_key(document.string(key));
    ++keys;
    if (!all_data_keys && !one_container_type) return MapLikeness::record;
  }
  if (keys == 0) return MapLikeness::empty;
  return all_data_keys || keys > map_key_count ? MapLikeness::map : MapLikeness::record;
}

namespace {

bool is_data_key(std::string_view key) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!key.empty() && std::all_of(key.begin(), key.end(), is_digit)) return true;
  switch (format_of(key)) {
    case ValueFormat::uuid:
    case ValueFormat::ulid:
    case ValueFormat::date:
    case ValueFormat::date_time:
    case ValueFormat::hex_token:
      return true;
    default:
      return false;
  }
}

}  // namespace
}  // namespace understudy::diff
