// The walk over two JSON documents, see the header.
//
// Objects are walked in step as long as their keys come in the same order, which is the common case and needs no table.
// Whether that holds to the end is checked when the first difference below an object is about to be reported; if it
// does not hold, the walk of this object starts anew with its members paired by key. So nothing is ever reported from a
// wrong pairing, and equal parts cost one pass.
#include "diff/body/json_compare.h"

#include <algorithm>
#include <limits>

#include "diff/body/json_render.h"

namespace understudy::diff {
namespace {

NumberValue number_value(const JsonDocument& document, JsonDocument::Node node) {
  switch (document.number_kind(node)) {
    case JsonDocument::NumberKind::signed_integer:
      return {static_cast<double>(document.signed_integer(node)), document.signed_integer(node)};
    case JsonDocument::NumberKind::unsigned_integer:
      return {static_cast<double>(document.unsigned_integer(node)), std::nullopt};
    case JsonDocument::NumberKind::real:
      return {document.real(node), std::nullopt};
    case JsonDocument::NumberKind::extreme:
      break;
  }
  return {std::numeric_limits<double>::quiet_NaN(), std::nullopt};
}

// Of values in their order, never 0.
std::uint64_t hash_behind(std::uint64_t before, std::uint64_t hash) {
  constexpr std::uint64_t odd = 0x9E37'79B9'7F4A'7C15ULL;
  const std::uint64_t both = (((before << 5) | (before >> 59)) ^ hash) * odd;
  return both != 0 ? both : odd;
}

}  // namespace

JsonComparison::JsonComparison(const Settings& settings)
    : arrays_(settings.arrays),
      equality_(primary_, other_, settings),
      pairing_(primary_, other_, equality_, settings.arrays) {}

JsonComparison::Outcome JsonComparison::compare(const std::string& primary, const std::string& other, std::size_t same,
                                                const Occasion& occasion, std::vector<Finding>& findings) {
  using Result = JsonDocument::Result;
  const Result primary_result = primary_.parse(primary);
  const Node changed = primary_result == Result::json ? only_change(primary, other, same) : 0;
  if (changed == 0) {
    const Result other_result = other_.parse(other);
    if (primary_result == Result::not_json && other_result == Result::not_json) return Outcome::neither_json;
    if (primary_result == Result::beyond_limits || other_result == Result::beyond_limits) return Outcome::beyond_limits;
    if (primary_result == Result::not_json) return Outcome::primary_not_json;
    if (other_result == Result::not_json) return Outcome::other_not_json;
  }

  equality_.start();
  if (patterns_.size() > json_pattern_limit) patterns_.clear();
  frames_.clear();
  pairs_.clear();
  element_pairs_.clear();
  ++comparison_;
  findings_ = &findings;
  occasion_ = occasion;
  first_finding_ = findings.size();
  restart_depth_ = no_restart;
  too_many_findings_ = false;

  if (changed != 0) {
    compare_only_change(changed);
  } else {
    if (primary_.had_byte_order_mark() != other_.had_byte_order_mark())
      report(DifferenceClass::string_form, primary_.root(), other_.root());
    compare_value(primary_.root(), other_.root());
  }
  Outcome outcome = Outcome::compared;
  if (equality_.exhausted()) {
    findings.resize(first_finding_);
    outcome = Outcome::beyond_limits;
  } else if (too_many_findings_) {
    Finding& rest = findings.emplace_back();
    rest.path = whole_body_path;
    rest.difference_class = DifferenceClass::body_changed;
    rest.other_value = "more than " + std::to_string(json_finding_limit) + " differences";
  }
  primary_.shrink();
  other_.shrink();
  return outcome;
}

bool JsonComparison::compare_value(Node primary, Node other) {
  if (!equality_.spend()) return false;
  const JsonType type = primary_.type(primary);
  const JsonType other_type = other_.type(other);
  if (type != other_type) {
    return report(other_type == JsonType::null ? DifferenceClass::became_null : DifferenceClass::type_changed, primary,
                  other);
  }
  switch (type) {
    case JsonType::object:
      return compare_object(primary, other);
    case JsonType::array:
      return compare_array(primary, other);
    case JsonType::string:
      return compare_string(primary, other);
    case JsonType::number:
      return compare_number(primary, other);
    case JsonType::boolean:
      return primary_.boolean(primary) == other_.boolean(other) ||
             report(DifferenceClass::value_changed, primary, other);
    case JsonType::null:
      break;
  }
  return true;
}

bool JsonComparison::compare_object(Node primary, Node other) {
  const std::size_t depth = frames_.size();
  frames_.push_back({.primary = primary, .other = other, .array = false});
  Node primary_key = primary_.first(primary);
  Node other_key = other_.first(other);
  const Node primary_end = primary_.end(primary);
  const Node other_end = other_.end(other);
  bool done = true;
  Node same_end = primary_key;
  while (done && primary_key < primary_end && other_key < other_end) {
    const Node next_key = primary_.next(primary_key + 1);
    if (next_key > same_end) same_end = equality_.same_until(primary_key, other_key, primary_end);
    if (next_key > same_end) {
      if (primary_.string(primary_key) != other_.string(other_key)) break;
      frames_[depth].primary_key = primary_key;
      frames_[depth].other_key = other_key;
      done = compare_value(primary_key + 1, other_key + 1);
    }
    primary_key = next_key;
    other_key = other_.next(other_key + 1);
  }
  if (!done && restart_depth_ == depth) {
    restart_depth_ = no_restart;
    done = compare_members(depth, primary_.first(primary));
  } else if (done && (primary_key < primary_end || other_key < other_end)) {
    // Nothing has been reported from here, or the order of the keys would have been checked: what came before is equal.
    done = compare_members(depth, primary_key);
  }
  frames_.pop_back();
  return done;
}

// The members of the object at `depth` paired by key. Those before `first_unequal_key` are known to be equal, unless
// keys are repeated.
bool JsonComparison::compare_members(std::size_t depth, Node first_unequal_key) {
  Frame& object = frames_[depth];
  object.paired = true;
  const std::size_t base = pairs_.size();
  const bool duplicates = equality_.pair_members(primary_.first(object.primary), primary_.end(object.primary),
                                                 other_.first(object.other), other_.end(object.other), pairs_);
  bool done = true;
  for (std::size_t i = base; done && i < pairs_.size(); ++i) {
    const MemberPair pair = pairs_[i];
    if (!duplicates && pair.primary != 0 && pair.primary < first_unequal_key) continue;
    frames_[depth].primary_key = pair.primary;
    frames_[depth].other_key = pair.other;
    if (pair.primary != 0 && pair.other != 0) {
      done = compare_value(pair.primary + 1, pair.other + 1);
    } else if (pair.duplicate) {
      done = report(DifferenceClass::duplicate_key, pair.primary == 0 ? 0 : pair.primary + 1,
                    pair.other == 0 ? 0 : pair.other + 1);
    } else if (pair.other == 0) {
      done = report(DifferenceClass::field_removed, pair.primary + 1, 0);
    } else {
      done = report(DifferenceClass::field_added, 0, pair.other + 1);
    }
  }
  if (done && frames_[depth].map) done = compare_sizes(std::span(pairs_).subspan(base)) && compare_renamed(depth, base);
  pairs_.resize(base);
  return done;
}

// Of the map that is walked: where its keys are others each time, that there are fewer or more of them, or none, is a
// difference of its own. Else, where none came, or none went, that is said already.
bool JsonComparison::compare_sizes(std::span<const MemberPair> members) {
  const auto of_primary = std::ranges::count_if(members, [](const MemberPair& pair) { return pair.primary != 0; });
  const auto of_other = std::ranges::count_if(members, [](const MemberPair& pair) { return pair.other != 0; });
  const auto size = std::ssize(members);
  const bool is_said = (of_primary == size && of_other != 0) || of_other == size;
  if (of_primary == of_other || is_said) return true;
  const std::size_t known = findings_->size();
  const bool done =
      report(of_primary > of_other ? DifferenceClass::element_removed : DifferenceClass::element_added, 0, 0);
  if (findings_->size() == known) return done;
  findings_->back().primary_value = std::to_string(of_primary) + " entries";
  findings_->back().other_value = std::to_string(of_other) + " entries";
  return done;
}

// Of the map at `depth`, members on one side alone: where the keys are others each time, what they stand for is
// compared in its order.
bool JsonComparison::compare_renamed(std::size_t depth, std::size_t base) {
  const std::size_t end = pairs_.size();
  std::size_t added = base;
  bool done = true;
  for (std::size_t i = base; done && i < end; ++i) {
    if (pairs_[i].other != 0 || pairs_[i].duplicate) continue;
    while (added < end && (pairs_[added].primary != 0 || pairs_[added].duplicate)) ++added;
    if (added == end) break;
    Frame& map = frames_[depth];
    map.primary_key = pairs_[i].primary;
    map.other_key = pairs_[added++].other;
    map.other_index = map.primary_index + 1;  // another name
    done = compare_value(map.primary_key + 1, map.other_key + 1);
    frames_[depth].other_index = frames_[depth].primary_index;
  }
  return done;
}

bool JsonComparison::compare_string(Node primary, Node other) {
  const std::string_view value = primary_.string(primary);
  const std::string_view other_value = other_.string(other);
  if (value == other_value) return true;
  return report(string_difference(value, other_value, occasion_), primary, other);
}

bool JsonComparison::compare_number(Node primary, Node other) {
  switch (equality_.number_relation(primary, other)) {
    case NumberRelation::equal:
      return true;
    case NumberRelation::other_form:
      return report(DifferenceClass::number_form, primary, other);
    case NumberRelation::different:
      break;
  }
  return report(number_difference(number_value(primary_, primary), number_value(other_, other), occasion_), primary,
                other);
}

bool JsonComparison::report(DifferenceClass difference_class, Node primary, Node other) {
  return report(ValueDifference{.difference_class = difference_class}, primary, other);
}

bool JsonComparison::report(const ValueDifference& difference, Node primary, Node other) {
  if (!difference.differs) return true;
  const DifferenceClass difference_class = difference.difference_class;
  if (!equality_.spend() || !resolve_frames()) return false;
  const FieldPatterns::Id pattern = frames_.empty() ? FieldPatterns::root : child_pattern(frames_.back());
  if (reported_.size() <= pattern) reported_.resize(pattern + 1);
  const ClassSet bit = bit_of(difference_class);
  Reported& reported = reported_[pattern];
  if (reported.comparison != comparison_) reported = {.comparison = comparison_};
  if ((reported.classes & bit) != 0) {
    if (difference_class == DifferenceClass::value_changed) add_value(reported, difference, other);
    return true;
  }
  if (findings_->size() - first_finding_ == json_finding_limit) {
    too_many_findings_ = true;
    return false;
  }
  reported.classes |= bit;
  Finding& finding = findings_->emplace_back();
  finding.path = patterns_.path(pattern);
  finding.difference_class = difference_class;
  if (primary != 0) {
    finding.primary_pointer = pointer(Side::primary);
    finding.primary_value = rendered_json(primary_, primary);
  }
  if (other != 0) {
    finding.other_pointer = primary != 0 && same_indexes() ? finding.primary_pointer : pointer(Side::other);
    finding.other_value = rendered_json(other_, other);
    if (primary != 0)
      show_where_they_differ(primary_, primary, other_, other, finding.primary_value, finding.other_value);
  }
  if (difference_class == DifferenceClass::value_changed) {
    reported.value_finding = static_cast<std::uint32_t>(findings_->size() - 1);
    finding.primary_number = difference.primary_number;
    finding.other_number = difference.other_number;
    add_value(reported, difference, other);
  }
  return true;
}

// One more value at a pattern where values have changed.
void JsonComparison::add_value(Reported& reported, const ValueDifference& difference, Node other) {
  constexpr ClassSet greater = bit_of(DifferenceClass::greater);
  constexpr ClassSet less = bit_of(DifferenceClass::less);
  Finding& finding = (*findings_)[reported.value_finding];
  const std::uint64_t hash = scalar_hash(other_, other);
  finding.other_scalar_hashes.insert(hash);
  finding.other_hash = hash_behind(finding.other_hash, hash);
  reported.greater += (difference.aspects & greater) != 0 ? 1 : 0;
  reported.less += (difference.aspects & less) != 0 ? 1 : 0;
  const ClassSet majority = reported.greater > reported.less   ? greater
                            : reported.less > reported.greater ? less
                                                               : ClassSet{0};
  finding.aspects = ((finding.aspects | difference.aspects) & ~(greater | less)) | majority;
}

// Gives every container on the way here its pattern. An object walked in step whose keys turn out to come in another
// order is left unresolved: the walk unwinds to it.
bool JsonComparison::resolve_frames() {
  for (std::size_t i = 0; i < frames_.size(); ++i) {
    Frame& frame = frames_[i];
    if (frame.resolved) continue;
    if (!frame.array) {
      if (!frame.paired && !equality_.same_key_sequence(frame.primary_key, primary_.end(frame.primary), frame.other_key,
                                                        other_.end(frame.other))) {
        restart_depth_ = i;
        return false;
      }
      const MapLikeness likeness = map_likeness(primary_, frame.primary);
      frame.map = is_map(likeness, frame.other == 0 ? likeness : map_likeness(other_, frame.other));
    }
    frame.pattern = i == 0 ? FieldPatterns::root : child_pattern(frames_[i - 1]);
    frame.resolved = true;
  }
  return true;
}

// The pattern of the member or element at which a resolved container stands.
FieldPatterns::Id JsonComparison::child_pattern(const Frame& frame) {
  if (frame.array) return patterns_.element_of(frame.pattern);
  if (frame.map) return patterns_.value_of_map(frame.pattern);
  return patterns_.field_of(
      frame.pattern, frame.primary_key != 0 ? primary_.string(frame.primary_key) : other_.string(frame.other_key));
}

std::string JsonComparison::pointer(Side side) const {
  const bool of_primary = side == Side::primary;
  std::string result;
  for (const Frame& frame : frames_) {
    result += '/';
    if (frame.array) {
      result += std::to_string(of_primary ? frame.primary_index : frame.other_index);
    } else {
      append_escaped_segment(result, of_primary ? primary_.string(frame.primary_key) : other_.string(frame.other_key));
    }
    if (result.size() > pointer_limit) return {};
  }
  return result;
}

// Whether both sides have the same pointer here: the names of the members are the same.
bool JsonComparison::same_indexes() const {
  return std::all_of(frames_.begin(), frames_.end(),
                     [](const Frame& frame) { return frame.primary_index == frame.other_index; });
}

}  // namespace understudy::diff
