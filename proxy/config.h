// Reads the configuration: TOML file, then flags, into Settings. config_toml.cc is the only file that knows toml++.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/settings.h"

namespace understudy {

// One mistake, told in one line: "understudy.toml:12: server.drain: "30" has no unit; write "30s"".
struct ConfigError {
  std::string file;     // empty for a flag
  unsigned line = 0;    // 0 where there is none
  std::string key;      // dotted, or the flag
  std::string message;  // what is wrong and the remedy
  std::string to_string() const;
};

// What the command line of `run` and `check` gave; unset values leave the file's.
struct Overrides {
  std::vector<std::string> listen;
  std::optional<std::string> primary, candidate, secondary, admin, store, run, methods;
  std::optional<double> percent;
  std::optional<unsigned> threads;
};

struct LoadedConfig {
  Settings settings;
  std::vector<ConfigError> errors;    // empty = good
  std::vector<std::string> warnings;  // one line each
};

// Reads `path` (empty: defaults alone) and lays `overrides` over it. Never throws; all mistakes that can be found are
// in `errors`.
LoadedConfig load_config(const std::string& path, const Overrides& overrides);

// The same from text, for the planes (the supervisor hands them the effective configuration) and for tests; `name`
// stands for the file.
LoadedConfig parse_config(std::string_view text, const std::string& name, const Overrides& overrides);

// The effective configuration as TOML; parse_config of it gives the same Settings.
std::string dump_config(const Settings& settings);

}  // namespace understudy
