// The way of a configuration: defaults, then the file, then the flags, then the rules that tie keys together. See
// config.h.
#include "proxy/config.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "proxy/config_address.h"
#include "proxy/config_draft.h"

namespace understudy {
namespace {

constexpr std::size_t file_size_max = 4 << 20;

// What Settings cannot say by itself because it takes parsing.
Settings default_settings() {
  Settings settings;
  settings.server.listen = {parse_listen("127.0.0.1:8880").value};
  settings.primary.url = parse_url("http://127.0.0.1:9001").value;
  settings.candidate.url = parse_url("http://127.0.0.1:9002").value;
  settings.candidate.configured = true;
  settings.admin.listen = parse_listen("127.0.0.1:8881").value;
  return settings;
}

ConfigDraft draft_of(std::string_view text, const std::string& name, const Overrides& overrides) {
  ConfigDraft draft;
  draft.settings = default_settings();
  draft.file = name;
  read_toml(text, draft);
  apply_overrides(overrides, draft);
  apply_rules(draft);
  return draft;
}

LoadedConfig loaded(ConfigDraft draft) {
  return {std::move(draft.settings), std::move(draft.errors), std::move(draft.warnings)};
}

// The files that the configuration names are looked at where it makes sense by itself.
LoadedConfig load(std::string_view text, const std::string& name, const Overrides& overrides) {
  ConfigDraft draft = draft_of(text, name, overrides);
  if (draft.errors.empty()) check_files(draft);
  return loaded(std::move(draft));
}

LoadedConfig unreadable(const std::string& path, const std::string& why) {
  LoadedConfig result;
  result.errors.push_back({path, 0, {}, why + "; name a readable file with -c/--config"});
  return result;
}

}  // namespace

LoadedConfig load_config(const std::string& path, const Overrides& overrides) {
  if (path.empty()) return load({}, {}, overrides);
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file.is_open()) {
    text.resize(file_size_max + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) return unreadable(path, std::string("cannot be read: ") + std::strerror(errno));
  if (text.size() > file_size_max) return unreadable(path, "is larger than 4 MiB, which is no configuration");
  return load(text, path, overrides);
}

LoadedConfig parse_config(std::string_view text, const std::string& name, const Overrides& overrides) {
  return loaded(draft_of(text, name, overrides));
}

std::string ConfigError::to_string() const {
  std::string result;
  if (!file.empty()) result += file + ':';
  if (!file.empty() && line != 0) result += std::to_string(line) + ':';
  if (!file.empty()) result += ' ';
  if (!key.empty()) result += key + ": ";
  result += message;
  // A value from the file may hold anything; an error stays one line.
  std::replace_if(
      result.begin(), result.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return result;
}

void ConfigDraft::add(ConfigError error) {
  const auto behind = [](const ConfigError& a, const ConfigError& b) { return a.line < b.line; };
  errors.insert(std::upper_bound(errors.begin(), errors.end(), error, behind), std::move(error));
}

void ConfigDraft::mistake(const std::string& key, std::string message) {
  if (const auto flag = flags.find(key); flag != flags.end()) {
    add({{}, 0, flag->second, std::move(message)});
    return;
  }
  const auto line = lines.find(key);
  add({file, line == lines.end() ? 0 : line->second, key, std::move(message)});
}

}  // namespace understudy
