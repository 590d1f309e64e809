// Equality and hashes of JSON values: objects without regard to the order of keys, arrays in order (or, for
// ArrayMode::set, as multisets), numbers by exact value and form. Callers: json_compare.cc; element_pairing.cc
// and enumeration.cc for hashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "diff/body/json_document.h"
#include "diff/body/json_run.h"
#include "diff/settings.h"

namespace understudy::diff {

// Node visits of one comparison, all passes together (long keys and numbers count for more): a bound on time against
// hostile bodies.
inline constexpr std::uint64_t json_work_limit = 8 * 1024 * 1024;

enum class NumberRelation : unsigned char { equal, other_form, different };

// Two keys of a pair of objects; 0 where there is none. `duplicate`: the key stands more often on one side than on the
// other (and on both).
struct MemberPair {
  JsonDocument::Node primary = 0;
  JsonDocument::Node other = 0;
  bool duplicate = false;
};

class JsonEquality {
 public:
  using Node = JsonDocument::Node;

  JsonEquality(const JsonDocument& primary, const JsonDocument& other, const Settings& settings);

  // Call after every parse.
  void start() {
    work_left_ = json_work_limit;
    run_.start();
    forget_hashes();
  }
  bool exhausted() const { return work_left_ == 0; }
  // One node visited; false when the work limit is reached. All answers are worthless from then on.
  bool spend(std::uint64_t amount = 1) {
    work_left_ = work_left_ > amount ? work_left_ - amount : 0;
    return work_left_ > 0;
  }

  bool equal(Node primary, Node other);
  // How far the nodes from these on are the same tokens; see JsonRun::extent.
  Node same_until(Node primary, Node other, Node limit) {
    std::uint64_t words = 0;
    const Node end = run_.extent(primary, other, limit, words);
    spend(words / words_a_visit);
    return end;
  }
  NumberRelation number_relation(Node primary, Node other);
  // Whether the same keys stand in the same order from `primary_key` and `other_key` to the ends of their objects.
  bool same_key_sequence(Node primary_key, Node primary_end, Node other_key, Node other_end);
  // Appends the pairs of the keys from `primary_key` and `other_key` to the ends of their objects: the primary's in
  // document order, then the other's alone. Repeated keys pair from the last, the one that counts for most clients.
  // Returns whether there are duplicates.
  bool pair_members(Node primary_key, Node primary_end, Node other_key, Node other_end, std::vector<MemberPair>& pairs);

  // Hashes of containers are remembered until the next start().
  std::uint64_t hash(const JsonDocument& document, Node node);

 private:
  // Reading so many octets takes about as long as one visit.
  static constexpr std::uint64_t octets_a_visit = 16;
  static constexpr std::uint64_t words_a_visit = 4;

  struct KeyEntry {
    std::uint64_t hash;
    Node key;
  };
  void forget_hashes();
  std::uint64_t hash_of_children(const JsonDocument& document, Node container);
  bool equal_objects(Node primary, Node other);
  bool equal_arrays(Node primary, Node other);
  void collect_keys(const JsonDocument& document, Node key, Node end, std::vector<KeyEntry>& entries);

  const JsonDocument& primary_;
  const JsonDocument& other_;
  const double tolerance_;
  const bool arrays_are_sets_;
  std::uint64_t work_left_ = json_work_limit;
  JsonRun run_;
  std::vector<KeyEntry> primary_keys_;
  std::vector<KeyEntry> other_keys_;
  std::vector<std::uint64_t> primary_hashes_;  // of containers, by node; 0 = not known, empty = none is
  std::vector<std::uint64_t> other_hashes_;
  std::vector<MemberPair> pairs_;  // a stack: each call uses what it pushed
};

// The hash of a scalar, the same in every document.
std::uint64_t scalar_hash(const JsonDocument& document, JsonDocument::Node node);

// The hash of a member's place below that of its object, and of the value with this hash there.
std::uint64_t hash_below(std::uint64_t place, std::string_view name);
std::uint64_t hash_at(std::uint64_t place, std::uint64_t value);

}  // namespace understudy::diff
