// The commonest case of two JSON texts that differ: one scalar is another. See json_compare.h.
//
//   primary  {"id":1,"time":"09:00","items":[ ... ]}
//   other    {"id":1,"time":"09:17","items":[ ... ]}
//            |      A      |   T   |      B       |
//
// Of the primary, once parsed, it is known where its tokens stand. If T, in which the texts begin to differ, is a
// scalar and a value, and the other text begins with A and ends with B, and what it has between them is a scalar as
// well, then by the grammar the other text is JSON too, of the same structure, and nothing else of it need be parsed or
// walked. All judging is left to the walk, which starts at T; whatever is not as plain is left to it altogether.
//
// At 1 KiB two fifths of the time go into the two parsers, a fifth of that for T, and the rest in many small parts into
// the one finding.
#include <string>
#include <string_view>

#include "diff/body/decode.h"
#include "diff/body/json_compare.h"

namespace understudy::diff {

JsonComparison::Node JsonComparison::only_change(const std::string& primary, const std::string& other,
                                                 std::size_t same) {
  // Sets are compared by hash, to which some numbers of different forms are the same.
  if (arrays_ == ArrayMode::set || other.size() > json_size_limit) return 0;
  const auto scalar = primary_.scalar_at(same);
  if (!scalar) return 0;
  const std::string_view behind = std::string_view(primary).substr(scalar->end);
  if (other.size() < scalar->begin + behind.size()) return 0;
  const std::size_t other_end = other.size() - behind.size();
  if (std::string_view(other).substr(other_end) != behind) return 0;

  const bool padded = other.capacity() - other_end >= parser_padding;
  const std::string_view other_scalar = std::string_view(other).substr(scalar->begin, other_end - scalar->begin);
  if (other_.parse(other_scalar, padded) != JsonDocument::Result::json) return 0;
  // A rewritten number can be legal by itself and not in its text.
  if (other_.is_rewritten() || other_.had_byte_order_mark()) return 0;
  const JsonType type = other_.type(other_.root());
  if (type == JsonType::object || type == JsonType::array) return 0;
  return primary_.locate(*scalar, way_);
}

// The containers around the value become frames as on the walk, which would find them the same on both sides.
void JsonComparison::compare_only_change(Node primary) {
  for (auto step = way_.rbegin(); step != way_.rend(); ++step) {
    frames_.push_back({.primary = step->container,
                       .other = 0,
                       .array = step->key == 0,
                       .paired = true,
                       .primary_key = step->key,
                       .primary_index = step->index,
                       .other_index = step->index});
  }
  compare_value(primary, other_.root());
}

}  // namespace understudy::diff
