// Days as YYYY-MM-DD order like text. See ignore.h.
#include "diff/evidence/ignore.h"

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

bool is_at(const IgnoreRule& rule, std::string_view endpoint, std::string_view path) {
  if (!rule.endpoint.empty() && rule.endpoint != endpoint) {
    return false;
  }
  const bool names_field = path.starts_with("header:") || path.starts_with("trailer:");
  return names_field ? ascii_lower(rule.path) == path : rule.path == path;
}

}  // namespace

IgnoreMatch find_ignore_rule(const std::vector<IgnoreRule>& rules, std::string_view endpoint, std::string_view path,
                             DifferenceClass difference_class, std::string_view today) {
  IgnoreMatch expired;
  for (const IgnoreRule& rule : rules) {
    if (!rule.covers(difference_class) || !is_at(rule, endpoint, path)) {
      continue;
    }
    if (rule.expires.empty() || today <= rule.expires) {
      return {&rule, false};
    }
    expired = {&rule, true};
  }
  return expired;
}

}  // namespace understudy::diff
