// What a user may set about the comparison ([diff] of the configuration). Filled by proxy/config.cc; read by every part
// of diff/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "diff/finding.h"

namespace understudy::diff {

// What a rule of diff.ignore covers that names no class: that a value is another one, however it changed. Never that
// something is missing, is of another type or format, became null, or failed: who accepts that says so.
inline constexpr ClassSet ignored_without_class =
    bit_of(DifferenceClass::value_changed) | bit_of(DifferenceClass::value_novel) |
    bit_of(DifferenceClass::notation_changed) | bit_of(DifferenceClass::number_form) |
    bit_of(DifferenceClass::string_form) | bit_of(DifferenceClass::order_changed) |
    bit_of(DifferenceClass::header_changed) | bit_of(DifferenceClass::body_changed) | bit_of(DifferenceClass::latency) |
    bit_of(DifferenceClass::emptied) | bit_of(DifferenceClass::zeroed) | bit_of(DifferenceClass::frozen) |
    bit_of(DifferenceClass::out_of_range) | bit_of(DifferenceClass::sign_changed) | bit_of(DifferenceClass::greater) |
    bit_of(DifferenceClass::less) | bit_of(DifferenceClass::length_changed) | bit_of(DifferenceClass::lines_changed) |
    bit_of(DifferenceClass::lines_replaced) | bit_of(DifferenceClass::origin_changed) |
    bit_of(DifferenceClass::template_changed);

// One rule of diff.ignore: differences of `classes` (0: ignored_without_class) at `path` (a field pattern,
// "header:NAME", "status", "latency") of `endpoint` ("" = every endpoint) are shown as ignored and never gate.
// `expires` is a day, YYYY-MM-DD, the last on which the rule holds; "" = for ever.
struct IgnoreRule {
  std::string endpoint;
  std::string path;
  std::string reason;
  std::string expires;
  ClassSet classes = 0;

  bool covers(DifferenceClass difference_class) const {
    return ((classes != 0 ? classes : ignored_without_class) & bit_of(difference_class)) != 0;
  }

  bool operator==(const IgnoreRule&) const = default;
};

enum class ArrayMode { automatic, ordered, set };

struct Settings {
  double confidence = 0.99;  // 1 - alpha of the gate, in (0.5, 1)
  bool headers = true;       // compare header fields
  ArrayMode arrays = ArrayMode::automatic;
  double tolerance = 0.0;  // relative, for numbers: |a-b| <= tolerance * max(|a|,|b|) is equal
  // What a pass excludes: a net change of more than this share of an endpoint's exchanges, in (0, 1); where production
  // varies a value itself, more than the second.
  double exclude = 0.01;
  double exclude_noisy = 0.05;
  double slower = 0.10;  // how much slower gates, as a share of the typical latency; 0 = latency never gates
  std::vector<IgnoreRule> ignore;
  std::vector<std::string> endpoints;  // known path templates, "/orders/{id}"

  bool operator==(const Settings&) const = default;
};

}  // namespace understudy::diff
