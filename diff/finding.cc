// The names of the contract and the severity of each class (DIFF.md 2.1).
#include "diff/finding.h"

#include <algorithm>
#include <array>

#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

struct ClassEntry {
  DifferenceClass difference_class;
  std::string_view name;
  Severity severity;
};

constexpr std::array<ClassEntry, difference_class_count> classes{{
    {DifferenceClass::transport, "transport", Severity::critical},
    {DifferenceClass::status_class, "status_class", Severity::critical},
    {DifferenceClass::status_code, "status_code", Severity::high},
    {DifferenceClass::content_type, "content_type", Severity::high},
    {DifferenceClass::parse_failed, "parse_failed", Severity::high},
    {DifferenceClass::field_removed, "field_removed", Severity::high},
    {DifferenceClass::field_added, "field_added", Severity::low},
    {DifferenceClass::element_removed, "element_removed", Severity::high},
    {DifferenceClass::element_added, "element_added", Severity::low},
    {DifferenceClass::type_changed, "type_changed", Severity::high},
    {DifferenceClass::became_null, "became_null", Severity::high},
    {DifferenceClass::format_changed, "format_changed", Severity::high},
    {DifferenceClass::value_changed, "value_changed", Severity::medium},
    {DifferenceClass::value_novel, "value_novel", Severity::medium},
    {DifferenceClass::order_changed, "order_changed", Severity::low},
    {DifferenceClass::number_form, "number_form", Severity::low},
    {DifferenceClass::string_form, "string_form", Severity::low},
    {DifferenceClass::duplicate_key, "duplicate_key", Severity::high},
    {DifferenceClass::header_removed, "header_removed", Severity::medium},
    {DifferenceClass::header_added, "header_added", Severity::medium},
    {DifferenceClass::header_changed, "header_changed", Severity::medium},
    {DifferenceClass::body_changed, "body_changed", Severity::medium},
    {DifferenceClass::latency, "latency", Severity::medium},
    {DifferenceClass::emptied, "emptied", Severity::high},
    {DifferenceClass::zeroed, "zeroed", Severity::high},
    {DifferenceClass::frozen, "frozen", Severity::high},
    {DifferenceClass::notation_changed, "notation_changed", Severity::high},
    {DifferenceClass::out_of_range, "out_of_range", Severity::medium},
    {DifferenceClass::sign_changed, "sign_changed", Severity::high},
    {DifferenceClass::greater, "greater", Severity::medium},
    {DifferenceClass::less, "less", Severity::medium},
    {DifferenceClass::length_changed, "length_changed", Severity::medium},
    {DifferenceClass::lines_changed, "lines_changed", Severity::medium},
    {DifferenceClass::lines_replaced, "lines_replaced", Severity::medium},
    {DifferenceClass::cookie_attribute, "cookie_attribute", Severity::high},
    {DifferenceClass::origin_changed, "origin_changed", Severity::high},
    {DifferenceClass::template_changed, "template_changed", Severity::high},
    {DifferenceClass::aborted, "aborted", Severity::high},
}};

constexpr bool in_order_of_the_enumeration() {
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (static_cast<std::size_t>(classes[i].difference_class) != i) return false;
  }
  return true;
}
static_assert(in_order_of_the_enumeration());

}  // namespace

std::string_view name_of(DifferenceClass difference_class) {
  return classes[static_cast<std::size_t>(difference_class)].name;
}

std::optional<DifferenceClass> class_named(std::string_view name) {
  const auto found =
      std::find_if(classes.begin(), classes.end(), [=](const ClassEntry& entry) { return entry.name == name; });
  if (found == classes.end()) return std::nullopt;
  return found->difference_class;
}

std::vector<std::string_view> names_of(ClassSet chosen) {
  std::vector<std::string_view> names;
  for (const ClassEntry& entry : classes) {
    if ((chosen & bit_of(entry.difference_class)) != 0) names.push_back(entry.name);
  }
  return names;
}

Severity severity_of(DifferenceClass difference_class) {
  return classes[static_cast<std::size_t>(difference_class)].severity;
}

std::string_view name_of(Severity severity) {
  constexpr std::array<std::string_view, 4> names{"critical", "high", "medium", "low"};
  return names[static_cast<std::size_t>(severity)];
}

Finding finding_at(std::string_view path, DifferenceClass difference_class, std::string_view primary_value,
                   std::string_view other_value) {
  Finding finding;
  finding.path = rendered(path);
  finding.difference_class = difference_class;
  finding.primary_value = rendered(primary_value);
  finding.other_value = rendered(other_value);
  return finding;
}

}  // namespace understudy::diff
