// One difference between two responses, and the vocabulary of differences (names as in the contract).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::diff {

enum class DifferenceClass : unsigned char {
  transport,
  status_class,
  status_code,
  content_type,
  parse_failed,
  field_removed,
  field_added,
  element_removed,
  element_added,
  type_changed,
  became_null,
  format_changed,
  value_changed,
  value_novel,
  order_changed,
  number_form,
  string_form,
  duplicate_key,
  header_removed,
  header_added,
  header_changed,
  body_changed,
  latency,
  // Of values that production varies itself, where value_changed says nothing: the other side's value beside the
  // primary's. They are counted from Finding::aspects, but for notation_changed, which may stand alone.
  emptied,
  zeroed,  // 0, or the nil of its format
  frozen,  // its own last value again
  notation_changed,
  out_of_range,
  sign_changed,
  greater,
  less,
  // The same for bodies that are compared as text or octets.
  length_changed,
  lines_changed,   // another number of lines
  lines_replaced,  // fewer of its lines are the primary's
  cookie_attribute,
  // As emptied and those behind it.
  origin_changed,    // of an absolute URL: another scheme, host or port
  template_changed,  // of a text with identifiers or tokens in it: something else than these
  aborted,           // the connection was ended without an answer, which came once it was asked again
};
inline constexpr std::size_t difference_class_count = 38;
static_assert(difference_class_count <= 64, "sets of classes are bits of a word");

// A set of classes, one bit each.
using ClassSet = std::uint64_t;
constexpr ClassSet bit_of(DifferenceClass difference_class) {
  return ClassSet{1} << static_cast<unsigned>(difference_class);
}

enum class Severity : unsigned char { critical, high, medium, low };

std::string_view name_of(DifferenceClass difference_class);
std::string_view name_of(Severity severity);
std::optional<DifferenceClass> class_named(std::string_view name);
std::vector<std::string_view> names_of(ClassSet classes);
Severity severity_of(DifferenceClass difference_class);

// Hashes of distinct scalars, the first so many. Most findings have just one, which costs no allocation.
class ScalarHashes {
 public:
  static constexpr std::size_t limit = 16;

  // Does nothing for one that is known already, and beyond the limit.
  void insert(std::uint64_t hash) {
    const auto same = [&](std::uint64_t known) { return known == hash; };
    if (size() >= limit || any_of(same)) return;
    if (empty_) {
      first_ = hash;
      empty_ = false;
    } else {
      others_.push_back(hash);
    }
  }
  std::size_t size() const { return empty_ ? 0 : 1 + others_.size(); }
  template <typename Predicate>
  bool any_of(const Predicate& predicate) const {
    return !empty_ && (predicate(first_) || std::any_of(others_.begin(), others_.end(), predicate));
  }
  bool operator==(const ScalarHashes&) const = default;

 private:
  bool empty_ = true;
  std::uint64_t first_ = 0;
  std::vector<std::uint64_t> others_;
};

// `path` is the field pattern under which differences are counted: "status", "connection", "header:etag",
// "trailer:name", "body", or an RFC 6901 pattern with "*" for any index and "{}" for any key of a map. The pointers are
// concrete RFC 6901 pointers of this very exchange (empty outside bodies, and where the side has nothing at that
// place). The values are short renderings (at most 256 octets, valid UTF-8) for people to read, never for machines to
// judge. A difference of the whole JSON document has the path "body"; in a pattern a key that is literally "*" or "{}"
// is written "~2" or "~3", which RFC 6901 leaves free, so that it cannot be taken for the wildcard; "~4" and a hash
// stand for what is too long (body/field_pattern.h).
struct Finding {
  std::string path;
  DifferenceClass difference_class{};
  std::string primary_pointer;
  std::string other_pointer;
  std::string primary_value;
  std::string other_value;
  // Only of value_changed: hashes of the other side's distinct scalar values at this path in this exchange, from which
  // body/enumeration.h tells a value that production never sends.
  ScalarHashes other_scalar_hashes;
  // Of value_changed, value_novel, header_changed and body_changed: the classes from emptied to lines_changed,
  // origin_changed and template_changed, that hold for the other side's value as well. Where several values at this
  // path differ, greater and less go by the majority of them, the rest by any. Never rendered: whether they mean
  // something is for the evidence to say.
  ClassSet aspects = 0;
  std::uint64_t other_hash = 0;          // of the other side's values that differ here, in their order; 0 = none
  std::optional<double> primary_number;  // where the first of these values is a number or a time (seconds since 1970)
  std::optional<double> other_number;
  std::optional<double> lines_in_common;  // of a body compared as text: the share of its lines that the primary has too

  bool operator==(const Finding&) const = default;
};

// The path of what becomes of a connection.
inline constexpr std::string_view connection_path = "connection";
// The path of a body as a whole.
inline constexpr std::string_view whole_body_path = "body";

// A finding outside of a document's structure; the values are made fit to show.
Finding finding_at(std::string_view path, DifferenceClass difference_class, std::string_view primary_value,
                   std::string_view other_value);

}  // namespace understudy::diff
