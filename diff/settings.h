// What a user may set about the comparison ([diff] of the configuration). Filled by proxy/config.cc; read by every part
// of diff/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace understudy::diff {

// One rule of diff.ignore: differences at `path` (a field pattern, "header:NAME" or "status") of `endpoint` ("" = every
// endpoint) are shown as ignored and never gate. `expires` is a day, YYYY-MM-DD, the last on which the rule holds; "" =
// for ever.
struct IgnoreRule {
  std::string endpoint;
  std::string path;
  std::string reason;
  std::string expires;

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
