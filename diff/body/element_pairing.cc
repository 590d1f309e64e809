// The steps of the pairing, see the header.
#include "diff/body/element_pairing.h"

#include <algorithm>
#include <utility>

namespace understudy::diff {
namespace {

// Bounds on the work for one pair of arrays; what lies beyond is paired by the next step.
constexpr std::size_t common_order_limit = 64 * 1024;  // cells of the table
constexpr std::size_t feature_limit = 64;              // values of one element
constexpr std::size_t feature_depth_limit = 3;
constexpr std::size_t feature_pairs_limit = 1024;  // pairs of elements that have the same value: it tells nothing
constexpr std::size_t likeness_limit = 64 * 1024;  // shared values of all pairs
// Of a value that one element of each side has, against one that several have.
constexpr std::uint32_t weight_of_telling = 4;

// How much of such work takes as long as a visit of a node.
constexpr std::size_t cells_a_visit = 16;
constexpr std::size_t likenesses_a_visit = 4;

// Of what can be the name of a thing; else 0.
std::uint64_t identity_hash(const JsonDocument& document, JsonDocument::Node value) {
  const JsonType type = document.type(value);
  return type == JsonType::string || type == JsonType::number ? scalar_hash(document, value) : 0;
}

}  // namespace

bool ElementPairing::pair(const std::vector<ArrayElement>& primary, const std::vector<ArrayElement>& other,
                          std::vector<ElementPair>& pairs) {
  sides_[0].elements = &primary;
  sides_[1].elements = &other;
  for (Side& side : sides_) {
    side.partners.assign(side.elements->size(), alone);
    side.hashes.assign(side.elements->size(), 0);
  }
  bool reordered = false;
  if (primary.size() == other.size()) pair_equal_in_place();
  if (primary.size() == other.size() && (in_order_by_identity() || in_order_by_likeness())) {
    for (const std::uint32_t place : open_) join(sides_[0], place, sides_[1], place);
  } else {
    for (Side& side : sides_) {
      for (std::uint32_t place = 0; place < side.partners.size(); ++place) {
        if (side.partners[place] == alone) side.hashes[place] = equality_.hash(*side.document, side.node(place));
      }
    }
    // The steps take the sides in an order of their own: so they decide the same whichever is the primary.
    const bool swapped = sides_[1].hashes < sides_[0].hashes;
    Side& left = sides_[swapped ? 1 : 0];
    Side& right = sides_[swapped ? 0 : 1];
    pair_equal(left, right);
    if (!pair_by_identity(left, right)) pair_by_likeness(left, right);
    reordered = is_reordered(left);
    pair_by_position(left, right, reordered || arrays_are_sets_);
  }

  for (std::uint32_t place = 0; place < primary.size(); ++place) {
    const std::uint32_t partner = sides_[0].partners[place];
    ElementPair& added = pairs.emplace_back();
    added.primary = primary[place];
    if (partner == alone) continue;
    added.other = other[partner];
    added.same_hash = sides_[0].hashes[place] == sides_[1].hashes[partner] && sides_[0].hashes[place] != 0;
  }
  for (std::uint32_t place = 0; place < other.size(); ++place) {
    if (sides_[1].partners[place] == alone) pairs.push_back({{}, other[place], false});
  }
  return reordered;
}

// What stands where it stood need not be looked for. Fills open_ with the places of the others.
void ElementPairing::pair_equal_in_place() {
  open_.clear();
  for (std::uint32_t place = 0; place < sides_[0].elements->size(); ++place) {
    if (equality_.equal(sides_[0].node(place), sides_[1].node(place))) {
      join(sides_[0], place, sides_[1], place);
    } else {
      open_.push_back(place);
    }
  }
}

// The commonest case of arrays that vary, found without tables of hashes: the same things in the same order.
bool ElementPairing::in_order_by_identity() {
  if (open_.empty()) return true;
  const auto identity_of = [&](const Side& side, std::uint32_t place, std::size_t name) {
    return identity(*side.document, side.node(place), name);
  };
  std::size_t name = 0;
  const std::uint32_t first = open_.front();
  while (name < no_identity && (identity_of(sides_[0], first, name) == 0 || identity_of(sides_[1], first, name) == 0)) {
    ++name;
  }
  if (name == no_identity) return false;
  std::vector<Ordered>& known = sides_[0].ordered;
  known.clear();
  for (const std::uint32_t place : open_) {
    const std::uint64_t value = identity_of(sides_[0], place, name);
    if (value == 0 || value != identity_of(sides_[1], place, name)) return false;
    known.push_back({value, 0});
  }
  std::sort(known.begin(), known.end());
  return std::adjacent_find(known.begin(), known.end()) == known.end();
}

// The same for things without a name: each shares half of its members with the one in its place, and one of these
// members with neither neighbour of that.
bool ElementPairing::in_order_by_likeness() {
  const JsonDocument& primary = *sides_[0].document;
  const JsonDocument& other = *sides_[1].document;
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const std::uint32_t place = open_[i];
    const std::uint32_t next = open_[i + 1 < open_.size() ? i + 1 : 0];
    for (const Side& side : sides_) {
      if (side.document->type(side.node(place)) != JsonType::object) return false;
    }
    if (primary.type(sides_[0].node(next)) != JsonType::object || other.type(sides_[1].node(next)) != JsonType::object)
      return false;
    std::size_t members = 0;
    std::size_t shared = 0;
    bool telling = false;
    Node keys[] = {primary.first(sides_[0].node(place)), other.first(sides_[1].node(place)),
                   primary.first(sides_[0].node(next)), other.first(sides_[1].node(next))};
    const Node ends[] = {primary.end(sides_[0].node(place)), other.end(sides_[1].node(place)),
                         primary.end(sides_[0].node(next)), other.end(sides_[1].node(next))};
    while (keys[0] < ends[0] && keys[1] < ends[1] && equality_.spend()) {
      if (primary.string(keys[0]) != other.string(keys[1])) return false;
      ++members;
      if (equality_.equal(keys[0] + 1, keys[1] + 1)) {
        ++shared;
        telling = telling || (keys[2] < ends[2] && keys[3] < ends[3] && !equality_.equal(keys[0] + 1, keys[3] + 1) &&
                              !equality_.equal(keys[2] + 1, keys[1] + 1));
      }
      for (std::size_t k = 0; k < 4; ++k) {
        if (keys[k] < ends[k]) keys[k] = (k % 2 == 0 ? primary : other).next(keys[k] + 1);
      }
    }
    if (2 * shared < members || !telling) return false;
  }
  return true;
}

void ElementPairing::pair_equal(Side& left, Side& right) {
  order_by_hash(left);
  order_by_hash(right);
  // Groups of one hash on both sides, as far as they are not paired yet.
  const auto for_groups = [&](const auto& visit) {
    auto first = left.ordered.begin();
    auto other_first = right.ordered.begin();
    while (first != left.ordered.end() && other_first != right.ordered.end()) {
      const std::uint64_t hash = std::min(first->hash, other_first->hash);
      const auto is_other = [hash](const Ordered& entry) { return entry.hash != hash; };
      const auto last = std::find_if(first, left.ordered.end(), is_other);
      const auto other_last = std::find_if(other_first, right.ordered.end(), is_other);
      if (first != last && other_first != other_last) visit(first, last, other_first, other_last);
      first = last;
      other_first = other_last;
    }
  };
  // Of values that one side has more often than the other, some stand where they stood and some are new.
  bool is_open = false;
  for_groups([&](auto first, auto last, auto other_first, auto other_last) {
    is_open = is_open || last - first != other_last - other_first;
  });
  if (is_open && !arrays_are_sets_) pair_in_common_order(left, right);
  for_groups([&](auto first, auto last, auto other_first, auto other_last) {
    while (true) {
      while (first != last && left.partners[first->place] != alone) ++first;
      while (other_first != other_last && right.partners[other_first->place] != alone) ++other_first;
      if (first == last || other_first == other_last) return;
      join(left, first->place, right, other_first->place);
    }
  });
}

// The longest order that both sides have in common, where it is cheap to find.
void ElementPairing::pair_in_common_order(Side& left, Side& right) {
  // Those that are not paired yet, in the order of their places.
  const auto by_place = [](const Ordered& one, const Ordered& two) { return one.place < two.place; };
  std::vector<Ordered> elements = left.ordered;
  std::vector<Ordered> other_elements = right.ordered;
  std::sort(elements.begin(), elements.end(), by_place);
  std::sort(other_elements.begin(), other_elements.end(), by_place);
  const std::size_t rows = elements.size();
  const std::size_t columns = other_elements.size();
  const std::size_t cells = (rows + 1) * (columns + 1);
  if (cells > common_order_limit || !equality_.spend(cells / cells_a_visit)) return;
  lengths_.assign(cells, 0);
  const auto length = [&](std::size_t row, std::size_t column) -> std::uint16_t& {
    return lengths_[row * (columns + 1) + column];
  };
  for (std::size_t row = rows; row-- > 0;) {
    for (std::size_t column = columns; column-- > 0;) {
      const bool same = elements[row].hash == other_elements[column].hash;
      length(row, column) = same ? static_cast<std::uint16_t>(length(row + 1, column + 1) + 1)
                                 : std::max(length(row + 1, column), length(row, column + 1));
    }
  }
  for (std::size_t row = 0, column = 0; row < rows && column < columns;) {
    if (elements[row].hash == other_elements[column].hash) {
      join(left, elements[row++].place, right, other_elements[column++].place);
    } else if (length(row + 1, column) >= length(row, column + 1)) {
      ++row;
    } else {
      ++column;
    }
  }
}

// False where no member tells the objects that are left apart and is found on both sides.
bool ElementPairing::pair_by_identity(Side& left, Side& right) {
  collect_objects(left);
  collect_objects(right);
  if (left.objects.empty() || right.objects.empty()) return true;
  const auto order = [&](Side& side, std::size_t name) {
    side.ordered.clear();
    for (std::uint32_t i = 0; i < side.objects.size(); ++i) {
      if (side.identities[i][name] == 0) return false;
      side.ordered.push_back({side.identities[i][name], side.objects[i]});
    }
    std::sort(side.ordered.begin(), side.ordered.end());
    const auto same = [](const Ordered& entry, const Ordered& next) { return entry.hash == next.hash; };
    return std::adjacent_find(side.ordered.begin(), side.ordered.end(), same) == side.ordered.end();
  };
  for (std::size_t name = 0; name < no_identity; ++name) {
    if (!order(left, name) || !order(right, name)) continue;
    bool found = false;
    for (auto entry = left.ordered.begin(), partner = right.ordered.begin();
         entry != left.ordered.end() && partner != right.ordered.end();) {
      if (entry->hash == partner->hash) {
        join(left, (entry++)->place, right, (partner++)->place);
        found = true;
      } else if (entry->hash < partner->hash) {
        ++entry;
      } else {
        ++partner;
      }
    }
    if (found) return true;
  }
  return false;
}

void ElementPairing::pair_by_likeness(Side& left, Side& right) {
  const auto features_of = [&](Side& side) {
    side.ordered.clear();
    side.features.assign(side.elements->size(), 0);
    for (const std::uint32_t place : side.objects) {
      std::size_t room = feature_limit;
      collect_features(side, side.node(place), 0, 0, place, room, side.ordered);
    }
    std::sort(side.ordered.begin(), side.ordered.end());
    side.ordered.erase(std::unique(side.ordered.begin(), side.ordered.end()), side.ordered.end());
  };
  features_of(left);
  features_of(right);

  likenesses_.clear();
  for (auto first = left.ordered.begin(), other_first = right.ordered.begin();
       first != left.ordered.end() || other_first != right.ordered.end();) {
    const bool of_right =
        first == left.ordered.end() || (other_first != right.ordered.end() && other_first->hash < first->hash);
    const std::uint64_t hash = of_right ? other_first->hash : first->hash;
    const auto is_other = [hash](const Ordered& entry) { return entry.hash != hash; };
    const auto last = std::find_if(first, left.ordered.end(), is_other);
    const auto other_last = std::find_if(other_first, right.ordered.end(), is_other);
    const auto count = static_cast<std::size_t>(last - first) * static_cast<std::size_t>(other_last - other_first);
    if (count <= feature_pairs_limit && likenesses_.size() + count <= likeness_limit) {
      for (auto entry = first; entry != last; ++entry) ++left.features[entry->place];
      for (auto entry = other_first; entry != other_last; ++entry) ++right.features[entry->place];
      for (auto entry = first; entry != last; ++entry) {
        for (auto partner = other_first; partner != other_last; ++partner) {
          likenesses_.push_back({count == 1 ? weight_of_telling : 1, 1, entry->place, partner->place});
        }
      }
    }
    first = last;
    other_first = other_last;
  }
  if (!equality_.spend((likenesses_.size() + left.ordered.size() + right.ordered.size()) / likenesses_a_visit)) return;

  const auto places = [](const Likeness& likeness) { return std::pair(likeness.left, likeness.right); };
  std::sort(likenesses_.begin(), likenesses_.end(),
            [&](const Likeness& one, const Likeness& two) { return places(one) < places(two); });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < likenesses_.size(); ++i) {
    if (kept > 0 && places(likenesses_[kept - 1]) == places(likenesses_[i])) {
      likenesses_[kept - 1].score += likenesses_[i].score;
      likenesses_[kept - 1].shared += likenesses_[i].shared;
    } else {
      likenesses_[kept++] = likenesses_[i];
    }
  }
  likenesses_.resize(kept);
  std::erase_if(likenesses_, [&](const Likeness& likeness) {
    return 2 * likeness.shared < std::min(left.features[likeness.left], right.features[likeness.right]);
  });
  const auto distance = [](const Likeness& likeness) {
    return likeness.left > likeness.right ? likeness.left - likeness.right : likeness.right - likeness.left;
  };
  std::sort(likenesses_.begin(), likenesses_.end(), [&](const Likeness& one, const Likeness& two) {
    if (one.score != two.score) return one.score > two.score;
    if (distance(one) != distance(two)) return distance(one) < distance(two);
    return places(one) < places(two);
  });
  for (const Likeness& likeness : likenesses_) {
    if (left.partners[likeness.left] == alone && right.partners[likeness.right] == alone) {
      join(left, likeness.left, right, likeness.right);
    }
  }
}

void ElementPairing::pair_by_position(Side& left, Side& right, bool reordered) {
  std::uint32_t place = 0;
  std::uint32_t other_place = 0;
  while (place < left.partners.size() && other_place < right.partners.size()) {
    const std::uint32_t partner = left.partners[place];
    if (partner != alone) {
      // What the other side has before the partner was inserted there.
      if (!reordered) other_place = partner + 1;
      ++place;
    } else if (right.partners[other_place] == alone) {
      join(left, place++, right, other_place++);
    } else if (reordered) {
      ++other_place;
    } else {
      ++place;
    }
  }
}

void ElementPairing::order_by_hash(Side& side) {
  side.ordered.clear();
  for (std::uint32_t place = 0; place < side.hashes.size(); ++place) {
    if (side.partners[place] == alone) side.ordered.push_back({side.hashes[place], place});
  }
  std::sort(side.ordered.begin(), side.ordered.end());
}

void ElementPairing::collect_objects(Side& side) {
  side.objects.clear();
  side.identities.clear();
  const JsonDocument& document = *side.document;
  for (std::uint32_t place = 0; place < side.partners.size(); ++place) {
    if (side.partners[place] != alone || document.type(side.node(place)) != JsonType::object) continue;
    side.objects.push_back(place);
    auto& identities = side.identities.emplace_back();
    const Node end = document.end(side.node(place));
    for (Node key = document.first(side.node(place)); key < end && equality_.spend(); key = document.next(key + 1)) {
      const auto name = std::find(identity_names.begin(), identity_names.end(), document.string(key));
      if (name == identity_names.end()) continue;
      auto& value = identities[static_cast<std::size_t>(name - identity_names.begin())];
      if (value == 0) value = identity_hash(document, key + 1);
    }
  }
}

std::uint64_t ElementPairing::identity(const JsonDocument& document, Node object, std::size_t name) {
  if (document.type(object) != JsonType::object) return 0;
  for (Node key = document.first(object); key < document.end(object); key = document.next(key + 1)) {
    if (!equality_.spend()) return 0;
    if (document.string(key) == identity_names[name]) return identity_hash(document, key + 1);
  }
  return 0;
}

// The values below an object, each with where it stands there.
void ElementPairing::collect_features(const Side& side, Node object, std::uint64_t path, std::size_t depth,
                                      std::uint32_t place, std::size_t& room, std::vector<Ordered>& features) {
  const JsonDocument& document = *side.document;
  for (Node key = document.first(object); key < document.end(object) && room > 0 && equality_.spend();
       key = document.next(key + 1)) {
    const std::uint64_t step = hash_below(path, document.string(key));
    if (document.type(key + 1) == JsonType::object && depth + 1 < feature_depth_limit) {
      collect_features(side, key + 1, step, depth + 1, place, room, features);
    } else {
      features.push_back({hash_at(step, equality_.hash(document, key + 1)), place});
      --room;
    }
  }
}

// Of what is paired.
bool ElementPairing::is_reordered(const Side& left) {
  std::uint32_t next = 0;
  for (const std::uint32_t partner : left.partners) {
    if (partner == alone) continue;
    if (partner < next) return true;
    next = partner;
  }
  return false;
}

void ElementPairing::join(Side& left, std::uint32_t place, Side& right, std::uint32_t other_place) {
  left.partners[place] = other_place;
  right.partners[other_place] = place;
}

}  // namespace understudy::diff
