#include <gtest/gtest.h>

#include "tests/proxy/commands/invocation.h"
#include "tests/proxy/commands/temporary_file.h"

namespace understudy {
namespace {

Invocation diff(std::string_view a, std::string_view b, const char* format = "text") {
  const TemporaryFile first(a);
  const TemporaryFile second(b);
  return invoke({"diff", first.path(), second.path(), "--format", format});
}

TEST(Diff, TheSameJsonInAnotherFormIsTheSame) {
  const Invocation same = diff(R"({"a":1,"b":[1,2]})", "{\n  \"b\": [1, 2],\n  \"a\": 1\n}\n");
  EXPECT_EQ(same.status, 0) << same.out;
  EXPECT_EQ(same.out, "");
}

TEST(Diff, ARemovedFieldIsNamedWithItsClass) {
  const Invocation differs = diff(R"({"a":1,"b":2})", R"({"a":1})");
  EXPECT_EQ(differs.status, 1);
  EXPECT_NE(differs.out.find("field_removed"), std::string::npos) << differs.out;
  EXPECT_NE(differs.out.find("/b"), std::string::npos) << differs.out;
}

TEST(Diff, JsonListsTheDifferences) {
  EXPECT_EQ(diff("{\"a\":1}", "{\"a\":1}", "json").out, "{\"same\":true,\"differences\":[]}\n");
  const Invocation differs = diff(R"({"a":1})", R"({"a":"x"})", "json");
  EXPECT_EQ(differs.status, 1);
  EXPECT_TRUE(
      differs.out.starts_with(R"({"same":false,"differences":[{"path":"/a","class":"type_changed","severity":"high")"))
      << differs.out;
}

TEST(Diff, WholeResponsesAreComparedByStatusAndFields) {
  const Invocation status = diff("HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 500 Oops\r\n\r\n");
  EXPECT_EQ(status.status, 1);
  EXPECT_NE(status.out.find("status_class"), std::string::npos) << status.out;
  const Invocation field = diff("HTTP/1.1 200 OK\r\nX-A: 1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_NE(field.out.find("header_removed"), std::string::npos) << field.out;
}

TEST(Diff, ABodyAloneIsComparedWithAResponsesBody) {
  const Invocation same =
      diff("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-A: 1\r\n\r\n{\"a\":1}", "{ \"a\": 1 }");
  EXPECT_EQ(same.status, 0) << same.out;
}

TEST(Diff, WhatCannotBeReadIsTrouble) {
  const TemporaryFile good("{}");
  const TemporaryFile bad("HTTP/1.1 nonsense");
  const Invocation missing = invoke({"diff", good.path(), "/nonexistent"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_EQ(missing.err,
            "understudy: /nonexistent: cannot be read: No such file or directory; name a saved body or response\n");
  const Invocation broken = invoke({"diff", bad.path(), good.path()});
  EXPECT_EQ(broken.status, 2);
  EXPECT_NE(broken.err.find("is no HTTP response"), std::string::npos) << broken.err;
  EXPECT_EQ(invoke({"diff", good.path(), "/"}).status, 2);
}

// Values of responses reach the terminal without their control characters.
TEST(Diff, TheTerminalIsSafe) {
  const Invocation differs = diff("{\"a\":\"\\u001b[31mred\"}", R"({"a":1})");
  EXPECT_EQ(differs.out.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace understudy
