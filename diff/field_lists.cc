// The table of lists without order and how each kind is read, see the header.
#include "diff/field_lists.h"

#include <algorithm>
#include <array>
#include <utility>

#include "diff/field_syntax.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

using Members = std::vector<std::string>;

enum class Grammar : unsigned char {
  tokens,            // a, b: case-insensitive
  exact_tokens,      // a, b: as written
  cache_directives,  // a, b=1, c="x, y"
  links,             // <target>; a=1; b="x", ...
  transport,         // a; b=1
  dictionary,        // a=(x y), b (RFC 8941 3.2)
  policies,          // a x y; b z (a list of those)
};

struct Entry {
  std::string_view name;
  Grammar grammar;
};

constexpr std::array<Entry, 29> lists{{
    {"accept-ch", Grammar::tokens},                              // RFC 8942 3.1: hints, no order
    {"accept-encoding", Grammar::tokens},                        // RFC 9110 12.5.3: weights tell the preference
    {"accept-patch", Grammar::exact_tokens},                     // RFC 5789 3.1
    {"accept-post", Grammar::exact_tokens},                      // Linked Data Platform 7.1
    {"accept-ranges", Grammar::tokens},                          // RFC 9110 14.3, 14.1: units without case
    {"access-control-allow-headers", Grammar::tokens},           // Fetch 3.3.2: field names
    {"access-control-allow-methods", Grammar::exact_tokens},     // Fetch 3.3.2: methods
    {"access-control-expose-headers", Grammar::tokens},          // Fetch 3.3.2: field names
    {"allow", Grammar::exact_tokens},                            // RFC 9110 10.2.1: a set of methods, 9.1: with case
    {"cache-control", Grammar::cache_directives},                // RFC 9111 5.2
    {"cdn-cache-control", Grammar::cache_directives},            // RFC 9213 2.1
    {"clear-site-data", Grammar::exact_tokens},                  // Clear Site Data 3.1
    {"content-language", Grammar::tokens},                       // RFC 9110 8.5: an audience; RFC 5646 2.1.1: case
    {"content-security-policy", Grammar::policies},              // CSP 3 2.2: each directive, each source holds
    {"content-security-policy-report-only", Grammar::policies},  // CSP 3 3.2
    {"critical-ch", Grammar::tokens},                            // Client Hints Reliability 2
    {"dav", Grammar::exact_tokens},                              // RFC 4918 10.1: classes of compliance
    {"document-policy", Grammar::dictionary},                    // Document Policy 5
    {"feature-policy", Grammar::policies},                       // the former name of permissions-policy
    {"link", Grammar::links},                                    // RFC 8288 3: links, each by itself
    {"permissions-policy", Grammar::dictionary},                 // Permissions Policy 5.2; RFC 8941 3.2
    {"permissions-policy-report-only", Grammar::dictionary},     // the same
    {"pragma", Grammar::cache_directives},                       // RFC 9111 5.4
    {"preference-applied", Grammar::cache_directives},           // RFC 7240 3
    {"reporting-endpoints", Grammar::dictionary},                // Reporting 3.2; RFC 8941 3.2
    {"strict-transport-security", Grammar::transport},           // RFC 6797 6.1: "order ... is not significant"
    {"surrogate-control", Grammar::cache_directives},            // Edge Architecture 2.3
    {"timing-allow-origin", Grammar::exact_tokens},              // Resource Timing 4.5.1: origins
    {"vary", Grammar::tokens},                                   // RFC 9110 12.5.5: field names
}};

Members tokens(std::string_view value, bool with_case);
Members cache_directives(std::string_view value);
Members links(std::string_view value);
Members transport_directives(std::string_view value);
Members dictionary(std::string_view value);
Members policies(std::string_view value);
std::string policy_source(std::string_view source);
std::string in_order(Members parts, std::string_view separator);
void make_distinct(Members& members);

Members members_of(Grammar grammar, std::string_view value) {
  switch (grammar) {
    case Grammar::tokens:
      return tokens(value, false);
    case Grammar::exact_tokens:
      return tokens(value, true);
    case Grammar::cache_directives:
      return cache_directives(value);
    case Grammar::links:
      return links(value);
    case Grammar::transport:
      return transport_directives(value);
    case Grammar::dictionary:
      return dictionary(value);
    case Grammar::policies:
      break;
  }
  return policies(value);
}

}  // namespace

std::optional<Members> canonical_list(std::string_view name, const std::vector<std::string_view>& values) {
  const auto entry = std::find_if(lists.begin(), lists.end(), [&](const Entry& known) { return known.name == name; });
  if (entry == lists.end()) return std::nullopt;
  Members all;
  for (const std::string_view value : values) {
    Members members = members_of(entry->grammar, value);
    std::move(members.begin(), members.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end());
  // Said twice is said; but two links of one target are two.
  if (entry->grammar != Grammar::links) make_distinct(all);
  return all;
}

namespace {

Members tokens(std::string_view value, bool with_case) {
  Members result;
  for (const std::string_view member : split_members(value, ',')) {
    result.push_back(with_case ? std::string(member) : ascii_lower(member));
  }
  return result;
}

// Names have no case, arguments may be written as token or as quoted string (RFC 9111 5.2); those of no-cache and
// private are lists of field names.
Members cache_directives(std::string_view value) {
  Members result;
  for (const std::string_view member : split_members(value, ',')) {
    const Parameter directive = parameter_of(member);
    std::string text = ascii_lower(directive.name);
    if (directive.has_value) {
      const std::string argument = unquoted(directive.value);
      const bool is_list = text == "no-cache" || text == "private";
      Members names = is_list ? tokens(argument, false) : Members{argument};
      text += '=';
      text += in_order(std::move(names), ",");
    }
    result.push_back(std::move(text));
  }
  return result;
}

// Parameters' names have no case (RFC 8288 3), of the values some have: they stay as they are.
Members links(std::string_view value) {
  Members result;
  for (const std::string_view link : split_members(value, ',', "<")) {
    std::string target;
    Members parameters;
    for (const std::string_view part : split_members(link, ';', "<")) {
      if (target.empty()) {
        target = part;
        continue;
      }
      const Parameter parameter = parameter_of(part);
      parameters.push_back(ascii_lower(parameter.name) + (parameter.has_value ? "=" : "") + unquoted(parameter.value));
    }
    // No field value holds a line feed.
    result.push_back(target + "\n" + in_order(std::move(parameters), "\n"));
  }
  return result;
}

Members transport_directives(std::string_view value) {
  Members result;
  for (const std::string_view member : split_members(value, ';')) {
    const Parameter directive = parameter_of(member);
    result.push_back(ascii_lower(directive.name) + (directive.has_value ? "=" : "") + unquoted(directive.value));
  }
  return result;
}

// The origins of an inner list have no order either.
Members dictionary(std::string_view value) {
  Members result;
  for (const std::string_view member : split_members(value, ',', "(")) {
    const Parameter entry = parameter_of(member);
    std::string text(entry.name);
    if (entry.value.starts_with('(') && entry.value.ends_with(')')) {
      const auto items = split_members(entry.value.substr(1, entry.value.size() - 2), ' ');
      text += "=(" + in_order(Members(items.begin(), items.end()), " ") + ")";
    } else if (entry.has_value) {
      text.append("=").append(entry.value);
    }
    result.push_back(std::move(text));
  }
  return result;
}

// Every policy holds, and of each every directive, the first of a name (CSP 3 2.2.1).
Members policies(std::string_view value) {
  Members result;
  for (const std::string_view policy : split_members(value, ',')) {
    Members directives;
    Members names;
    for (const std::string_view directive : split_members(policy, ';')) {
      const auto name_end = std::min(directive.find_first_of(" \t"), directive.size());
      std::string name = ascii_lower(directive.substr(0, name_end));
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      Members sources;
      for (const std::string_view source : split_members(directive.substr(name_end), ' ')) {
        sources.push_back(policy_source(source));
      }
      directives.push_back(name + " " + in_order(std::move(sources), " "));
      names.push_back(std::move(name));
    }
    if (!directives.empty()) result.push_back(in_order(std::move(directives), ";"));
  }
  return result;
}

// Keywords and schemes have no case; a nonce is another one in each response (CSP 3 7.1) and only there or not.
std::string policy_source(std::string_view source) {
  const std::string lower = ascii_lower(source);
  if (lower.starts_with("'nonce-")) return "'nonce-'";
  const bool is_keyword = lower.starts_with('\'') && !lower.starts_with("'sha");
  return is_keyword || lower.ends_with(':') ? lower : std::string(source);
}

std::string in_order(Members parts, std::string_view separator) {
  std::sort(parts.begin(), parts.end());
  make_distinct(parts);
  std::string result;
  for (const std::string& part : parts) result.append(result.empty() ? "" : separator).append(part);
  return result;
}

// Of sorted members.
void make_distinct(Members& members) {
  members.erase(std::unique(members.begin(), members.end()), members.end());
}

}  // namespace
}  // namespace understudy::diff
