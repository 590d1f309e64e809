#include <gtest/gtest.h>

#include "proxy/commands/saved_response.h"
#include "tests/proxy/commands/invocation.h"
#include "tests/proxy/commands/scripted_server.h"
#include "tests/proxy/commands/temporary_file.h"

namespace understudy {
namespace {

TEST(Report, PrintsWhatTheInstanceSays) {
  ScriptedServer server({ok_answer("all is well")});
  const Invocation report = invoke({"report", "--admin", server.url(), "--token", "secret"});
  EXPECT_EQ(report.status, 0) << report.err;
  EXPECT_EQ(report.out, "all is well\n");
  server.stop();
  EXPECT_NE(server.requests().at(0).find("Authorization: Bearer secret\r\n"), std::string::npos);
}

TEST(Report, GoesToAFileIfAsked) {
  ScriptedServer server({ok_answer("{}")});
  const TemporaryFile file("old");
  const Invocation report = invoke({"report", "--admin", server.url(), "--format", "json", "-o", file.path()});
  EXPECT_EQ(report.status, 0) << report.err;
  EXPECT_EQ(report.out, "");
  std::string written;
  std::string problem;
  EXPECT_TRUE(read_file(file.path(), written, problem));
  EXPECT_EQ(written, "{}\n");
}

TEST(Report, WithoutAnInstanceItIsUnreachable) {
  ScriptedServer server({"unused"});
  server.stop();
  const Invocation report = invoke({"report", "--admin", server.url()});
  EXPECT_EQ(report.status, 4);
  EXPECT_EQ(report.err, "understudy: " + server.url() +
                            ": Connection refused; start \"understudy run\", or name its admin.listen with --admin\n");
}

TEST(Report, WithoutAStoreItIsUnreachable) {
  const Invocation report = invoke({"report", "--store", "/nonexistent.db"});
  EXPECT_EQ(report.status, 4);
  EXPECT_NE(report.err.find("/nonexistent.db: there is no such file"), std::string::npos) << report.err;
}

TEST(Report, AFileThatCannotBeWrittenIsSaid) {
  ScriptedServer server({ok_answer("x")});
  const Invocation report = invoke({"report", "--admin", server.url(), "-o", "/nonexistent/report"});
  EXPECT_EQ(report.status, 4);
  EXPECT_EQ(report.err, "understudy: /nonexistent/report: cannot be written: No such file or directory\n");
}

}  // namespace
}  // namespace understudy
