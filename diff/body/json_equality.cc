// Equality and hashes, see the header.
#include "diff/body/json_equality.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "diff/body/decimal.h"

namespace understudy::diff {
namespace {

using Node = JsonDocument::Node;
using NumberKind = JsonDocument::NumberKind;

// A finaliser with good avalanche (splitmix64), over a value and what it stands for.
std::uint64_t mixed(std::uint64_t value, std::uint64_t salt) {
  value += salt * 0x9E37'79B9'7F4A'7C15ULL;
  value = (value ^ value >> 30) * 0xBF58'476D'1CE4'E5B9ULL;
  value = (value ^ value >> 27) * 0x94D0'49BB'1331'11EBULL;
  return value ^ value >> 31;
}

std::uint64_t text_hash(std::string_view text) {
  return XXH3_64bits(text.data(), text.size());
}

double as_double(const JsonDocument& document, Node node) {
  switch (document.number_kind(node)) {
    case NumberKind::signed_integer:
      return static_cast<double>(document.signed_integer(node));
    case NumberKind::unsigned_integer:
      return static_cast<double>(document.unsigned_integer(node));
    default:
      return document.real(node);
  }
}

}  // namespace

JsonEquality::JsonEquality(const JsonDocument& primary, const JsonDocument& other, const Settings& settings)
    : primary_(primary),
      other_(other),
      tolerance_(settings.tolerance),
      arrays_are_sets_(settings.arrays == ArrayMode::set),
      run_(primary, other) {}

bool JsonEquality::equal(Node primary, Node other) {
  if (!spend()) return false;
  const JsonType type = primary_.type(primary);
  if (type != other_.type(other)) return false;
  switch (type) {
    case JsonType::object:
      return equal_objects(primary, other);
    case JsonType::array:
      return equal_arrays(primary, other);
    case JsonType::string:
      return primary_.string(primary) == other_.string(other);
    case JsonType::number:
      return number_relation(primary, other) == NumberRelation::equal;
    case JsonType::boolean:
      return primary_.boolean(primary) == other_.boolean(other);
    case JsonType::null:
      break;
  }
  return true;
}

bool JsonEquality::equal_objects(Node primary, Node other) {
  Node primary_key = primary_.first(primary);
  Node other_key = other_.first(other);
  const Node primary_end = primary_.end(primary);
  const Node other_end = other_.end(other);
  Node same_end = primary_key;
  while (primary_key < primary_end && other_key < other_end) {
    const Node next_key = primary_.next(primary_key + 1);
    if (next_key > same_end) same_end = same_until(primary_key, other_key, primary_end);
    const bool same = next_key <= same_end;
    if (!same && primary_.string(primary_key) != other_.string(other_key)) break;
    if (!same && !equal(primary_key + 1, other_key + 1)) return false;
    primary_key = next_key;
    other_key = other_.next(other_key + 1);
  }
  if (primary_key >= primary_end || other_key >= other_end) return primary_key >= primary_end && other_key >= other_end;

  const std::size_t base = pairs_.size();
  pair_members(primary_key, primary_end, other_key, other_end, pairs_);
  const auto unpaired = [](const MemberPair& pair) { return pair.primary == 0 || pair.other == 0; };
  bool result = std::none_of(pairs_.begin() + static_cast<std::ptrdiff_t>(base), pairs_.end(), unpaired);
  for (std::size_t i = base; result && i < pairs_.size(); ++i) {
    const MemberPair pair = pairs_[i];
    result = equal(pair.primary + 1, pair.other + 1);
  }
  pairs_.resize(base);
  return result;
}

bool JsonEquality::equal_arrays(Node primary, Node other) {
  Node primary_element = primary_.first(primary);
  Node other_element = other_.first(other);
  const Node primary_end = primary_.end(primary);
  const Node other_end = other_.end(other);
  while (primary_element < primary_end && other_element < other_end &&
         (primary_.next(primary_element) <= same_until(primary_element, other_element, primary_end) ||
          equal(primary_element, other_element))) {
    primary_element = primary_.next(primary_element);
    other_element = other_.next(other_element);
  }
  if (primary_element >= primary_end && other_element >= other_end) return true;
  return arrays_are_sets_ && !exhausted() && hash(primary_, primary) == hash(other_, other);
}

NumberRelation JsonEquality::number_relation(Node primary, Node other) {
  const NumberKind kind = primary_.number_kind(primary);
  const NumberKind other_kind = other_.number_kind(other);
  const bool integers = kind < NumberKind::real && other_kind < NumberKind::real;
  if (integers && kind == other_kind && primary_.number_bits(primary) == other_.number_bits(other))
    return NumberRelation::equal;
  const bool extreme = kind == NumberKind::extreme || other_kind == NumberKind::extreme;
  const double value = extreme ? 0 : as_double(primary_, primary);
  const double other_value = extreme ? 0 : as_double(other_, other);
  // The parser rounds what is no integer, so equality is decided on the texts.
  if (!integers && value == other_value) {
    const std::string_view text = primary_.number_text(primary);
    const std::string_view other_text = other_.number_text(other);
    spend((text.size() + other_text.size()) / octets_a_visit);
    if (text == other_text) return NumberRelation::equal;
    if (same_value(text, other_text)) return NumberRelation::other_form;
    // Digits beyond what a double holds are another way to write it, but of large integers, which may be identifiers.
    constexpr double integers_end = 9'007'199'254'740'992;  // 2^53: from here on doubles are rarer than integers
    const bool reals = kind == NumberKind::real && other_kind == NumberKind::real;
    if (reals && value != 0 && std::abs(value) < integers_end) return NumberRelation::other_form;
  }
  const bool tolerated = tolerance_ > 0 && !extreme &&
                         std::abs(value - other_value) <= tolerance_ * std::max(std::abs(value), std::abs(other_value));
  return tolerated ? NumberRelation::equal : NumberRelation::different;
}

bool JsonEquality::same_key_sequence(Node primary_key, Node primary_end, Node other_key, Node other_end) {
  Node same_end = primary_key;
  while (primary_key < primary_end && other_key < other_end) {
    const Node next_key = primary_.next(primary_key + 1);
    if (next_key > same_end) same_end = same_until(primary_key, other_key, primary_end);
    const bool same = next_key <= same_end;
    if (!spend() || (!same && primary_.string(primary_key) != other_.string(other_key))) return false;
    primary_key = next_key;
    other_key = other_.next(other_key + 1);
  }
  return primary_key >= primary_end && other_key >= other_end;
}

bool JsonEquality::pair_members(Node primary_key, Node primary_end, Node other_key, Node other_end,
                                std::vector<MemberPair>& pairs) {
  collect_keys(primary_, primary_key, primary_end, primary_keys_);
  collect_keys(other_, other_key, other_end, other_keys_);
  const auto base = static_cast<std::ptrdiff_t>(pairs.size());
  bool duplicates = false;

  // Merge from the back: among equal keys the last comes first.
  const auto same_key = [](const JsonDocument& document, const KeyEntry& entry, const JsonDocument& document2,
                           const KeyEntry& entry2) {
    return entry.hash == entry2.hash && document.string(entry.key) == document2.string(entry2.key);
  };
  const auto before = [&](const KeyEntry& entry, const KeyEntry& entry2) {
    return entry.hash != entry2.hash ? entry.hash < entry2.hash
                                     : primary_.string(entry.key) < other_.string(entry2.key);
  };
  std::size_t i = primary_keys_.size();
  std::size_t j = other_keys_.size();
  while (i > 0 || j > 0) {
    const bool take_both = i > 0 && j > 0 && same_key(primary_, primary_keys_[i - 1], other_, other_keys_[j - 1]);
    if (!take_both) {
      // The larger key stands on one side only; earlier ones of the same name go with it.
      if (j == 0 || (i > 0 && !before(primary_keys_[i - 1], other_keys_[j - 1]))) {
        pairs.push_back({primary_keys_[i - 1].key, 0, false});
        for (--i; i > 0 && same_key(primary_, primary_keys_[i - 1], primary_, primary_keys_[i]);) --i;
      } else {
        pairs.push_back({0, other_keys_[j - 1].key, false});
        for (--j; j > 0 && same_key(other_, other_keys_[j - 1], other_, other_keys_[j]);) --j;
      }
      continue;
    }
    const KeyEntry name = primary_keys_[i - 1];
    const auto primary_has_more = [&] { return i > 0 && same_key(primary_, primary_keys_[i - 1], primary_, name); };
    const auto other_has_more = [&] { return j > 0 && same_key(other_, other_keys_[j - 1], primary_, name); };
    bool first = true;
    while (primary_has_more() && other_has_more()) {
      pairs.push_back({primary_keys_[--i].key, other_keys_[--j].key, false});
      duplicates = duplicates || !first;
      first = false;
    }
    for (; primary_has_more(); --i, duplicates = true) pairs.push_back({primary_keys_[i - 1].key, 0, true});
    for (; other_has_more(); --j, duplicates = true) pairs.push_back({0, other_keys_[j - 1].key, true});
  }
  std::sort(pairs.begin() + base, pairs.end(), [](const MemberPair& pair, const MemberPair& pair2) {
    if ((pair.primary == 0) != (pair2.primary == 0)) return pair2.primary == 0;
    return pair.primary != pair2.primary ? pair.primary < pair2.primary : pair.other < pair2.other;
  });
  return duplicates;
}

void JsonEquality::collect_keys(const JsonDocument& document, Node key, Node end, std::vector<KeyEntry>& entries) {
  entries.clear();
  std::uint64_t octets = 0;
  for (; key < end; key = document.next(key + 1)) {
    const std::string_view name = document.string(key);
    octets += name.size();
    entries.push_back({text_hash(name), key});
  }
  spend(entries.size() + octets / octets_a_visit);
  std::sort(entries.begin(), entries.end(), [&](const KeyEntry& entry, const KeyEntry& entry2) {
    if (entry.hash != entry2.hash) return entry.hash < entry2.hash;
    const int order = document.string(entry.key).compare(document.string(entry2.key));
    return order != 0 ? order < 0 : entry.key < entry2.key;
  });
}

std::uint64_t JsonEquality::hash(const JsonDocument& document, Node node) {
  if (!spend()) return 0;
  const JsonType type = document.type(node);
  if (type != JsonType::object && type != JsonType::array) return scalar_hash(document, node);
  std::vector<std::uint64_t>& hashes = &document == &primary_ ? primary_hashes_ : other_hashes_;
  if (hashes.empty()) hashes.resize(document.next(document.root()));
  if (hashes[node] == 0) hashes[node] = hash_of_children(document, node);
  return hashes[node];
}

std::uint64_t JsonEquality::hash_of_children(const JsonDocument& document, Node container) {
  const JsonType type = document.type(container);
  const auto salt = static_cast<std::uint64_t>(type) + 1;
  if (type == JsonType::object) {
    std::uint64_t sum = 0;
    for (Node key = document.first(container); key < document.end(container); key = document.next(key + 1)) {
      sum += mixed(text_hash(document.string(key)), hash(document, key + 1));
    }
    return mixed(sum, salt);
  }
  std::uint64_t state = 0;
  for (Node element = document.first(container); element < document.end(container); element = document.next(element)) {
    const std::uint64_t below = hash(document, element);
    state = arrays_are_sets_ ? state + mixed(below, salt) : mixed(below, state + salt);
  }
  return mixed(state, salt);
}

void JsonEquality::forget_hashes() {
  constexpr std::size_t large = 256 * 1024;
  for (auto* const hashes : {&primary_hashes_, &other_hashes_}) {
    if (hashes->capacity() > large) std::vector<std::uint64_t>().swap(*hashes);
    hashes->clear();
  }
}

std::uint64_t hash_below(std::uint64_t place, std::string_view name) {
  return mixed(text_hash(name), place + 1);
}

std::uint64_t hash_at(std::uint64_t place, std::uint64_t value) {
  return mixed(value, place + 1);
}

std::uint64_t scalar_hash(const JsonDocument& document, JsonDocument::Node node) {
  const JsonType type = document.type(node);
  const auto salt = static_cast<std::uint64_t>(type) + 1;
  switch (type) {
    case JsonType::string:
      return mixed(text_hash(document.string(node)), salt);
    case JsonType::boolean:
      return mixed(document.boolean(node) ? 1 : 0, salt);
    case JsonType::number: {
      const NumberKind kind = document.number_kind(node);
      if (kind == NumberKind::extreme) return mixed(text_hash(document.number_text(node)), salt);
      const std::uint64_t bits = kind == NumberKind::real ? std::bit_cast<std::uint64_t>(document.real(node) + 0.0)
                                                          : document.number_bits(node);
      return mixed(bits, salt + 16 * (static_cast<std::uint64_t>(kind) + 1));
    }
    default:
      return mixed(0, salt);
  }
}

}  // namespace understudy::diff
