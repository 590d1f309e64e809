// Header and trailer fields, see the header.
#include "diff/fields.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <utility>

#include "diff/body/value_difference.h"
#include "diff/field_lists.h"
#include "diff/media_type.h"
#include "diff/set_cookie.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

// One field name with its values in the order received.
struct NamedValues {
  std::string name;  // lower case
  std::vector<std::string_view> values;
};

std::vector<NamedValues> grouped(const std::vector<Field>& fields);
void compare_groups(const std::vector<NamedValues>& primary, const std::vector<NamedValues>& other,
                    const FieldContext& context, std::string_view prefix, std::vector<Finding>& findings);
void compare_field(const NamedValues& primary, const NamedValues& other, const Occasion& occasion,
                   std::string_view prefix, std::vector<Finding>& findings);
std::string_view value_of(const std::vector<NamedValues>& groups, std::string_view name);
std::string shown(const NamedValues& group);
bool is_compared(std::string_view name, const FieldContext& context);
bool is_volatile(std::string_view name);
void remove_named_by_connection(std::vector<NamedValues>& groups);
std::string joined(const std::vector<std::string_view>& values);
Finding field_finding(std::string_view prefix, std::string_view name, DifferenceClass difference_class,
                      std::string_view primary, std::string_view other);

// Never compared: they belong to one connection (RFC 9110 7.6.1), or an intermediary writes them.
constexpr std::array<std::string_view, 11> hop_by_hop{"connection",
                                                      "keep-alive",
                                                      "proxy-connection",
                                                      "proxy-authenticate",
                                                      "proxy-authorization",
                                                      "te",
                                                      "trailer",
                                                      "transfer-encoding",
                                                      "upgrade",
                                                      "via",
                                                      "proxy-authentication-info"};

// Compared by presence only: clocks, identifiers of one exchange, validators (DIFF.md 2.1 and the list of PEERS.md,
// exact names).
constexpr std::array<std::string_view, 31> volatile_names{"date",
                                                          "age",
                                                          "expires",
                                                          "last-modified",
                                                          "etag",
                                                          "server-timing",
                                                          "x-request-id",
                                                          "request-id",
                                                          "x-correlation-id",
                                                          "correlation-id",
                                                          "x-trace-id",
                                                          "x-runtime",
                                                          "x-response-time",
                                                          "traceparent",
                                                          "tracestate",
                                                          "b3",
                                                          "x-amzn-trace-id",
                                                          "x-amzn-requestid",
                                                          "x-amz-request-id",
                                                          "x-amz-id-2",
                                                          "x-amz-cf-id",
                                                          "x-cloud-trace-context",
                                                          "sentry-trace",
                                                          "x-envoy-upstream-service-time",
                                                          "cf-ray",
                                                          "x-azure-ref",
                                                          "x-ms-request-id",
                                                          "x-github-request-id",
                                                          "x-served-by",
                                                          "x-timer",
                                                          "x-runtime-rack"};
constexpr std::array<std::string_view, 2> volatile_prefixes{"x-b3-", "x-datadog-"};

}  // namespace

void compare_headers(const Response& primary, const Response& other, const FieldContext& context,
                     std::vector<Finding>& findings) {
  // Most often the same fields come in the same order, and only a clock is another.
  const auto is_same = [&](const Field& field, const Field& partner) {
    if (!equal_but_for_case(field.name, partner.name)) return false;
    if (field.value == partner.value) return true;
    const std::string name = ascii_lower(field.name);
    // Connection says which others are not compared.
    return name != "connection" && (is_volatile(name) || !is_compared(name, context));
  };
  if (std::equal(primary.fields.begin(), primary.fields.end(), other.fields.begin(), other.fields.end(), is_same))
    return;
  auto primary_groups = grouped(primary.fields);
  auto other_groups = grouped(other.fields);
  remove_named_by_connection(primary_groups);
  remove_named_by_connection(other_groups);
  compare_groups(primary_groups, other_groups, context, "header:", findings);
}

void compare_trailers(const Response& primary, const Response& other, std::vector<Finding>& findings) {
  if (primary.trailers.empty() && other.trailers.empty()) return;
  compare_groups(grouped(primary.trailers), grouped(other.trailers), FieldContext{}, "trailer:", findings);
}

std::optional<std::string_view> joined_value(const std::vector<Field>& fields, std::string_view name,
                                             std::string& buffer) {
  std::optional<std::string_view> result;
  for (const Field& field : fields) {
    if (!equal_but_for_case(field.name, name)) continue;
    if (!result) {
      result = field.value;
      continue;
    }
    if (result->data() != buffer.data()) buffer = *result;
    if (!buffer.empty()) buffer += ", ";
    buffer += field.value;
    result = buffer;
  }
  return result;
}

namespace {

void compare_groups(const std::vector<NamedValues>& primary, const std::vector<NamedValues>& other,
                    const FieldContext& context, std::string_view prefix, std::vector<Finding>& findings) {
  const auto find = [](const std::vector<NamedValues>& groups, std::string_view name) {
    return std::find_if(groups.begin(), groups.end(), [&](const NamedValues& group) { return group.name == name; });
  };
  const auto class_of = [](std::string_view name, DifferenceClass usual) {
    return name == "content-type" ? DifferenceClass::content_type : usual;
  };
  for (const NamedValues& group : primary) {
    if (!is_compared(group.name, context)) continue;
    const auto partner = find(other, group.name);
    if (partner != other.end() && group.name == "set-cookie") {
      compare_cookies(std::string(prefix) + group.name, {group.values, value_of(primary, "date")},
                      {partner->values, value_of(other, "date")}, findings);
    } else if (partner != other.end()) {
      compare_field(group, *partner, context.occasion, prefix, findings);
    } else {
      findings.push_back(
          field_finding(prefix, group.name, class_of(group.name, DifferenceClass::header_removed), shown(group), ""));
    }
  }
  for (const NamedValues& group : other) {
    if (!is_compared(group.name, context) || find(primary, group.name) != primary.end()) continue;
    findings.push_back(
        field_finding(prefix, group.name, class_of(group.name, DifferenceClass::header_added), "", shown(group)));
  }
}

void compare_field(const NamedValues& primary, const NamedValues& other, const Occasion& occasion,
                   std::string_view prefix, std::vector<Finding>& findings) {
  if (primary.values == other.values || is_volatile(primary.name)) return;
  const std::string primary_value = joined(primary.values);
  const std::string other_value = joined(other.values);
  if (primary_value == other_value) return;
  if (primary.name == "content-type") {
    if (normalised_media_type(primary_value) == normalised_media_type(other_value)) return;
    findings.push_back(field_finding(prefix, primary.name, DifferenceClass::content_type, primary_value, other_value));
    return;
  }
  const auto members = canonical_list(primary.name, primary.values);
  if (members && members == canonical_list(other.name, other.values)) return;
  auto primary_sorted = primary.values;
  auto other_sorted = other.values;
  std::sort(primary_sorted.begin(), primary_sorted.end());
  std::sort(other_sorted.begin(), other_sorted.end());
  if (primary_sorted == other_sorted) return;
  const ValueDifference difference = string_difference(primary_value, other_value, occasion);
  if (!difference.differs) return;
  // Another format or notation is no value that varies.
  const bool is_value = difference.difference_class == DifferenceClass::value_changed;
  Finding finding =
      field_finding(prefix, primary.name, is_value ? DifferenceClass::header_changed : difference.difference_class,
                    primary_value, other_value);
  finding.aspects = difference.aspects;
  finding.other_hash = XXH3_64bits(other_value.data(), other_value.size()) | 1;
  finding.primary_number = difference.primary_number;
  finding.other_number = difference.other_number;
  findings.push_back(std::move(finding));
}

std::string_view value_of(const std::vector<NamedValues>& groups, std::string_view name) {
  const auto group =
      std::find_if(groups.begin(), groups.end(), [&](const NamedValues& known) { return known.name == name; });
  return group == groups.end() ? std::string_view{} : group->values.front();
}

std::string shown(const NamedValues& group) {
  return group.name == "set-cookie" ? cookie_names(group.values) : joined(group.values);
}

bool is_compared(std::string_view name, const FieldContext& context) {
  if (name == "content-length") return !context.has_content;
  if (name == "etag") return !context.bodies_equal;
  return std::find(hop_by_hop.begin(), hop_by_hop.end(), name) == hop_by_hop.end();
}

bool is_volatile(std::string_view name) {
  return std::find(volatile_names.begin(), volatile_names.end(), name) != volatile_names.end() ||
         std::any_of(volatile_prefixes.begin(), volatile_prefixes.end(),
                     [&](std::string_view prefix) { return name.starts_with(prefix); });
}

std::vector<NamedValues> grouped(const std::vector<Field>& fields) {
  std::vector<NamedValues> groups;
  groups.reserve(fields.size());
  for (const Field& field : fields) {
    std::string name = ascii_lower(field.name);
    const auto group =
        std::find_if(groups.begin(), groups.end(), [&](const NamedValues& known) { return known.name == name; });
    if (group != groups.end()) {
      group->values.push_back(field.value);
    } else {
      groups.push_back({std::move(name), {field.value}});
    }
  }
  return groups;
}

void remove_named_by_connection(std::vector<NamedValues>& groups) {
  std::vector<std::string> named;
  for (const NamedValues& group : groups) {
    if (group.name != "connection") continue;
    for (std::string_view value : group.values) {
      while (!value.empty()) {
        const auto comma = value.find(',');
        named.push_back(ascii_lower(trimmed(value.substr(0, comma))));
        value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
      }
    }
  }
  std::erase_if(groups, [&](const NamedValues& group) {
    return std::find(named.begin(), named.end(), group.name) != named.end();
  });
}

std::string joined(const std::vector<std::string_view>& values) {
  std::string result;
  for (const std::string_view value : values) {
    if (!result.empty()) result += ", ";
    result += value;
  }
  return result;
}

Finding field_finding(std::string_view prefix, std::string_view name, DifferenceClass difference_class,
                      std::string_view primary, std::string_view other) {
  return finding_at(std::string(prefix) + std::string(name), difference_class, primary, other);
}

}  // namespace
}  // namespace understudy::diff
