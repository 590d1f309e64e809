// Any function of the two responses serves that changes its sign when they are swapped. See direction.h.
#include "diff/evidence/direction.h"

#include <compare>
#include <string_view>

#include "diff/evidence/class_traits.h"

namespace understudy::diff {
namespace {

// JSON's types by the first octet of a rendered value.
int type_rank(std::string_view value) {
  if (value.empty()) {
    return 0;
  }
  switch (value.front()) {
    case 'n':
      return 1;
    case 't':
    case 'f':
      return 2;
    case '"':
      return 4;
    case '[':
      return 5;
    case '{':
      return 6;
    default:
      return 3;  // a number
  }
}

int sign(std::strong_ordering order) {
  return order > 0 ? 1 : order < 0 ? -1 : 0;
}

int direction_of_values(const Finding& finding) {
  const std::string_view primary = finding.primary_value;
  const std::string_view other = finding.other_value;
  switch (finding.difference_class) {
    case DifferenceClass::type_changed:
    case DifferenceClass::format_changed: {
      const int by_type = sign(type_rank(other) <=> type_rank(primary));
      return by_type != 0 ? by_type : sign(other.size() <=> primary.size());
    }
    default:
      return sign(other <=> primary);  // status codes have three digits: text order is their order
  }
}

}  // namespace

std::optional<DifferenceClass> mirror_of(DifferenceClass difference_class) {
  switch (difference_class) {
    case DifferenceClass::field_removed:
      return DifferenceClass::field_added;
    case DifferenceClass::field_added:
      return DifferenceClass::field_removed;
    case DifferenceClass::header_removed:
      return DifferenceClass::header_added;
    case DifferenceClass::header_added:
      return DifferenceClass::header_removed;
    case DifferenceClass::became_null:
      return DifferenceClass::type_changed;
    case DifferenceClass::type_changed:
      return DifferenceClass::became_null;
    default:
      return std::nullopt;
  }
}

bool is_two_sided(DifferenceClass difference_class) {
  switch (difference_class) {
    case DifferenceClass::status_class:
    case DifferenceClass::status_code:
    case DifferenceClass::content_type:
    case DifferenceClass::parse_failed:
    case DifferenceClass::type_changed:
    case DifferenceClass::format_changed:
    case DifferenceClass::duplicate_key:
      return true;
    default:
      return false;
  }
}

bool is_directional(DifferenceClass difference_class, std::string_view path) {
  switch (difference_class) {
    case DifferenceClass::element_removed:
    case DifferenceClass::element_added:
      return false;
    case DifferenceClass::field_removed:
    case DifferenceClass::field_added:
      return !path.ends_with("/{}");
    default:
      return is_of_connection(difference_class) || is_two_sided(difference_class) ||
             mirror_of(difference_class).has_value();
  }
}

int direction_of(const Finding& finding) {
  const bool mirrored_null =
      finding.difference_class == DifferenceClass::type_changed && finding.primary_value == "null";
  if (is_two_sided(finding.difference_class) && !mirrored_null) {
    return direction_of_values(finding);
  }
  return 1;  // the class is the direction; the opposite one is counted in its mirror class
}

}  // namespace understudy::diff
