// Two JSON texts by structure (DIFF.md 2.1, 2.2): one walk over both, which makes paths and values only where something
// differs. Caller: body.cc. One per Comparer: parsers, stacks and tables keep their memory between calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "diff/body/element_pairing.h"
#include "diff/body/field_pattern.h"
#include "diff/body/json_document.h"
#include "diff/body/json_equality.h"
#include "diff/body/value_difference.h"
#include "diff/finding.h"
#include "diff/occasion.h"
#include "diff/settings.h"

namespace understudy::diff {

// Findings of one comparison; beyond, the rest is said in one body_changed.
inline constexpr std::size_t json_finding_limit = 2048;
// Patterns kept for the next comparison.
inline constexpr std::size_t json_pattern_limit = 1024;
// A longer pointer is left out.
inline constexpr std::size_t pointer_limit = 4096;

class JsonComparison {
 public:
  enum class Outcome : unsigned char {
    compared,          // both are JSON; what differs has been appended
    primary_not_json,  // the other is
    other_not_json,    // the primary is
    neither_json,
    beyond_limits,  // too large, too deep, or too much work: nothing has been appended
  };

  explicit JsonComparison(const Settings& settings);

  // Appends the differences in document order, at most one per (path, class). Both texts begin with the same `same`
  // octets, and not with more.
  Outcome compare(const std::string& primary, const std::string& other, std::size_t same, const Occasion& occasion,
                  std::vector<Finding>& findings);

 private:
  using Node = JsonDocument::Node;

  // A container that the walk is in, and the member or element it stands at.
  struct Frame {
    Node primary;
    Node other;  // 0: as the primary (compare_only_change)
    bool array;
    bool paired = false;    // an object whose members are paired by key, not by position
    bool resolved = false;  // pattern and map are known
    bool map = false;
    FieldPatterns::Id pattern = FieldPatterns::root;
    Node primary_key = 0;  // 0: the other side alone has it
    Node other_key = 0;
    std::uint32_t primary_index = 0;
    std::uint32_t other_index = 0;
  };
  enum class Side : unsigned char { primary, other };

  // Where one scalar alone is another: the primary's node, in way_ the way to it, and in other_ that scalar of the
  // other text. Else 0, and nothing in them.
  Node only_change(const std::string& primary, const std::string& other, std::size_t same);
  void compare_only_change(Node primary);

  // Each returns false when the walk must unwind: to the object at restart_depth_, or to the end.
  bool compare_value(Node primary, Node other);
  bool compare_object(Node primary, Node other);
  bool compare_members(std::size_t depth, Node first_unequal_key);
  bool compare_sizes(std::span<const MemberPair> members);
  bool compare_renamed(std::size_t depth, std::size_t base);
  bool compare_array(Node primary, Node other);
  bool compare_elements(Node primary, Node other, std::size_t first_pair);
  bool compare_string(Node primary, Node other);
  bool compare_number(Node primary, Node other);

  struct Reported {
    std::uint64_t comparison = 0;  // the rest belongs to this one
    ClassSet classes = 0;
    std::uint32_t value_finding = 0;  // where its value_changed stands in findings_
    std::uint32_t greater = 0;        // so many of the values that differ are
    std::uint32_t less = 0;
  };

  // 0 for a side that has nothing at this place.
  bool report(DifferenceClass difference_class, Node primary, Node other);
  bool report(const ValueDifference& difference, Node primary, Node other);
  void add_value(Reported& reported, const ValueDifference& difference, Node other);
  bool resolve_frames();
  FieldPatterns::Id child_pattern(const Frame& frame);
  std::string pointer(Side side) const;
  bool same_indexes() const;

  const ArrayMode arrays_;
  JsonDocument primary_;
  JsonDocument other_;
  JsonEquality equality_;
  FieldPatterns patterns_;
  std::vector<Frame> frames_;
  std::vector<JsonDocument::Step> way_;
  ElementPairing pairing_;
  std::vector<MemberPair> pairs_;  // a stack, as are the pairs of elements
  std::vector<ElementPair> element_pairs_;
  std::vector<ArrayElement> primary_rest_;  // of the arrays at hand
  std::vector<ArrayElement> other_rest_;
  std::vector<Reported> reported_;  // by pattern
  std::uint64_t comparison_ = 0;    // counts them
  std::vector<Finding>* findings_ = nullptr;
  Occasion occasion_;
  std::size_t first_finding_ = 0;
  std::size_t restart_depth_ = no_restart;
  bool too_many_findings_ = false;
  static constexpr std::size_t no_restart = static_cast<std::size_t>(-1);
};

}  // namespace understudy::diff
