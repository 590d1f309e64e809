// What the evidence says about simulated traffic, as figures.
//
//   simulate-evidence --list
//   simulate-evidence --scenario NAME... --runs N [--seed S] [--exchanges N] [--seconds S] [--look-every K]
//                     [--way repeats|none] [--polled yes] [--jobs N] [--details yes] [--table yes] [--json yes]
//   simulate-evidence --group independent|dependent|power|pass|shop ...
//
// One line for each scenario: in which share of the runs a regression was ever said, in which a pass came first, when
// (median exchange and simulated seconds, and the 10 % and 90 % quantiles), what the rule of Diffy shows on the same
// streams, and how long it took. --table yes: as Markdown; --json yes: an object a line. --details yes: which
// differences the regressions were, and what each difference was at the last look. --polled yes: one look every K
// exchanges and no other (else: see evidence_simulation.h). --way: how production's noise is known, where it is not by
// a secondary as the scenario has it: production asked again now and then, or not at all.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>
#include <vector>

#include "tests/simulation/catalogue.h"
#include "tests/tools/options.h"

namespace understudy::simulation {
namespace {

std::string text_of(const Summary::Spread& spread, std::size_t runs) {
  if (runs == 0) {
    return "-";
  }
  char text[128];
  std::snprintf(text, sizeof text, "%llu (%llu-%llu), %.1f s", static_cast<unsigned long long>(spread.median.exchange),
                static_cast<unsigned long long>(spread.p10.exchange),
                static_cast<unsigned long long>(spread.p90.exchange), spread.median.time_s);
  return text;
}

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f %%", 100 * share);
  return text;
}

enum class Form : unsigned char { lines, table, json };

void print_head(Form form) {
  if (form == Form::table) {
    std::cout
        << "| scenario | runs | regression | elsewhere | proved at | pass first | pass at | Diffy ever, at the end |"
           " took |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n";
  }
}

void print_json(const Scenario& scenario, const Summary& summary, double took_s) {
  std::cout << "{\"scenario\":\"" << scenario.name << "\",\"runs\":" << summary.runs
            << ",\"regressions\":" << summary.regressions << ",\"elsewhere\":" << summary.elsewhere
            << ",\"passes\":" << summary.passes << ",\"pass_first\":" << summary.pass_first
            << ",\"regression_at\":" << summary.regression.median.exchange
            << ",\"regression_at_s\":" << summary.regression.median.time_s
            << ",\"pass_at\":" << summary.pass.median.exchange << ",\"diffy_ever\":" << summary.diffy_ever
            << ",\"diffy_at_end\":" << summary.diffy_at_end << ",\"took_s\":" << took_s << "}\n"
            << std::flush;
}

void print(const Scenario& scenario, const Summary& summary, double took_s, Form form) {
  const std::string regression = percent(summary.share(summary.regressions));
  const std::string elsewhere = percent(summary.share(summary.elsewhere));
  const std::string proved = text_of(summary.regression, summary.regressions);
  const std::string pass_first = percent(summary.share(summary.pass_first));
  const std::string pass = text_of(summary.pass, summary.passes);
  const std::string diffy =
      percent(summary.share(summary.diffy_ever)) + ", " + percent(summary.share(summary.diffy_at_end));
  char took[32];
  std::snprintf(took, sizeof took, "%.1f s", took_s);
  if (form == Form::table) {
    std::cout << "| " << scenario.what << " | " << summary.runs << " | " << regression << " | " << elsewhere << " | "
              << proved << " | " << pass_first << " | " << pass << " | " << diffy << " | " << took << " |\n";
  } else {
    std::cout << scenario.name << ": " << summary.runs << " runs, regression " << regression << " at " << proved
              << "; elsewhere " << elsewhere << "; pass first " << pass_first << ", pass at " << pass
              << "; Diffy ever, at the end " << diffy << "; " << summary.exchanges << " exchanges, " << summary.looks
              << " looks, " << took << "\n";
  }
  std::cout << std::flush;
}

void print_details(const Summary& summary) {
  for (const auto& [name, count] : summary.names) {
    std::cout << "    named " << count << " x " << name << "\n";
  }
  for (const auto& [verdict, count] : summary.verdicts) {
    std::cout << "    last " << count << " x " << verdict << "\n";
  }
}

int run(const tools::CommandLine& line) {
  std::vector<Scenario> chosen;
  for (const std::string& name : line.all("scenario")) {
    const Scenario* scenario = find_scenario(name);
    if (scenario == nullptr) {
      std::cerr << "simulate-evidence: no scenario " << name << "; --list lists them\n";
      return 2;
    }
    chosen.push_back(*scenario);
  }
  for (const std::string& group : line.all("group")) {
    const std::size_t before = chosen.size();
    for (const Scenario& scenario : catalogue()) {
      if (scenario.group == group || group == "all") {
        chosen.push_back(scenario);
      }
    }
    if (chosen.size() == before) {
      std::cerr << "simulate-evidence: no group " << group << "\n";
      return 2;
    }
  }
  if (chosen.empty()) {
    std::cerr << "simulate-evidence: --scenario or --group is needed; --list lists them\n";
    return 2;
  }

  RunOptions options;
  options.look_every = static_cast<std::uint64_t>(line.number("look-every", 20));
  options.every_suspicion = line.text("polled", "no") != "yes";
  const std::string way = line.text("way", "");
  options.way = way == "repeats" ? Way::repeats : way == "none" ? Way::none : Way::as_given;
  const auto runs = static_cast<std::size_t>(line.number("runs", 100));
  const auto seed = static_cast<std::uint64_t>(line.number("seed", 1));
  const auto threads = static_cast<unsigned>(line.number("jobs", 1));
  const Form form = line.text("json", "no") == "yes"    ? Form::json
                    : line.text("table", "no") == "yes" ? Form::table
                                                        : Form::lines;
  print_head(form);
  for (Scenario& scenario : chosen) {
    scenario.exchanges = static_cast<std::uint64_t>(line.number("exchanges", static_cast<double>(scenario.exchanges)));
    scenario.seconds = line.number("seconds", scenario.seconds);
    const auto begin = std::chrono::steady_clock::now();
    const Summary summary = summarize(run_many(scenario, runs, seed, options, threads));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (form == Form::json) {
      print_json(scenario, summary, took.count());
    } else {
      print(scenario, summary, took.count(), form);
    }
    if (line.text("details", "no") == "yes") {
      print_details(summary);
    }
  }
  return 0;
}

int list() {
  for (const Scenario& scenario : catalogue()) {
    std::cout << scenario.group << "  " << scenario.name << "  " << scenario.what << "\n";
  }
  return 0;
}

}  // namespace
}  // namespace understudy::simulation

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "--list") == 0) {
    return understudy::simulation::list();
  }
  return understudy::simulation::run(
      understudy::tools::CommandLine(argc, argv,
                                     {"scenario", "group", "runs", "seed", "exchanges", "seconds", "look-every", "way",
                                      "polled", "jobs", "details", "table", "json"}));
}
