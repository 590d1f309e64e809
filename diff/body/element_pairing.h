// Which elements of two arrays belong together. Production may list the same things in any order, and a candidate may
// leave one out: what is paired by position alone then differs in everything. In this order, each step with what the
// ones before have left:
//
//   1. elements of the same content, wherever they stand (hashes, as multisets);
//   2. objects with the same identity: the first of id, key, uuid, ... that all of them have, each another one;
//   3. where no such member is found: the objects that share most of their members' values, at least half;
//   4. by position, between the same neighbours, or of all that are left if the order is another one anyway.
//
// The answer depends on the two contents alone and not on which of them is the primary's. Caller:
// json_compare_array.cc, once the equal ends are taken off. Its tables keep their memory between calls.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "diff/body/json_document.h"
#include "diff/body/json_equality.h"
#include "diff/settings.h"

namespace understudy::diff {

struct ArrayElement {
  JsonDocument::Node node = 0;
  std::uint32_t index = 0;
};
// Node 0: the other side alone has it.
struct ElementPair {
  ArrayElement primary;
  ArrayElement other;
  bool same_hash = false;
};

// Names of members that tell an object from others of its kind, the most telling first.
inline constexpr std::array<std::string_view, 10> identity_names{"id",  "key",  "uuid", "_id",     "code",
                                                                 "sku", "slug", "sha",  "node_id", "name"};

class ElementPairing {
 public:
  ElementPairing(const JsonDocument& primary, const JsonDocument& other, JsonEquality& equality, ArrayMode arrays)
      : equality_(equality), arrays_are_sets_(arrays == ArrayMode::set), sides_{Side(primary), Side(other)} {}

  // Appends a pair for every element: those that the primary has in its order, then the other's alone. Returns whether
  // elements that belong together stand in another order. Worthless once equality.exhausted().
  bool pair(const std::vector<ArrayElement>& primary, const std::vector<ArrayElement>& other,
            std::vector<ElementPair>& pairs);

 private:
  using Node = JsonDocument::Node;
  static constexpr std::uint32_t alone = static_cast<std::uint32_t>(-1);
  static constexpr std::size_t no_identity = identity_names.size();

  struct Ordered {  // an element, by what it is sorted for
    std::uint64_t hash;
    std::uint32_t place;
    bool operator==(const Ordered&) const = default;
    auto operator<=>(const Ordered&) const = default;
  };
  struct Side {
    explicit Side(const JsonDocument& its_document) : document(&its_document) {}
    const JsonDocument* document;
    const std::vector<ArrayElement>* elements = nullptr;
    std::vector<std::uint64_t> hashes;
    std::vector<std::uint32_t> partners;  // places on the other side, or alone
    std::vector<Ordered> ordered;
    std::vector<std::uint32_t> objects;                                        // those left
    std::vector<std::array<std::uint64_t, identity_names.size()>> identities;  // of `objects`; 0 = has none
    std::vector<std::uint32_t> features;                                       // how many tell, by place
    Node node(std::uint32_t place) const { return (*elements)[place].node; }
  };
  struct Likeness {
    std::uint32_t score;  // or the weight of one feature
    std::uint32_t shared;
    std::uint32_t left;
    std::uint32_t right;
  };

  void pair_equal_in_place();
  bool in_order_by_identity();
  bool in_order_by_likeness();
  void pair_equal(Side& left, Side& right);
  void pair_in_common_order(Side& left, Side& right);
  bool pair_by_identity(Side& left, Side& right);
  void pair_by_likeness(Side& left, Side& right);
  void pair_by_position(Side& left, Side& right, bool reordered);

  void order_by_hash(Side& side);
  void collect_objects(Side& side);
  void collect_features(const Side& side, Node object, std::uint64_t path, std::size_t depth, std::uint32_t place,
                        std::size_t& room, std::vector<Ordered>& features);
  std::uint64_t identity(const JsonDocument& document, Node object, std::size_t name);
  static bool is_reordered(const Side& left);
  static void join(Side& left, std::uint32_t place, Side& right, std::uint32_t other_place);

  JsonEquality& equality_;
  const bool arrays_are_sets_;
  std::array<Side, 2> sides_;
  std::vector<std::uint32_t> open_;     // of arrays of one length: the places with different elements
  std::vector<std::uint16_t> lengths_;  // of common orders
  std::vector<Likeness> likenesses_;
};

}  // namespace understudy::diff
