#include "proxy/admin/exposition.h"

#include <charconv>
#include <cmath>

namespace understudy::admin {
namespace {

std::string text_of(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "+Inf" : "-Inf";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

// As client libraries write it: 0.0005, not 5e-04, so that series of the same bound go together.
std::string bound_in_seconds(std::uint64_t bound_ns) {
  char text[64];
  return {text,
          std::to_chars(text, text + sizeof text, static_cast<double>(bound_ns) / 1e9, std::chars_format::fixed).ptr};
}

void append_label_value(std::string& out, std::string_view value) {
  for (const char octet : value) {
    if (octet == '\\' || octet == '"') out += '\\';
    out += octet == '\n' ? std::string_view("\\n") : std::string_view(&octet, 1);
  }
}

}  // namespace

void Exposition::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void Exposition::sample(Labels labels, double value) {
  add("", labels, text_of(value));
}

void Exposition::durations(const Durations& durations, std::string_view label, std::string_view label_value) {
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < durations.buckets.size(); ++i) {
    below += durations.buckets[i];
    const bool last = i == control::duration_bounds_ns.size();
    const std::string bound = last ? "+Inf" : bound_in_seconds(control::duration_bounds_ns[i]);
    add("_bucket", {{label, label_value}, {"le", bound}}, std::to_string(below));
  }
  add("_sum", {{label, label_value}}, text_of(static_cast<double>(durations.sum_ns) / 1e9));
  add("_count", {{label, label_value}}, std::to_string(below));
}

// Labels without a name are left out.
void Exposition::add(std::string_view suffix, Labels labels, std::string_view value) {
  text_.append(name_).append(suffix);
  char separator = '{';
  for (const auto& [label, label_value] : labels) {
    if (label.empty()) continue;
    text_ += separator;
    text_.append(label).append("=\"");
    append_label_value(text_, label_value);
    text_ += '"';
    separator = ',';
  }
  if (separator == ',') text_ += '}';
  text_.append(" ").append(value).append("\n");
}

}  // namespace understudy::admin
