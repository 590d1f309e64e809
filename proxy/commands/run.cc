// `understudy run` and `understudy check`: the same configuration, read in the same way; one goes on to the supervisor.
#include <cstdio>
#include <string>

#include "proxy/commands/commands.h"
#include "proxy/commands/exit_status.h"
#include "proxy/commands/load_configuration.h"
#include "proxy/commands/output.h"
#include "proxy/supervisor.h"

namespace understudy {
namespace {

std::string summary(const Settings& settings) {
  std::string text = "configuration is good\n";
  for (const ListenAddress& address : settings.server.listen) text += "  users       " + address.text + '\n';
  text += "  primary     " + settings.primary.url.text + '\n';
  text += "  candidate   " + settings.candidate.url.text + '\n';
  text += "  secondary   " + (settings.secondary.configured ? settings.secondary.url.text : "none") + '\n';
  text += "  operators   " + (settings.admin.configured ? settings.admin.listen.text : "none") + '\n';
  text += "  store       " + (settings.store.path.empty() ? "in memory" : settings.store.path) + '\n';
  return text;
}

}  // namespace

bool load_configuration(const RunRequest& request, LoadedConfig& config) {
  config = load_config(request.config_path, request.overrides);
  for (const ConfigError& error : config.errors) complain(error.to_string());
  for (const std::string& warning : config.warnings) complain("warning: " + warning);
  return config.errors.empty();
}

int run(const RunRequest& request) {
  LoadedConfig config;
  if (!load_configuration(request, config)) return exit_usage;
  return run_supervisor(config.settings, RunOptions{request.config_path, request.overrides});
}

int check(const RunRequest& request) {
  LoadedConfig config;
  if (!load_configuration(request, config)) return exit_usage;
  const std::string text = request.dump ? dump_config(config.settings) : summary(config.settings);
  return write_output(text, {}) ? exit_good : exit_unreachable;
}

}  // namespace understudy
