// Every mistake gets one line with file, line, key and remedy. The file is named "u.toml" here.
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "proxy/config.h"

namespace understudy {
namespace {

struct Mistake {
  const char* text;  // of the file
  unsigned line;     // where the mistake stands
  const char* key;
  const char* remedy;  // a part of what must be said
};

std::ostream& operator<<(std::ostream& out, const Mistake& mistake) {
  return out << mistake.text;
}

class ConfigMistake : public testing::TestWithParam<Mistake> {};

TEST_P(ConfigMistake, IsToldInOneLineWithFileLineKeyAndRemedy) {
  const Mistake& mistake = GetParam();
  const LoadedConfig loaded = parse_config(mistake.text, "u.toml", {});
  ASSERT_EQ(loaded.errors.size(), 1u) << (loaded.errors.size() > 1 ? loaded.errors[1].to_string() : "none found");
  const ConfigError& error = loaded.errors[0];
  EXPECT_EQ(error.file, "u.toml");
  EXPECT_EQ(error.line, mistake.line) << error.to_string();
  EXPECT_EQ(error.key, mistake.key);
  EXPECT_NE(error.message.find(mistake.remedy), std::string::npos) << error.message;
  EXPECT_EQ(error.to_string(), "u.toml:" + std::to_string(mistake.line) + ": " + mistake.key + ": " + error.message);
  EXPECT_EQ(error.to_string().find('\n'), std::string::npos);
}

const Mistake mistakes[] = {
    // Names
    {"[server]\nlsiten = [\"127.0.0.1:1\"]", 2, "server.lsiten", "did you mean \"server.listen\"?"},
    {"\n[servr]\nthreads = 1", 2, "servr", "did you mean \"server\"?"},
    {"[server.limits]\nheaders = \"1KiB\"", 2, "server.limits.headers", "did you mean \"server.limits.header\"?"},
    {"[server]\npercent = 5", 2, "server.percent", "did you mean \"mirror.percent\"?"},
    {"threads = 2", 1, "threads", "did you mean \"server.threads\"?"},
    {"[primary]\ndeadline = \"1s\"", 2, "primary.deadline", "did you mean \"candidate.deadline\"?"},
    {"[candidate]\nshare = 0.5", 2, "candidate.share", "did you mean \"secondary.share\"?"},
    {"[primary]\ntls = { verfy = true }", 2, "primary.tls.verfy", "did you mean \"primary.tls.verify\"?"},
    {"[diff]\nignore = [ { path = \"/a\", expire = 2027-01-01 } ]", 2, "diff.ignore.expire",
     "did you mean \"diff.ignore.expires\"?"},
    // Types
    {"server = 3", 1, "server", "write [server]"},
    {"[server]\nlisten = \"127.0.0.1:8880\"", 2, "server.listen", "in brackets"},
    {"[server]\nlisten = [8880]", 2, "server.listen", "in quotes"},
    {"[server]\nthreads = \"2\"", 2, "server.threads", "without quotes"},
    {"[server]\nthreads = 2.5", 2, "server.threads", "a whole number"},
    {"[mirror]\nenabled = \"yes\"", 2, "mirror.enabled", "write true or false"},
    {"[mirror]\npercent = \"50%\"", 2, "mirror.percent", "without quotes"},
    {"[mirror]\nmarker = false", 2, "mirror.marker", "in quotes"},
    {"[mirror]\nheaders = [\"X-Tenant\"]", 2, "mirror.headers", "write [mirror.headers]"},
    {"[mirror.headers]\nset = [\"X-Tenant\"]", 2, "mirror.headers.set", "write { \"X-Tenant\""},
    {"[mirror.headers.set]\nX-Tenant = 3", 2, "mirror.headers.set", "in quotes"},
    {"[diff]\nignore = [\"/updated_at\"]", 2, "diff.ignore", "write { endpoint"},
    {"[diff]\nignore = { path = \"/a\" }", 2, "diff.ignore", "write [ { path"},
    {"[server]\ntls = { certificate = false }", 2, "server.tls.certificate", "write \"\""},
    // Units
    {"[server]\ndrain = 30", 2, "server.drain", "write \"30s\""},
    {"[server]\ndrain = \"30\"", 2, "server.drain", "has no unit"},
    {"[server]\ndrain = 30.5", 2, "server.drain", "as a string with its unit"},
    {"[server.timeouts]\nidle = \"75sec\"", 2, "server.timeouts.idle", "use one of ms, s, m, h, d"},
    {"[mirror]\nmemory = 67108864", 2, "mirror.memory", "write \"67108864B\""},
    {"[mirror]\nbody = \"1mib\"", 2, "mirror.body", "use one of B, KiB"},
    {"[store]\nretention = 14", 2, "store.retention", "has no unit"},
    // Ranges
    {"[server]\nthreads = 129", 2, "server.threads", "from 0 to 128"},
    {"[server]\nthreads = -1", 2, "server.threads", "from 0 to 128"},
    {"[mirror]\npercent = 1000.5", 2, "mirror.percent", "from 0 to 1000"},
    {"[mirror]\npercent = nan", 2, "mirror.percent", "from 0 to 1000"},
    {"[mirror]\nholdout = 101", 2, "mirror.holdout", "from 0 to 100"},
    {"[mirror]\nrate = -1", 2, "mirror.rate", "from 0 to"},
    {"[mirror]\nin_flight = 0", 2, "mirror.in_flight", "from 1 to"},
    {"[mirror]\nmemory = \"1KiB\"", 2, "mirror.memory", "from \"64KiB\""},
    {"[mirror]\nniceness = 20", 2, "mirror.niceness", "from 0 to 19, or \"idle\""},
    {"[mirror]\nniceness = \"low\"", 2, "mirror.niceness", "from 0 to 19, or \"idle\""},
    {"[server.limits]\nheader = \"0\"", 2, "server.limits.header", "from \"1KiB\""},
    {"[primary]\nconnect_timeout = \"0s\"", 2, "primary.connect_timeout", "from \"1ms\""},
    {"[diff]\nconfidence = 1.0", 2, "diff.confidence", "between 0.5 and 1"},
    {"[diff]\nconfidence = 0.5", 2, "diff.confidence", "between 0.5 and 1"},
    {"[diff]\ntolerance = -0.1", 2, "diff.tolerance", "from 0 to 1"},
    {"[diff]\nexclude = 0", 2, "diff.exclude", "write a number above 0, at most 0.5"},
    {"[diff]\nexclude = 0.51", 2, "diff.exclude", "0.51 is out of range; write a number above 0, at most 0.5"},
    {"[diff]\nexclude = \"1 %\"", 2, "diff.exclude", "write a number above 0, at most 0.5, without quotes"},
    {"[diff]\nexclude = nan", 2, "diff.exclude", "above 0"},
    {"[diff]\n\nexclude_noisy = -0.05", 3, "diff.exclude_noisy", "write a number above 0, at most 0.5"},
    {"[diff]\nslower = -0.1", 2, "diff.slower", "from 0 to 1"},
    {"[diff]\nslower = 10", 2, "diff.slower", "from 0 to 1"},
    {"[secondary]\nurl = \"http://a\"\nshare = 2", 3, "secondary.share", "from 0 to 1"},
    {"[secondary]\nurl = \"http://a\"\nconfirm_after = \"11m\"", 3, "secondary.confirm_after", "from"},
    {"[candidate]\nconfirm_after = \"3s\"", 2, "candidate.confirm_after", "secondary.confirm_after"},
    // Addresses
    {"[primary]\nurl = \"127.0.0.1:9001\"", 2, "primary.url", "write \"http://127.0.0.1:9001\""},
    {"[primary]\nurl = \"ftp://orders\"", 2, "primary.url", "write \"http://host:port\""},
    {"[primary]\nurl = \"http://orders/v1\"", 2, "primary.url", "write \"http://orders\""},
    {"[candidate]\nurl = \"\"", 2, "candidate.url", "has no scheme"},
    {"[server]\nlisten = []", 2, "server.listen", "write [\"127.0.0.1:8880\"]"},
    {"[server]\nlisten = [\":8880\"]", 2, "server.listen", "0.0.0.0:8880"},
    {"[server]\nlisten = [\"127.0.0.1:1\",\n\"127.0.0.1:http\"]", 3, "server.listen", "a number from 0"},
    {"[admin]\nlisten = \"http://127.0.0.1:1\"", 2, "admin.listen", "without a scheme"},
    // Choices and forms
    {"[mirror]\norder = \"random\"", 2, "mirror.order", "\"auto\", \"connection\", \"none\""},
    {"[diff]\narrays = \"unordered\"", 2, "diff.arrays", "\"auto\", \"ordered\", \"set\""},
    {"[log]\nformat = \"common\"", 2, "log.format", "\"combined\", \"json\""},
    {"[log]\nlevel = \"loud\"", 2, "log.level", "\"debug\", \"info\", \"warn\", \"error\""},
    {"[mirror]\nmethods = [\"get\"]", 2, "mirror.methods", "write \"GET\""},
    {"[mirror]\nmethods = [\"GET, POST\"]", 2, "mirror.methods", "is no method"},
    {"[mirror]\nmethods = []", 2, "mirror.methods", "the list is empty"},
    {"[mirror]\npaths = [\"orders/**\"]", 2, "mirror.paths", "write for example \"/orders/**\""},
    {"[mirror]\npaths = [\"/a**\"]", 2, "mirror.paths", "write for example \"/orders/**\""},
    {"[mirror]\nmarker = \"Under study\"", 2, "mirror.marker", "is no field name"},
    {"[mirror]\nmarker = \"Connection\"", 2, "mirror.marker", "choose another field"},
    {"[mirror]\nsticky = \"x-user\"", 2, "mirror.sticky", "\"header:NAME\" or \"cookie:NAME\""},
    {"[mirror]\nsticky = \"cookie:a b\"", 2, "mirror.sticky", "\"header:NAME\" or \"cookie:NAME\""},
    {"[mirror]\nhost = \"http://orders\"", 2, "mirror.host", "\"keep\", \"target\" or a literal"},
    {"[mirror.headers.set]\nHost = \"a\"", 2, "mirror.headers.set", "use mirror.host"},
    {"[mirror.headers.set]\nX-A = \"a\\r\\nb\"", 2, "mirror.headers.set", "remove them"},
    {"[mirror.headers]\nremove = [\"Content-Length\"]", 2, "mirror.headers.remove", "choose another field"},
    {"[diff]\nignore = [ { endpoint = \"GET /a\" } ]", 2, "diff.ignore", "has no path"},
    {"[diff]\nignore = [ { endpoint = \"/a\", path = \"/b\" } ]", 2, "diff.ignore.endpoint",
     "write for example \"GET /a\""},
    {"[diff]\nignore = [ { path = \"/b\", class = \"field_remove\" } ]", 2, "diff.ignore.class",
     "\"field_remove\" is no class of difference; did you mean \"field_removed\"?"},
    {"[[diff.ignore]]\npath = \"/b\"\nclass = [\n\"type_changed\",\n\"became_nil\" ]", 5, "diff.ignore.class",
     "did you mean \"became_null\"?"},
    {"[diff]\nignore = [ { path = \"/b\", class = [] } ]", 2, "diff.ignore.class", "write at least one class"},
    {"[diff]\nignore = [ { path = \"/b\", class = 3 } ]", 2, "diff.ignore.class", "in quotes"},
    {"[diff]\nignore = [ { path = \"status\" } ]", 2, "diff.ignore", "write for example class = \"status_code\""},
    {"[diff]\nignore = [ { path = \"updated_at\" } ]", 2, "diff.ignore.path", "a field pattern"},
    {"[diff]\nignore = [ { path = \"/b\", expires = \"2027-06-30\" } ]", 2, "diff.ignore.expires", "without quotes"},
    {"[diff]\nendpoints = [\"orders/{id}\"]", 2, "diff.endpoints", "write for example \"/orders/{id}\""},
    {"[diff]\nendpoints = [\"/orders/{id\"]", 2, "diff.endpoints", "unmatched brace"},
    {"[diff]\nendpoints = [\"/orders/id}\"]", 2, "diff.endpoints", "unmatched brace"},
    {"[store]\nredact = [\"authorization\"]", 2, "store.redact", "write for example \"header:authorization\""},
    {"[admin]\ntoken = \"two words\"", 2, "admin.token", "choose another"},
    // Not there yet
    {"[server]\ntls = { certificate = \"a.pem\" }", 2, "server.tls.certificate", "not there yet"},
    {"[primary.tls]\nserver_name = \"a b\"", 2, "primary.tls.server_name", "write for example"},
    {"[primary]\ntls = { key = \"key.pem\" }", 2, "primary.tls", "has no certificate"},
    {"[candidate.tls]\ncertificate = \"a.pem\"", 1, "candidate.tls", "has no key"},
    // Combinations
    {"[server]\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:1\"]", 2, "server.listen", "remove one of them"},
    {"[server]\nlisten = [\"0.0.0.0:8881\"]", 2, "server.listen", "a port of its own"},
    {"[admin]\nlisten = \"127.0.0.1:8880\"", 2, "admin.listen", "a port of its own"},
    {"[admin]\nlisten = \"0.0.0.0:8881\"", 2, "admin.listen", "set admin.token"},
    {"[secondary]\nshare = 0.5", 1, "secondary", "write url ="},
    {"[primary]\nurl = \"http://localhost:8880\"", 2, "primary.url", "the address of production itself"},
    {"[mirror]\nmarker = \"\"\n[candidate]\nurl = \"http://127.0.0.1:8880\"", 4, "candidate.url", "set mirror.marker"},
    {"[mirror]\nmarker = \"\"\n[secondary]\nurl = \"http://127.0.0.1:8880\"", 4, "secondary.url", "set mirror.marker"},
    {"[server]\nuser = \"no such user\"", 2, "server.user", "create it, or leave it empty"},
    // TOML itself
    {"[server]\nthreads = ", 2, "threads", "correct the TOML here"},
    {"[server]\nthreads = 1\nthreads = 2", 3, "threads", "correct the TOML here"},
    {"[mirror]\nmarker = \"open", 2, "marker", "correct the TOML here"},
};

INSTANTIATE_TEST_SUITE_P(All, ConfigMistake, testing::ValuesIn(mistakes));

TEST(ConfigMistakes, AllOfThemAreToldInTheOrderOfTheirLines) {
  const LoadedConfig loaded = parse_config(
      "[mirror]\npercent = -1\n[server]\nlsiten = []\nthreads = 1000\n[admin]\nlisten = \"x\"\n", "u.toml", {});
  ASSERT_EQ(loaded.errors.size(), 4u);
  EXPECT_EQ(loaded.errors[0].key, "mirror.percent");
  EXPECT_EQ(loaded.errors[1].key, "server.lsiten");
  EXPECT_EQ(loaded.errors[2].key, "server.threads");
  EXPECT_EQ(loaded.errors[3].key, "admin.listen");
}

TEST(ConfigMistakes, AFileCutAnywhereIsReadOrRefusedWithALine) {
  const std::string whole = dump_config(load_config("", {}).settings);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    for (const ConfigError& error : parse_config(std::string_view(whole).substr(0, size), "u.toml", {}).errors) {
      EXPECT_GT(error.line, 0u) << error.to_string();
    }
  }
}

TEST(ConfigMistakes, AMissingFileIsNamed) {
  const LoadedConfig loaded = load_config("/nonexistent/u.toml", {});
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_EQ(loaded.errors[0].to_string(),
            "/nonexistent/u.toml: cannot be read: No such file or directory; name a readable file with -c/--config");
}

TEST(ConfigMistakes, ADirectoryIsNoFile) {
  const LoadedConfig loaded = load_config("/", {});
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_NE(loaded.errors[0].to_string().find("/: cannot be read: Is a directory"), std::string::npos)
      << loaded.errors[0].to_string();
}

TEST(ConfigMistakes, AFlagIsNamedWhereItIsTheMistake) {
  Overrides overrides;
  overrides.listen = {"8880"};
  overrides.primary = "orders";
  overrides.candidate = "orders:80";
  overrides.secondary = "ftp://orders";
  overrides.admin = "0.0.0.0:1";
  overrides.methods = "GET,post";
  overrides.percent = 2000;
  overrides.threads = 1000;
  const LoadedConfig loaded = parse_config("[admin]\nlisten = \"127.0.0.1:5\"", "u.toml", overrides);
  std::string flags;
  for (const ConfigError& error : loaded.errors) {
    EXPECT_EQ(error.file, "");
    EXPECT_NE(error.message.find(';'), std::string::npos) << error.message;
    EXPECT_EQ(error.to_string(), error.key + ": " + error.message);
    flags += error.key + ' ';
  }
  EXPECT_EQ(flags, "--listen --primary --candidate --secondary --methods --percent --threads --admin ");
}

TEST(ConfigMistakes, AnErrorStaysOneLineWhateverTheValueHolds) {
  const LoadedConfig loaded = parse_config("[mirror]\nmarker = \"a\\nb\\u001b[31m\"", "u.toml", {});
  ASSERT_EQ(loaded.errors.size(), 1u);
  EXPECT_EQ(loaded.errors[0].to_string().find_first_of("\n\x1b"), std::string::npos);
}

}  // namespace
}  // namespace understudy
