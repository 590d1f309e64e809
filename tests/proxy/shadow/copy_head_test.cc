#include "proxy/shadow/copy_head.h"

#include <gtest/gtest.h>

namespace understudy::shadow {
namespace {

using control::Role;

http::RequestMessage original() {
  http::RequestMessage message;
  message.method = "GET";
  message.authority = "shop.example";
  message.target = "/";
  message.fields = {{"Accept", "*/*"}, {"Expect", "100-continue"}, {"Authorization", "Bearer x"}};
  return message;
}

Url target() {
  Url url;
  url.authority = "candidate:9002";
  return url;
}

TEST(CopyHead, SaysWhatThePrimaryWasToldLessExpectPlusTheMarker) {
  const http::RequestMessage copy = copy_head(original(), MirrorSettings{}, target(), Role::secondary, 1);
  const std::vector<http::OwnedField> expected{
      {"Accept", "*/*"}, {"Authorization", "Bearer x"}, {"Understudy-Role", "secondary"}};
  EXPECT_EQ(copy.fields, expected);
  EXPECT_EQ(copy.authority, "shop.example");
}

TEST(CopyHead, RemovesAndSetsFields) {
  MirrorSettings mirror;
  mirror.remove_headers = {"authorization"};
  mirror.set_headers = {{"X-Tenant", "shadow"}, {"ACCEPT", "text/html"}};
  mirror.marker = "";
  const http::RequestMessage copy = copy_head(original(), mirror, target(), Role::candidate, 1);
  const std::vector<http::OwnedField> expected{{"X-Tenant", "shadow"}, {"ACCEPT", "text/html"}};
  EXPECT_EQ(copy.fields, expected);
}

TEST(CopyHead, HostIsKeptOrTheTargetsOrALiteral) {
  MirrorSettings mirror;
  mirror.host = "target";
  EXPECT_EQ(copy_head(original(), mirror, target(), Role::candidate, 1).authority, "candidate:9002");
  mirror.host = "staging.example";
  EXPECT_EQ(copy_head(original(), mirror, target(), Role::candidate, 1).authority, "staging.example");
}

TEST(CopyHead, ATraceGoesOnUnderANewParent) {
  http::RequestMessage message = original();
  message.fields = {{"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}};
  const http::RequestMessage copy = copy_head(message, MirrorSettings{}, target(), Role::candidate, 0xabc);
  EXPECT_EQ(http::find_field(copy.fields, "traceparent")->value,
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000abc-01");
}

TEST(CopyHead, WhatIsNoTraceparentIsLeftAsItIs) {
  for (const char* text : {"", "00", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
                           "00_0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331_01",
                           "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x"}) {
    EXPECT_EQ(with_parent(text, 1), text);
  }
  EXPECT_EQ(with_parent("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", 1),
            "cc-0af7651916cd43dd8448eb211c80319c-0000000000000001-01-later");
}

}  // namespace
}  // namespace understudy::shadow
