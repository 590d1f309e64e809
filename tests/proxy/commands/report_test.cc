#include <gtest/gtest.h>

#include "proxy/commands/saved_response.h"
#include "proxy/store/writer.h"
#include "tests/proxy/commands/invocation.h"
#include "tests/proxy/commands/scripted_server.h"
#include "tests/proxy/commands/temporary_file.h"
#include "tests/proxy/store/temporary_directory.h"

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

class StoredRun : public testing::Test {
 protected:
  // A run that compared `count` exchanges, all of which lost the field /price in the candidate.
  static void leave_run(const std::string& path, std::uint64_t count) {
    store::WriterOptions options;
    options.path = path;
    options.run.version = UNDERSTUDY_VERSION;
    store::Writer writer(options);
    ASSERT_EQ(writer.open(), std::nullopt);
    diff::Evidence evidence;
    diff::Finding finding;
    finding.path = "/price";
    finding.difference_class = diff::DifferenceClass::field_removed;
    for (std::uint64_t i = 1; i <= count; ++i) {
      diff::Observation observation;
      observation.endpoint = "GET /orders/{id}";
      observation.fingerprint = i;
      observation.exchange_id = i;
      observation.time_us = static_cast<std::int64_t>(i);
      observation.candidate = {&finding, 1};
      evidence.record(observation);
    }
    ASSERT_EQ(writer.snapshot({evidence.take_changed_rows(), control::Ledger(), 0, 1}), std::nullopt);
  }

  store::TemporaryDirectory directory_;
  const std::string path_ = directory_.file("understudy.db");
};

TEST_F(StoredRun, IsReportedAsTextAndAsJson) {
  leave_run(path_, 200);
  const Invocation text = invoke({"report", "--store", path_});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_NE(text.out.find("GET /orders/{id}"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("/price"), std::string::npos) << text.out;
  const Invocation json = invoke({"report", "--store", path_, "--format", "json"});
  EXPECT_EQ(json.status, 0) << json.err;
  EXPECT_NE(json.out.find("\"field_removed\""), std::string::npos) << json.out;
}

TEST_F(StoredRun, IsJudgedAtOnceByTheGate) {
  leave_run(path_, 200);
  const Invocation gate = invoke({"gate", "--store", path_});
  EXPECT_EQ(gate.status, 1) << gate.out << gate.err;
  EXPECT_TRUE(gate.out.starts_with("regression\n")) << gate.out;
}

TEST_F(StoredRun, ThatComparedLittleIsInconclusiveAtOnce) {
  leave_run(path_, 1);
  EXPECT_EQ(invoke({"gate", "--store", path_}).status, 3);
}

TEST(Report, AFileThatCannotBeWrittenIsSaid) {
  ScriptedServer server({ok_answer("x")});
  const Invocation report = invoke({"report", "--admin", server.url(), "-o", "/nonexistent/report"});
  EXPECT_EQ(report.status, 4);
  EXPECT_EQ(report.err, "understudy: /nonexistent/report: cannot be written: No such file or directory\n");
}

}  // namespace
}  // namespace understudy
