// Writes the Prometheus text exposition format, version 0.0.4. Pure. Caller: metrics.cc.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "proxy/admin/durations.h"

namespace understudy::admin {

inline constexpr std::string_view exposition_content_type = "text/plain; version=0.0.4; charset=utf-8";

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

class Exposition {
 public:
  // Begins a family; its samples follow before the next one's.
  void counter(std::string_view name, std::string_view help) { begin(name, "counter", help); }
  void gauge(std::string_view name, std::string_view help) { begin(name, "gauge", help); }
  void histogram(std::string_view name, std::string_view help) { begin(name, "histogram", help); }
  void summary(std::string_view name, std::string_view help) { begin(name, "summary", help); }

  void sample(Labels labels, std::unsigned_integral auto value) { add("", labels, std::to_string(value)); }
  void sample(Labels labels, double value);
  void sample_count(std::uint64_t value) { add("_count", {}, std::to_string(value)); }  // of a summary
  // One series of a histogram in seconds; at most one label.
  void durations(const Durations& durations, std::string_view label = {}, std::string_view label_value = {});

  std::string take() { return std::move(text_); }

 private:
  void begin(std::string_view name, std::string_view type, std::string_view help);
  void add(std::string_view suffix, Labels labels, std::string_view value);

  std::string text_;
  std::string name_;
};

}  // namespace understudy::admin
