// Pairing the elements of two arrays (DIFF.md 2.2, first edition): equal ends, order, sets, position. See
// json_compare.h.
#include <algorithm>
#include <cstddef>
#include <iterator>

#include "diff/body/json_compare.h"

namespace understudy::diff {

// Equal ends are trimmed; what is left is either the same in another order, or compared by position.
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

  const std::size_t base = elements_.size();
  Rest rest{};
  rest.primary_begin = base;
  for (std::uint32_t i = index; primary_element < primary_end; primary_element = primary_.next(primary_element)) {
    elements_.push_back({primary_element, i++});
  }
  rest.primary_end = rest.other_begin = elements_.size();
  for (std::uint32_t i = index; other_element < other_end; other_element = other_.next(other_element)) {
    elements_.push_back({other_element, i++});
  }
  rest.other_end = elements_.size();
  // Of one element each, it is known that they are not equal.
  while (rest.primary_end > rest.primary_begin && rest.other_end > rest.other_begin &&
         (rest.primary_end > rest.primary_begin + 1 || rest.other_end > rest.other_begin + 1) &&
         equality_.equal(elements_[rest.primary_end - 1].node, elements_[rest.other_end - 1].node)) {
    --rest.primary_end;
    --rest.other_end;
  }

  bool done = true;
  if (arrays_ == ArrayMode::set) drop_common_elements(rest);
  if (arrays_ != ArrayMode::set && same_multiset(rest)) {
    done = report(DifferenceClass::order_changed, primary, other);
  } else {
    done = compare_elements(primary, other, rest);
  }
  elements_.resize(base);
  return done;
}

bool JsonComparison::compare_elements(Node primary, Node other, const Rest& rest) {
  const std::size_t depth = frames_.size();
  frames_.push_back({.primary = primary, .other = other, .array = true});
  std::size_t i = rest.primary_begin;
  std::size_t j = rest.other_begin;
  bool done = true;
  while (done && (i < rest.primary_end || j < rest.other_end)) {
    const Element element = i < rest.primary_end ? elements_[i++] : Element{};
    const Element other_element = j < rest.other_end ? elements_[j++] : Element{};
    frames_[depth].primary_index = element.index;
    frames_[depth].other_index = other_element.index;
    if (element.node != 0 && other_element.node != 0) {
      done = compare_value(element.node, other_element.node);
    } else {
      const bool removed = element.node != 0;
      done = report(removed ? DifferenceClass::element_removed : DifferenceClass::element_added, element.node,
                    other_element.node);
    }
  }
  frames_.pop_back();
  return done;
}

// Whether what is left of two arrays holds the same values in another order.
bool JsonComparison::same_multiset(const Rest& rest) {
  const std::size_t count = rest.primary_end - rest.primary_begin;
  if (count != rest.other_end - rest.other_begin || count < 2) return false;
  // Most often the first element is nowhere on the other side, which a look at the beginnings of its elements shows.
  bool found = false;
  for (std::size_t j = rest.other_begin + 1; !found && j < rest.other_end; ++j) {
    found = equality_.equal(elements_[rest.primary_begin].node, elements_[j].node);
  }
  if (!found) return false;
  primary_hashes_.clear();
  other_hashes_.clear();
  for (std::size_t i = rest.primary_begin; i < rest.primary_end; ++i)
    primary_hashes_.push_back(equality_.hash(primary_, elements_[i].node));
  for (std::size_t j = rest.other_begin; j < rest.other_end; ++j)
    other_hashes_.push_back(equality_.hash(other_, elements_[j].node));
  std::sort(primary_hashes_.begin(), primary_hashes_.end());
  std::sort(other_hashes_.begin(), other_hashes_.end());
  return primary_hashes_ == other_hashes_;
}

// For arrays that are sets: takes what both sides have, wherever it stands, out of the rest.
void JsonComparison::drop_common_elements(Rest& rest) {
  const auto hash_all = [&](const JsonDocument& document, std::size_t begin, std::size_t end,
                            std::vector<std::uint64_t>& hashes) {
    hashes.clear();
    for (std::size_t i = begin; i < end; ++i) hashes.push_back(equality_.hash(document, elements_[i].node));
    std::sort(hashes.begin(), hashes.end());
  };
  hash_all(primary_, rest.primary_begin, rest.primary_end, primary_hashes_);
  hash_all(other_, rest.other_begin, rest.other_end, other_hashes_);
  common_hashes_.clear();
  std::set_intersection(primary_hashes_.begin(), primary_hashes_.end(), other_hashes_.begin(), other_hashes_.end(),
                        std::back_inserter(common_hashes_));
  // Each side keeps what is beyond the common number of each value.
  const auto keep_uncommon = [&](const JsonDocument& document, std::size_t begin, std::size_t end) {
    taken_.assign(common_hashes_.size(), false);
    std::size_t kept = begin;
    for (std::size_t i = begin; i < end; ++i) {
      const std::uint64_t hash = equality_.hash(document, elements_[i].node);
      auto place = static_cast<std::size_t>(std::lower_bound(common_hashes_.begin(), common_hashes_.end(), hash) -
                                            common_hashes_.begin());
      while (place < common_hashes_.size() && common_hashes_[place] == hash && taken_[place]) ++place;
      if (place < common_hashes_.size() && common_hashes_[place] == hash) {
        taken_[place] = true;
      } else {
        elements_[kept++] = elements_[i];
      }
    }
    return kept;
  };
  rest.primary_end = keep_uncommon(primary_, rest.primary_begin, rest.primary_end);
  rest.other_end = keep_uncommon(other_, rest.other_begin, rest.other_end);
}

}  // namespace understudy::diff
