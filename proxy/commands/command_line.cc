// The command line. See command_line.h.
#include "proxy/commands/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "proxy/commands/commands.h"
#include "proxy/commands/exit_status.h"
#include "proxy/config_nearest.h"
#include "proxy/store/run_info.h"

namespace understudy {
namespace {

constexpr std::size_t flag_column = 24;  // so that every help fits a screen of 80 columns

constexpr const char* examples =
    "Examples:\n"
    "  understudy run --primary http://10.0.0.1:9001 --candidate http://10.0.0.2:9001\n"
    "  understudy check -c understudy.toml\n"
    "  understudy gate --until conclusive && deploy\n"
    "\"understudy COMMAND --help\" tells more.";
constexpr const char* run_examples =
    "Examples:\n"
    "  understudy run                 users on port 8880, operators on 8881\n"
    "  understudy run -c understudy.toml --percent 5\n"
    "SIGHUP reads the configuration again, SIGUSR1 opens the access log again;\n"
    "SIGTERM drains and ends.";
constexpr const char* check_examples =
    "Examples:\n"
    "  understudy check -c understudy.toml\n"
    "  understudy check --dump        every key with its default\n"
    "Exit status: 0 good, 2 bad.";
constexpr const char* report_examples =
    "Examples:\n"
    "  understudy report              of the instance on this machine\n"
    "  understudy report --store understudy.db --format json -o report.json\n"
    "Exit status: 0; 4 where nothing can be read.";
constexpr const char* gate_examples =
    "Examples:\n"
    "  understudy gate                until it is sure, 30 minutes at most\n"
    "  understudy gate --until 10m --min-compared 5000\n"
    "Exit status: 0 pass, 1 regression, 2 usage, 3 inconclusive, 4 no answer\n"
    "from candidate or instance, 130 interrupted.";
constexpr const char* selftest_examples =
    "Examples:\n"
    "  understudy selftest -c understudy.toml\n"
    "  understudy selftest --primary http://a:9001 --secondary http://b:9001 --for 1h\n"
    "Serves users as run does, and asks again twice: the secondary, else production.\n"
    "Exit status: 0 nothing that matters, 1 something does, 2 usage, 3 too short,\n"
    "4 nothing could be compared.";
constexpr const char* reset_examples =
    "Examples:\n"
    "  understudy reset && understudy gate\n"
    "The evidence so far stays: \"understudy report --run NAME\" shows it.\n"
    "Exit status: 0; 2 usage, 4 unreachable.";
constexpr const char* diff_examples =
    "Examples:\n"
    "  understudy diff before.json after.json\n"
    "  curl -si http://10.0.0.1/x > a.http && understudy diff a.http b.http\n"
    "Exit status: 0 same, 1 different, 2 trouble.";

const std::vector<std::string> commands = {"run", "check", "report", "gate", "selftest", "reset", "diff"};
const std::vector<std::string> reserved = {"record", "replay", "convert", "completion"};

// One line for each flag: what it takes, what it is, and in brackets what holds without it.
class Help : public CLI::Formatter {
 public:
  Help() { column_width(flag_column); }
  std::string make_option_opts(const CLI::Option* option) const override {
    return option->get_type_name().empty() || option->get_positional() ? "" : ' ' + option->get_type_name();
  }
  std::string make_option_desc(const CLI::Option* option) const override {
    const std::string& standard = option->get_default_str();
    return option->get_description() + (standard.empty() ? "" : " [" + standard + ']');
  }
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// CLI11 would take a misspelt command for a stray argument.
bool is_command(const std::string& name) {
  if (contains(commands, name)) return true;
  if (contains(reserved, name)) {
    complain(name + " is not there yet; this edition has run, check, report, gate, selftest, reset and diff");
  } else {
    complain("\"" + name + "\" is no command; did you mean \"" + nearest_key(name, commands) + "\"?");
  }
  return false;
}

struct Requests {
  RunRequest run;
  ReportRequest report;
  GateRequest gate;
  SelftestRequest selftest;
  ResetRequest reset;
  DiffRequest diff;
};

CLI::App* add_command(CLI::App& app, const char* name, const char* description, const char* footer) {
  CLI::App* command = app.add_subcommand(name, description);
  command->set_help_flag("-h,--help", "show this");
  command->footer(footer);
  return command;
}

void add_file_and_listener(CLI::App& command, RunRequest& request) {
  command.add_option("-c,--config", request.config_path, "TOML; a flag below wins over it")->type_name("FILE");
  command.add_option("--listen", request.overrides.listen, "where users connect; repeatable")
      ->type_name("HOST:PORT")
      ->allow_extra_args(false)
      ->expected(1, CLI::detail::expected_max_vector_size);
  command.add_option("--primary", request.overrides.primary, "production")->type_name("URL");
}

void add_secondary_and_admin(CLI::App& command, Overrides& overrides) {
  command.add_option("--secondary", overrides.secondary, "a second copy of production, to know noise")
      ->type_name("URL");
  command.add_option("--admin", overrides.admin, "where operators connect")->type_name("HOST:PORT");
}

void add_selection_and_threads(CLI::App& command, Overrides& overrides) {
  command.add_option("--percent", overrides.percent, "of the selected requests, 0 to 1000")->type_name("N");
  command.add_option("--methods", overrides.methods, "to copy, such as GET,HEAD; \"*\" = all")->type_name("LIST");
  command.add_option("--threads", overrides.threads, "that serve users; 0 = one per core")->type_name("N");
}

// `run` and `check` take the same flags, so that what was checked is what runs.
void add_configuration(CLI::App& command, RunRequest& request) {
  Overrides& overrides = request.overrides;
  add_file_and_listener(command, request);
  command.add_option("--candidate", overrides.candidate, "the new build")->type_name("URL");
  add_secondary_and_admin(command, overrides);
  command.add_option("--store", overrides.store, "SQLite file; \"\" = in memory")->type_name("FILE");
  command.add_option("--run", overrides.run, "whose evidence is gathered; \"\" = the next number")->type_name("NAME");
  add_selection_and_threads(command, overrides);
}

std::string run_problem(const std::string& name) {
  return store::is_run_name(name) ? "" : "a run's name is " + std::string(store::run_name_rule);
}

CLI::Option* add_instance(CLI::App& command, StateSource& source) {
  CLI::Option* admin =
      command.add_option("--admin", source.admin, "a running instance")->type_name("URL")->capture_default_str();
  command.add_option("--token", source.token, "its admin.token; or in UNDERSTUDY_TOKEN")
      ->type_name("T")
      ->envname("UNDERSTUDY_TOKEN");
  return admin;
}

void add_source(CLI::App& command, StateSource& source) {
  CLI::Option* admin = add_instance(command, source);
  command.add_option("--store", source.store, "the file of a run, instead of an instance")
      ->type_name("FILE")
      ->excludes(admin);
  command.add_option("--run", source.run, "whose evidence; the current run's")->type_name("NAME")->check(run_problem);
}

// CLI11 would let "-1" wrap around.
std::string whole_number_problem(const std::string& text) {
  return text.empty() || text.find_first_not_of("0123456789") != std::string::npos ? "write a whole number" : "";
}

void add_output(CLI::App& command, std::string& format, std::string& output) {
  command.add_option("--format", format, "text or json")->type_name("F")->capture_default_str();
  command.add_option("-o,--output", output, "instead of stdout")->type_name("FILE");
}

void add_commands(CLI::App& app, Requests& requests) {
  CLI::App* run = add_command(app, "run", "serve users, play copies to the candidate", run_examples);
  add_configuration(*run, requests.run);

  CLI::App* check = add_command(app, "check", "read the configuration as run would, open nothing", check_examples);
  add_configuration(*check, requests.run);
  check->add_flag("--dump", requests.run.dump, "print all of it, as TOML");

  CLI::App* report = add_command(app, "report", "show what differs", report_examples);
  add_source(*report, requests.report.source);
  add_output(*report, requests.report.format, requests.report.output);

  CLI::App* gate = add_command(app, "gate", "wait for the verdict, for use in scripts", gate_examples);
  GateRequest& wanted = requests.gate;
  add_source(*gate, wanted.source);
  gate->add_option("--until", wanted.until, "\"conclusive\", or judge after so long")
      ->type_name("D")
      ->capture_default_str();
  gate->add_option("--timeout", wanted.timeout, "give up after so long")->type_name("D")->capture_default_str();
  gate->add_option("--min-compared", wanted.min_compared, "a pass needs so many comparisons")
      ->type_name("N")
      ->check(whole_number_problem);
  gate->add_option("--patience", wanted.patience, "4 where candidate or instance is silent so long")
      ->type_name("D")
      ->capture_default_str();
  gate->add_flag("--allow-undecided", wanted.allow_undecided, "at the end, pass where nothing is proved");
  add_output(*gate, wanted.format, wanted.output);

  CLI::App* selftest =
      add_command(app, "selftest", "production against itself: what varies by itself", selftest_examples);
  SelftestRequest& itself = requests.selftest;
  add_file_and_listener(*selftest, itself.run);
  add_secondary_and_admin(*selftest, itself.run.overrides);
  add_selection_and_threads(*selftest, itself.run.overrides);
  selftest->add_option("--for", itself.duration, "how long")->type_name("D")->capture_default_str();
  add_output(*selftest, itself.format, itself.output);

  CLI::App* reset = add_command(app, "reset", "open a fresh run: judge anew from now on", reset_examples);
  add_instance(*reset, requests.reset.source);

  CLI::App* diff = add_command(app, "diff", "compare two saved bodies or responses", diff_examples);
  diff->add_option("A", requests.diff.primary, "a body, or a whole response that starts with HTTP/1.")->required();
  diff->add_option("B", requests.diff.other, "the same, of the other side")->required();
  diff->add_option("--format", requests.diff.format, "text or json")->type_name("F")->capture_default_str();
}

int run_command(const CLI::App& app, const Requests& requests) {
  if (app.got_subcommand("run")) return run(requests.run);
  if (app.got_subcommand("check")) return check(requests.run);
  if (app.got_subcommand("report")) return report(requests.report);
  if (app.got_subcommand("gate")) return gate(requests.gate);
  if (app.got_subcommand("selftest")) return selftest(requests.selftest);
  if (app.got_subcommand("reset")) return reset(requests.reset);
  return diff_files(requests.diff);
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App app(
      "Understudy: serves users from production, plays a copy of the traffic to a new\n"
      "build, and tells what differs.",
      "understudy");
  app.formatter(std::make_shared<Help>());
  app.set_help_flag("-h,--help", "show this");
  app.set_version_flag("--version", "understudy " UNDERSTUDY_VERSION, "show the version");
  app.footer(examples);
  Requests requests;
  add_commands(app, requests);
  if (argc < 2) {
    std::fputs(app.help().c_str(), stderr);
    return exit_usage;
  }
  const std::string first = argv[1];
  if (!first.starts_with('-') && !is_command(first)) return exit_usage;
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    const std::string command = contains(commands, first) ? "understudy " + first : "understudy";
    complain(std::string(error.what()) + "; see \"" + command + " --help\"");
    return exit_usage;
  }
  if (app.get_subcommands().empty()) {
    complain("a command is missing; see \"understudy --help\"");
    return exit_usage;
  }
  return run_command(app, requests);
}

}  // namespace understudy
