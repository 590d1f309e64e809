// What is dumped reads back as the same settings: the planes depend on it.
#include <gtest/gtest.h>

#include "proxy/config.h"

namespace understudy {
namespace {

const char* const texts[] = {
    "",
    "[secondary]\nurl = \"http://127.0.0.1:9001\"",
    "[secondary]\nurl = \"http://[::1]:9003/\"\nshare = 0.123456789012345\nbudget = 7\nconfirm_after = "
    "\"0s\"\ndeadline = "
    "\"1h\"\nresponse_size = \"3MB\"",
    "[server]\nlisten = [\"127.0.0.1:0\", \"[::]:8882\", \"unix:/run/a b\\\"c\\\\.sock\"]\nthreads = 128\ndrain = "
    "\"0s\"\nuser = \"root\"",
    "[server.limits]\nconnections = 1\nmemory = \"1MiB\"\nheader = \"1025B\"\nfields = 1\nrequest_body = \"1B\"",
    "[server.timeouts]\nheader = \"1ms\"\nbody = \"90m\"\nidle = \"1d\"",
    "[primary]\nurl = \"http://Orders.Internal\"\nconnect_timeout = \"1001ms\"\nconnections = 7",
    "[primary]\nresponse_timeout = \"5s\"\n[candidate]\nbody_timeout = \"7s\"\n[secondary]\nurl = "
    "\"http://127.0.0.1:9003\"\nconnect_timeout = \"30ms\"",
    "[mirror]\nenabled = false\npercent = 0.01\nrate = 1e9\npaths = [\"/**\", \"!/internal/**\"]\nmethods = "
    "[\"*\"]\norder = \"connection\"\n"
    "holdout = 0\nhost = \"orders.test:8080\"\nmarker = \"\"\nmemory = \"64KiB\"\nin_flight = 1\nbody = "
    "\"0\"\nniceness = \"idle\"",
    "[mirror]\npercent = 1000\nniceness = 0\nhost = \"target\"\nheaders = { set = { X-A = \"a \\\"b\\\" \\\\ "
    "\\t\\u00e9\", b = \"\" }, remove = [\"Cookie\", \"X-B\"] }",
    "[diff]\nconfidence = 0.999999\nheaders = false\narrays = \"ordered\"\ntolerance = 1e-9\nexclude = "
    "0.5\nexclude_noisy = 1e-9\nslower = 0\nendpoints = [\"/a/{b}\"]\n"
    "ignore = [ { path = \"/a\" }, { endpoint = \"GET /\", path = \"status\", class = \"status_code\", "
    "reason = \"line\\nbreak \\u007f\", expires = 1999-12-31 }, "
    "{ path = \"/b\", class = [ \"field_removed\", \"became_null\" ] } ]",
    "[admin]\nlisten = \"\"",
    "[admin]\nlisten = \"0.0.0.0:1\"\ntoken = \"to\\\"ken\"",
    "[store]\npath = \"\"\nexemplars = \"0\"\nretention = \"1s\"\nredact = []\n[log]\naccess = \"-\"\nformat = "
    "\"json\"\nlevel = \"debug\"",
};

class ConfigDump : public testing::TestWithParam<const char*> {};

TEST_P(ConfigDump, ReadsBackAsTheSameSettings) {
  const LoadedConfig loaded = parse_config(GetParam(), "u.toml", {});
  ASSERT_TRUE(loaded.errors.empty()) << loaded.errors[0].to_string();
  const std::string dumped = dump_config(loaded.settings);
  const LoadedConfig again = parse_config(dumped, "dump.toml", {});
  ASSERT_TRUE(again.errors.empty()) << again.errors[0].to_string() << '\n' << dumped;
  EXPECT_TRUE(again.settings == loaded.settings) << dumped;
  EXPECT_EQ(dump_config(again.settings), dumped);
}

INSTANTIATE_TEST_SUITE_P(All, ConfigDump, testing::ValuesIn(texts));

TEST(ConfigDump, WritesTheContractsSpellings) {
  const std::string dumped = dump_config(load_config("", {}).settings);
  for (const char* line :
       {"[server]\nlisten = [\"127.0.0.1:8880\"]\nthreads = 0\ndrain = \"30s\"\n",
        "\n[server.limits]\nconnections = 65536\nconnections_per_address = 0\nmemory = \"256MiB\"\n",
        "tls = { verify = true, ca = \"\", certificate = \"\", key = \"\", server_name = \"\" }\n", "percent = 100.0\n",
        "headers = { set = {}, remove = [] }\n", "niceness = 19\n", "retention = \"14d\"\n", "confidence = 0.99\n",
        "exclude = 0.01\nexclude_noisy = 0.05\nslower = 0.1\n"}) {
    EXPECT_NE(dumped.find(line), std::string::npos) << line << "is missing in\n" << dumped;
  }
  EXPECT_EQ(dumped.find("[secondary]"), std::string::npos);
}

TEST(ConfigDump, ShowsForTheCandidateWhatItTakesFromProduction) {
  const std::string dumped = dump_config(
      parse_config("[primary]\nresponse_timeout = \"7s\"\nconnections = 9\n[candidate]\nbody_timeout = \"3s\"", "", {})
          .settings);
  const std::string candidate = dumped.substr(dumped.find("[candidate]"));
  EXPECT_TRUE(
      candidate.starts_with("[candidate]\nurl = \"http://127.0.0.1:9002\"\nconnect_timeout = \"1s\"\n"
                            "response_timeout = \"7s\"\nidle_timeout = \"55s\"\nbody_timeout = \"3s\"\n"
                            "connections = 9\n"))
      << candidate;
}

}  // namespace
}  // namespace understudy
