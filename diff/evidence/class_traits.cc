// See class_traits.h.
#include "diff/evidence/class_traits.h"

#include <algorithm>
#include <array>

namespace understudy::diff {

Severity rank_of(DifferenceClass difference_class) {
  return difference_class == DifferenceClass::order_changed ? Severity::medium : severity_of(difference_class);
}

bool is_of_values(DifferenceClass difference_class) {
  switch (difference_class) {
    case DifferenceClass::element_removed:
    case DifferenceClass::element_added:
    case DifferenceClass::value_changed:
    case DifferenceClass::value_novel:
    case DifferenceClass::order_changed:
    case DifferenceClass::header_changed:
    case DifferenceClass::body_changed:
      return true;
    default:
      return is_aspect(difference_class) && difference_class != DifferenceClass::notation_changed;
  }
}

bool is_of_connection(DifferenceClass difference_class) {
  return difference_class == DifferenceClass::transport || difference_class == DifferenceClass::aborted;
}

bool is_aspect(DifferenceClass difference_class) {
  return difference_class >= DifferenceClass::emptied && difference_class != DifferenceClass::cookie_attribute &&
         difference_class != DifferenceClass::aborted;
}

bool has_aspects(DifferenceClass difference_class) {
  return difference_class == DifferenceClass::value_changed || difference_class == DifferenceClass::header_changed ||
         difference_class == DifferenceClass::body_changed;
}

bool may_be_constant(DifferenceClass difference_class) {
  return difference_class == DifferenceClass::header_changed || difference_class == DifferenceClass::cookie_attribute;
}

bool states_a_policy(std::string_view path) {
  constexpr std::string_view prefix = "header:";
  constexpr std::array<std::string_view, 18> names{"accept-ranges",
                                                   "allow",
                                                   "alt-svc",
                                                   "cache-control",
                                                   "clear-site-data",
                                                   "content-encoding",
                                                   "content-language",
                                                   "content-security-policy",
                                                   "pragma",
                                                   "permissions-policy",
                                                   "referrer-policy",
                                                   "server",
                                                   "strict-transport-security",
                                                   "vary",
                                                   "www-authenticate",
                                                   "x-content-type-options",
                                                   "x-frame-options",
                                                   "x-robots-tag"};
  constexpr std::array<std::string_view, 2> prefixes{"access-control-", "cross-origin-"};
  if (!path.starts_with(prefix)) return false;
  path.remove_prefix(prefix.size());
  return std::ranges::find(names, path) != names.end() ||
         std::ranges::any_of(prefixes, [&](std::string_view begin) { return path.starts_with(begin); });
}

}  // namespace understudy::diff
