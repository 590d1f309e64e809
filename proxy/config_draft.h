// A configuration on its way from text and flags to Settings: the values so far, where each came from, and the mistakes
// found. Passed from config_toml.cc to config_flags.cc to config_rules.cc by config.cc; on one thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/config.h"

namespace understudy {

struct ConfigDraft {
  Settings settings;
  std::string file;                          // the name for messages; empty where there is no file
  std::map<std::string, unsigned> lines;     // dotted key -> line, for every key and section that the file has
  std::map<std::string, std::string> flags;  // dotted key -> the flag that overrode it
  std::vector<ConfigError> errors;           // see add()
  std::vector<std::string> warnings;

  bool is_given(const std::string& key) const { return flags.contains(key) || lines.contains(key); }

  // Keeps the order of the lines.
  void add(ConfigError error);

  // Names the flag where one gave the value, else file and line.
  void mistake(const std::string& key, std::string message);
};

// Each takes the draft one step further and adds the mistakes that it finds.
void read_toml(std::string_view text, ConfigDraft& draft);             // config_toml.cc
void apply_overrides(const Overrides& overrides, ConfigDraft& draft);  // config_flags.cc
void apply_rules(ConfigDraft& draft);                                  // config_rules.cc
// The last one only where the configuration is read for the first time: the planes read what stands in it by then.
void check_files(ConfigDraft& draft);  // config_rules.cc

}  // namespace understudy
