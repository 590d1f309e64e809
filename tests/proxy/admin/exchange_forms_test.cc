// An exemplar as HAR and as a curl command.
#include <gtest/gtest.h>
#include <simdjson.h>
#include <stdlib.h>

#include <cstdio>

#include "proxy/admin/curl.h"
#include "proxy/admin/har.h"

namespace understudy::admin {
namespace {

store::Exemplar exemplar() {
  store::Exemplar exemplar;
  exemplar.id = 7;
  exemplar.time_us = 1'700'000'100'000'000;
  exemplar.request.method = "POST";
  exemplar.request.authority = "shop.example";
  exemplar.request.target = "/orders?q=a%20b&x";
  exemplar.request.fields = {{"Content-Type", "application/json"}, {"Cookie", "[redacted]"}, {"X-Empty", ""}};
  exemplar.request.body = {"{\"a\":1}", 7};
  auto& primary = exemplar.responses[0].emplace();
  primary.status = 201;
  primary.fields = {{"Content-Type", "image/png"}, {"Location", "/orders/8"}};
  primary.body = {"\xff\xd8", 2};
  primary.first_byte_s = 0.002;
  primary.duration_s = 0.005;
  exemplar.responses[1].emplace().failure = "reset";
  return exemplar;
}

TEST(Har, HasAnEntryForEachRoleThatWasAsked) {
  const std::string har = render_har(exemplar());
  simdjson::dom::parser parser;
  simdjson::dom::element log;
  ASSERT_EQ(parser.parse(har).at_pointer("/log").get(log), simdjson::SUCCESS) << har;
  const auto text = [&](const char* pointer) { return std::string(std::string_view(log.at_pointer(pointer))); };
  EXPECT_EQ(text("/version"), "1.2");
  EXPECT_EQ(log["entries"].get_array().size(), 2u);
  EXPECT_EQ(text("/entries/0/startedDateTime"), "2023-11-14T22:15:00.000000Z");
  EXPECT_EQ(text("/entries/0/comment"), "primary");
  EXPECT_EQ(text("/entries/0/request/url"), "http://shop.example/orders?q=a%20b&x");
  EXPECT_EQ(text("/entries/0/request/queryString/0/value"), "a b");
  EXPECT_EQ(text("/entries/0/request/postData/text"), "{\"a\":1}");
  EXPECT_EQ(int64_t(log.at_pointer("/entries/0/response/status")), 201);
  EXPECT_EQ(text("/entries/0/response/content/encoding"), "base64");
  EXPECT_EQ(text("/entries/0/response/content/text"), "/9g=");
  EXPECT_EQ(text("/entries/0/response/redirectURL"), "/orders/8");
  EXPECT_DOUBLE_EQ(double(log.at_pointer("/entries/0/timings/wait")), 2);
  EXPECT_DOUBLE_EQ(double(log.at_pointer("/entries/0/timings/receive")), 3);
  EXPECT_EQ(text("/entries/1/comment"), "candidate");
  EXPECT_EQ(text("/entries/1/response/_error"), "reset");
}

// What a shell makes of the command: one line per argument, the standard input after "---".
std::string seen_by_shell(const std::string& command) {
  const std::string script = "curl() { for a in \"$@\"; do printf '%s\\n' \"$a\"; done; echo ---; cat; }\n" + command;
  std::string quoted = "sh -c '";
  for (const char octet : script) quoted += octet == '\'' ? std::string("'\\''") : std::string(1, octet);
  FILE* shell = popen((quoted + "' </dev/null 2>&1").c_str(), "r");
  std::string output;
  char buffer[4096];
  for (std::size_t n; (n = std::fread(buffer, 1, sizeof buffer, shell)) > 0;) output.append(buffer, n);
  EXPECT_EQ(pclose(shell), 0) << output;
  return output;
}

TEST(Curl, RepeatsTheRequestAgainstTheCandidate) {
  const std::string seen = seen_by_shell(render_curl(exemplar(), "http://127.0.0.1:9002"));
  EXPECT_NE(seen.find("\n--request\nPOST\n"), std::string::npos) << seen;
  EXPECT_NE(seen.find("\nhttp://127.0.0.1:9002/orders?q=a%20b&x\n"), std::string::npos) << seen;
  EXPECT_NE(seen.find("\n--header\nHost: shop.example\n"), std::string::npos) << seen;
  EXPECT_NE(seen.find("\n--header\nContent-Type: application/json\n"), std::string::npos) << seen;
  EXPECT_NE(seen.find("\n--header\nX-Empty;\n"), std::string::npos) << seen;
  EXPECT_NE(seen.find("---\n{\"a\":1}"), std::string::npos) << seen;
  EXPECT_EQ(seen.find("redacted"), std::string::npos) << seen;
}

TEST(Curl, NothingOfTheRequestBecomesAShellWord) {
  store::Exemplar hostile = exemplar();
  hostile.request.target = "/'; touch pwned; '$(touch pwned)`touch pwned`\\";
  hostile.request.fields = {{"X-'\"$(id)", "'; echo broken out; '"}, {"X\n touch pwned", "[redacted]"}};
  hostile.request.body = {std::string("'\n$(id)\0\xff", 9), 9};
  const std::string seen = seen_by_shell(render_curl(hostile, "http://127.0.0.1:9002"));
  EXPECT_NE(seen.find("\nhttp://127.0.0.1:9002/'; touch pwned; '$(touch pwned)`touch pwned`\\\n"), std::string::npos)
      << seen;
  EXPECT_NE(seen.find("\nX-'\"$(id): '; echo broken out; '\n"), std::string::npos) << seen;
  EXPECT_NE(seen.find(std::string("---\n'\n$(id)\0\xff", 13)), std::string::npos) << seen;
}

TEST(Curl, AHeadRequestStaysOne) {
  store::Exemplar head = exemplar();
  head.request.method = "HEAD";
  head.request.body = {};
  const std::string seen = seen_by_shell(render_curl(head, "http://127.0.0.1:9002"));
  EXPECT_NE(seen.find("\n--head\n"), std::string::npos) << seen;
  EXPECT_EQ(seen.find("--request"), std::string::npos) << seen;
}

}  // namespace
}  // namespace understudy::admin
