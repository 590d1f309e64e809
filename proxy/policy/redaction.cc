#include "proxy/policy/redaction.h"

#include <algorithm>
#include <stdexcept>

namespace understudy::policy {
namespace {

constexpr std::string_view header_prefix = "header:";

char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

}  // namespace

std::optional<std::string> redaction_error(std::string_view rule) {
  if (rule.starts_with(header_prefix) && rule.size() > header_prefix.size()) return std::nullopt;
  return "redaction rule \"" + std::string(rule) + "\" is not of the form \"header:<name>\"";
}

Redaction::Redaction(std::span<const std::string> rules) {
  for (const std::string& rule : rules) {
    if (const auto error = redaction_error(rule)) throw std::invalid_argument(*error);
    std::string name = rule.substr(header_prefix.size());
    std::transform(name.begin(), name.end(), name.begin(), to_lower);
    names_.push_back(std::move(name));
  }
}

bool Redaction::hides(std::string_view field_name) const {
  return std::any_of(names_.begin(), names_.end(), [&](const std::string& name) {
    return std::equal(name.begin(), name.end(), field_name.begin(), field_name.end(),
                      [](char a, char b) { return a == to_lower(b); });
  });
}

}  // namespace understudy::policy
