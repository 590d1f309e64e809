// Values that production never sends, see the header. A pattern is known by a hash that is built segment by segment, on
// the walk as in a path.
#include "diff/body/enumeration.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>

#include "diff/body/content.h"
#include "diff/body/field_pattern.h"
#include "diff/body/json_equality.h"

namespace understudy::diff {
namespace {

constexpr std::uint64_t root_pattern = 0;

std::uint64_t below(std::uint64_t pattern, std::string_view segment) {
  return XXH3_64bits_withSeed(segment.data(), segment.size(), pattern);
}

std::uint64_t pattern_of(std::string_view path) {
  std::uint64_t pattern = root_pattern;
  while (path.starts_with('/')) {
    const auto end = path.find('/', 1);
    pattern = below(pattern, path.substr(1, end == std::string_view::npos ? end : end - 1));
    path = end == std::string_view::npos ? std::string_view{} : path.substr(end);
  }
  return pattern;
}

}  // namespace

void Enumerations::learn(std::string_view endpoint_name, const Response& primary) {
  const std::string name(endpoint_name);
  auto place = endpoints_.find(name);
  if (place == endpoints_.end()) {
    if (endpoints_.size() >= enumeration_endpoint_limit) return;
    place = endpoints_.emplace(name, Endpoint{}).first;
  }
  Endpoint& endpoint = place->second;
  ++endpoint.responses;
  if (endpoint.responses > enumeration_always && endpoint.responses % enumeration_interval != 0) return;
  if (primary.digest || primary.body.empty()) return;
  const Content content = content_of(primary, content_coding(primary), decoded_);
  if (content.decoding == Decoding::decoded && announces_json(primary, *content.octets) &&
      document_.parse(*content.octets) == JsonDocument::Result::json) {
    learn_value(endpoint, root_pattern, document_.root());
  }
  document_.shrink();
  release_if_large(decoded_);
}

void Enumerations::reclassify(std::string_view endpoint_name, std::vector<Finding>& findings) const {
  const auto endpoint = endpoints_.find(std::string(endpoint_name));
  if (endpoint == endpoints_.end()) return;
  for (Finding& finding : findings) {
    if (finding.difference_class != DifferenceClass::value_changed) continue;
    const auto place = endpoint->second.fields.find(pattern_of(finding.path));
    if (place == endpoint->second.fields.end()) continue;
    const Field& field = place->second;
    const bool mature =
        !field.open && field.responses >= enumeration_maturity &&
        static_cast<double>(field.values.size()) <= enumeration_density * static_cast<double>(field.responses);
    const auto is_novel = [&](std::uint64_t hash) {
      return std::find(field.values.begin(), field.values.end(), hash) == field.values.end();
    };
    if (mature && finding.other_scalar_hashes.any_of(is_novel)) {
      finding.difference_class = DifferenceClass::value_novel;
    }
  }
}

void Enumerations::learn_value(Endpoint& endpoint, std::uint64_t pattern, Node node) {
  switch (document_.type(node)) {
    case JsonType::object: {
      const MapLikeness likeness = map_likeness(document_, node);
      const bool map = is_map(likeness, likeness);
      for (Node key = document_.first(node); key < document_.end(node); key = document_.next(key + 1)) {
        const std::string_view segment = map ? map_value_segment : pattern_segment(document_.string(key), escaped_);
        learn_value(endpoint, below(pattern, segment), key + 1);
      }
      break;
    }
    case JsonType::array:
      for (Node element = document_.first(node); element < document_.end(node); element = document_.next(element)) {
        learn_value(endpoint, below(pattern, element_segment), element);
      }
      break;
    case JsonType::null:
      break;
    default:
      learn_scalar(endpoint, pattern, node);
  }
}

void Enumerations::learn_scalar(Endpoint& endpoint, std::uint64_t pattern, Node node) {
  auto place = endpoint.fields.find(pattern);
  if (place == endpoint.fields.end()) {
    if (field_count_ >= enumeration_field_limit) return;
    ++field_count_;
    place = endpoint.fields.emplace(pattern, Field{}).first;
  }
  Field& field = place->second;
  if (field.open) return;
  if (field.last_response != endpoint.responses) {
    field.last_response = endpoint.responses;
    ++field.responses;
  }
  const std::uint64_t hash = scalar_hash(document_, node);
  if (std::find(field.values.begin(), field.values.end(), hash) != field.values.end()) return;
  if (field.values.size() < enumeration_value_limit) {
    field.values.push_back(hash);
  } else {
    field.open = true;
    std::vector<std::uint64_t>().swap(field.values);
  }
}

}  // namespace understudy::diff
