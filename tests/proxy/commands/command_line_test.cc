#include "proxy/commands/command_line.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "proxy/supervisor.h"
#include "tests/proxy/commands/invocation.h"
#include "tests/proxy/commands/temporary_file.h"

namespace understudy {
namespace {

Settings started_with;
RunOptions started_options;

}  // namespace

// Stands for the supervisor: says what it was started with.
int run_supervisor(const Settings& settings, const RunOptions& options) {
  started_with = settings;
  started_options = options;
  return 0;
}

namespace {

bool is_one_line(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n') == 1 && text.ends_with('\n');
}

TEST(CommandLine, EveryHelpFitsAScreenAndShowsExamples) {
  for (const char* command : {"", "run", "check", "report", "gate", "selftest", "diff"}) {
    const Invocation help = *command == '\0' ? invoke({"--help"}) : invoke({command, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_NE(help.out.find("Examples:\n  understudy "), std::string::npos) << help.out;
    std::istringstream lines(help.out);
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) EXPECT_LE(line.size(), 80u) << line;
    EXPECT_LE(count, 24) << help.out;
  }
}

TEST(CommandLine, TheVersionIsNameAndNumber) {
  const Invocation version = invoke({"--version"});
  EXPECT_EQ(version.status, 0);
  EXPECT_EQ(version.out, "understudy " UNDERSTUDY_VERSION "\n");
}

TEST(CommandLine, WithoutACommandItHelps) {
  const Invocation nothing = invoke({});
  EXPECT_EQ(nothing.status, 2);
  EXPECT_EQ(nothing.out, "");
  EXPECT_NE(nothing.err.find("Examples:"), std::string::npos);
}

TEST(CommandLine, AMisspeltCommandIsToldTheNearestOne) {
  const Invocation wrong = invoke({"reprot"});
  EXPECT_EQ(wrong.status, 2);
  EXPECT_EQ(wrong.err, "understudy: \"reprot\" is no command; did you mean \"report\"?\n");
}

TEST(CommandLine, ReservedCommandsAreNotThereYet) {
  for (const char* command : {"record", "replay", "convert", "completion"}) {
    const Invocation reserved = invoke({command, "--anything"});
    EXPECT_EQ(reserved.status, 2);
    EXPECT_TRUE(is_one_line(reserved.err)) << reserved.err;
    EXPECT_NE(reserved.err.find("not there yet"), std::string::npos) << reserved.err;
  }
}

TEST(CommandLine, MistakesInFlagsAreOneLineAndUsage) {
  const std::vector<std::vector<std::string>> wrong = {{"run", "--lsiten", "127.0.0.1:1"},
                                                       {"run", "--percent", "many"},
                                                       {"run", "--percent", "-1"},
                                                       {"run", "--threads", "-1"},
                                                       {"run", "--listen"},
                                                       {"run", "stray"},
                                                       {"run", "--listen", "1"},
                                                       {"run", "--dump"},
                                                       {"diff", "one"},
                                                       {"report", "--format", "xml"},
                                                       {"report", "--format", "html"},
                                                       {"gate", "--timeout", "30"},
                                                       {"gate", "--until", "soon"},
                                                       {"gate", "--min-compared", "-1"},
                                                       {"--unknown"},
                                                       {"diff", "a", "b", "--format", "patch"},
                                                       {"report", "--store", "a", "--admin", "b"}};
  for (const std::vector<std::string>& arguments : wrong) {
    const Invocation invocation = invoke(arguments);
    EXPECT_EQ(invocation.status, 2) << arguments[0];
    EXPECT_EQ(invocation.out, "");
    EXPECT_TRUE(is_one_line(invocation.err)) << invocation.err;
    EXPECT_TRUE(invocation.err.starts_with("understudy: ")) << invocation.err;
    EXPECT_NE(invocation.err.find(';'), std::string::npos) << invocation.err;
  }
}

TEST(CommandLine, RunStartsTheSupervisorWithFileAndFlags) {
  const TemporaryFile file("[mirror]\npercent = 7\nholdout = 3\n");
  const Invocation run = invoke({"run",
                                 "-c",
                                 file.path(),
                                 "--listen",
                                 "127.0.0.1:1",
                                 "--listen",
                                 "[::1]:2",
                                 "--primary",
                                 "http://p",
                                 "--candidate",
                                 "http://c",
                                 "--secondary",
                                 "http://s",
                                 "--admin",
                                 "127.0.0.1:3",
                                 "--store",
                                 "",
                                 "--percent",
                                 "12.5",
                                 "--methods",
                                 "GET,POST",
                                 "--threads",
                                 "2"});
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(started_options.config_path, file.path());
  EXPECT_EQ(started_options.overrides.percent, 12.5);
  ASSERT_EQ(started_with.server.listen.size(), 2u);
  EXPECT_EQ(started_with.server.listen[1].host, "::1");
  EXPECT_EQ(started_with.primary.url.host, "p");
  EXPECT_EQ(started_with.candidate.url.host, "c");
  EXPECT_EQ(started_with.secondary.url.host, "s");
  EXPECT_EQ(started_with.admin.listen.port, 3);
  EXPECT_EQ(started_with.store.path, "");
  EXPECT_EQ(started_with.mirror.percent, 12.5);
  EXPECT_EQ(started_with.mirror.holdout, 3.0);
  EXPECT_EQ(started_with.mirror.methods, (std::vector<std::string>{"GET", "POST"}));
  EXPECT_EQ(started_with.server.threads, 2u);
}

TEST(CommandLine, CheckSaysThatAConfigurationIsGood) {
  const Invocation check = invoke({"check"});
  EXPECT_EQ(check.status, 0);
  EXPECT_TRUE(check.out.starts_with("configuration is good\n")) << check.out;
  EXPECT_EQ(check.err, "");
}

TEST(CommandLine, CheckDumpsTheEffectiveConfiguration) {
  const Invocation check = invoke({"check", "--dump", "--percent", "5"});
  EXPECT_EQ(check.status, 0);
  EXPECT_NE(check.out.find("\npercent = 5.0\n"), std::string::npos) << check.out;
  const LoadedConfig again = parse_config(check.out, "dump", {});
  EXPECT_TRUE(again.errors.empty());
}

TEST(CommandLine, CheckNamesEveryMistakeWithFileAndLine) {
  const TemporaryFile file("[server]\ndrain = 30\nlsiten = []\n");
  for (const char* command : {"check", "run"}) {
    const Invocation check = invoke({command, "-c", file.path()});
    EXPECT_EQ(check.status, 2);
    EXPECT_EQ(check.out, "");
    EXPECT_EQ(check.err, "understudy: " + file.path() + ":2: server.drain: 30 has no unit; write \"30s\"\n" +
                             "understudy: " + file.path() +
                             ":3: server.lsiten: is not known; did you mean \"server.listen\"?\n");
  }
}

TEST(CommandLine, AMissingConfigurationIsUsage) {
  const Invocation check = invoke({"check", "-c", "/nonexistent.toml"});
  EXPECT_EQ(check.status, 2);
  EXPECT_TRUE(is_one_line(check.err));
}

}  // namespace
}  // namespace understudy
