// The elements of two arrays: equal ends are taken off, the rest is paired (element_pairing.h) and compared pair by
// pair. See json_compare.h.
#include <cstddef>

#include "diff/body/json_compare.h"

namespace understudy::diff {

bool JsonComparison::compare_array(Node primary, Node other) {
  Node primary_element = primary_.first(primary);
  Node other_element = other_.first(other);
  const Node primary_end = primary_.end(primary);
  const Node other_end = other_.end(other);
  std::uint32_t index = 0;
  for (; primary_element < primary_end && other_element < other_end; ++index) {
    const Node same_end = equality_.same_until(primary_element, other_element, primary_end);
    if (primary_.next(primary_element) > same_end && !equality_.equal(primary_element, other_element)) break;
    primary_element = primary_.next(primary_element);
    other_element = other_.next(other_element);
  }
  if (primary_element >= primary_end && other_element >= other_end) return true;

  primary_rest_.clear();
  other_rest_.clear();
  for (std::uint32_t i = index; primary_element < primary_end; primary_element = primary_.next(primary_element)) {
    primary_rest_.push_back({primary_element, i++});
  }
  for (std::uint32_t i = index; other_element < other_end; other_element = other_.next(other_element)) {
    other_rest_.push_back({other_element, i++});
  }
  // Of one element each, it is known that they are not equal.
  while (!primary_rest_.empty() && !other_rest_.empty() && (primary_rest_.size() > 1 || other_rest_.size() > 1) &&
         equality_.equal(primary_rest_.back().node, other_rest_.back().node)) {
    primary_rest_.pop_back();
    other_rest_.pop_back();
  }

  const std::size_t base = element_pairs_.size();
  bool reordered = false;
  if (primary_rest_.size() == 1 && other_rest_.size() == 1) {
    element_pairs_.push_back({primary_rest_.front(), other_rest_.front(), false});
  } else if (other_rest_.empty()) {
    for (const ArrayElement& element : primary_rest_) element_pairs_.push_back({element, {}, false});
  } else if (primary_rest_.empty()) {
    for (const ArrayElement& element : other_rest_) element_pairs_.push_back({{}, element, false});
  } else {
    reordered = pairing_.pair(primary_rest_, other_rest_, element_pairs_);
  }
  bool done = !reordered || arrays_ == ArrayMode::set || report(DifferenceClass::order_changed, primary, other);
  done = done && compare_elements(primary, other, base);
  element_pairs_.resize(base);
  return done;
}

bool JsonComparison::compare_elements(Node primary, Node other, std::size_t first_pair) {
  const std::size_t depth = frames_.size();
  frames_.push_back({.primary = primary, .other = other, .array = true});
  bool done = true;
  const std::size_t end = element_pairs_.size();
  for (std::size_t i = first_pair; done && i < end; ++i) {
    // By value: the arrays below push theirs.
    const ElementPair pair = element_pairs_[i];
    frames_[depth].primary_index = pair.primary.index;
    frames_[depth].other_index = pair.other.index;
    if (pair.other.node == 0) {
      done = report(DifferenceClass::element_removed, pair.primary.node, 0);
    } else if (pair.primary.node == 0) {
      done = report(DifferenceClass::element_added, 0, pair.other.node);
    } else if (!pair.same_hash || arrays_ != ArrayMode::set) {
      // Numbers that are rounded to the same have the same hash.
      done = compare_value(pair.primary.node, pair.other.node);
    }
  }
  frames_.pop_back();
  return done;
}

}  // namespace understudy::diff
