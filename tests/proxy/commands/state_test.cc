#include "proxy/commands/state.h"

#include <gtest/gtest.h>

#include "tests/proxy/commands/scripted_server.h"

namespace understudy {
namespace {

TEST(State, AVerdictIsReadFromTheContractsDocument) {
  GateState state;
  ASSERT_TRUE(parse_verdict(
      R"({"verdict":"regression","compared":12,"needed":0,"evidence_lost":1,"reasons":["a","b"],"shadow_tax":{}})",
      state));
  EXPECT_EQ(state.verdict, "regression");
  EXPECT_EQ(state.compared, 12u);
  EXPECT_EQ(state.needed, 0u);
  EXPECT_EQ(state.reasons, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(state.json.starts_with("{\"verdict\""));
}

TEST(State, AnythingElseIsNoVerdict) {
  GateState state;
  for (const char* text :
       {"", "[]", "{}", "<html>", R"({"verdict":"fine","compared":1,"needed":0,"reasons":[]})",
        R"({"verdict":"pass","compared":-1,"needed":0,"reasons":[]})", R"({"verdict":"pass","compared":1,"needed":0})",
        R"({"verdict":"pass","compared":1,"needed":0,"reasons":[]} x)"}) {
    EXPECT_FALSE(parse_verdict(text, state)) << text;
  }
}

TEST(State, AddressAndRemedyAreNamedWhereNobodyAnswers) {
  ScriptedServer server({"unused"});
  server.stop();
  StateSource source;
  source.admin = server.url();
  std::string report;
  Problem problem;
  EXPECT_FALSE(fetch_report(source, Format::text, report, problem));
  EXPECT_EQ(problem.text,
            server.url() + ": Connection refused; start \"understudy run\", or name its admin.listen with --admin");
}

TEST(State, AMissingTokenIsSaid) {
  ScriptedServer server({"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"});
  StateSource source;
  source.admin = server.url();
  GateState state;
  Problem problem;
  EXPECT_FALSE(fetch_verdict(source, false, state, problem));
  EXPECT_NE(problem.text.find("--token"), std::string::npos);
}

TEST(State, TheAddressMayBeWrittenWithoutAScheme) {
  ScriptedServer server({ok_answer("hello")});
  StateSource source;
  source.admin = server.url().substr(7);
  std::string report;
  Problem problem;
  EXPECT_TRUE(fetch_report(source, Format::json, report, problem)) << problem.text;
  EXPECT_EQ(report, "hello");
  server.stop();
  EXPECT_TRUE(server.requests().at(0).starts_with("GET /api/v1/report?format=json HTTP/1.1\r\n"));
}

TEST(State, ABadAddressOrAMissingStoreIsSaid) {
  StateSource source;
  source.admin = "https://somewhere";
  std::string report;
  Problem problem;
  EXPECT_FALSE(fetch_report(source, Format::text, report, problem));
  EXPECT_NE(problem.text.find("--admin: https is not there for operators; write \"http://somewhere\""),
            std::string::npos)
      << problem.text;
  source.store = "/nonexistent/understudy.db";
  problem = {};
  EXPECT_FALSE(fetch_report(source, Format::text, report, problem));
  EXPECT_EQ(problem.text,
            "/nonexistent/understudy.db: there is no such file; name the store.path of a run with --store");
}

}  // namespace
}  // namespace understudy
