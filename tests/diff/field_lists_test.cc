// List fields: what says the same in another order is no difference, what says another thing is one.
#include "diff/field_lists.h"

#include <gtest/gtest.h>

#include <string>

#include "diff/fields.h"
#include "diff/text_tools.h"
#include "tests/diff/support.h"

namespace understudy::diff::test {
namespace {

Names compare_fields(std::vector<Field> primary, std::vector<Field> other) {
  Response left = json_response("1");
  Response right = json_response("2");
  left.fields = std::move(primary);
  right.fields = std::move(other);
  std::vector<Finding> findings;
  compare_headers(left, right, FieldContext{}, findings);
  return names_of(findings);
}

void expect_same(const std::string& name, const std::string& primary, const std::string& other) {
  EXPECT_EQ(compare_fields({{name, primary}}, {{name, other}}), Names{}) << name << ": " << primary << " | " << other;
  EXPECT_EQ(compare_fields({{name, other}}, {{name, primary}}), Names{}) << name << ": " << other << " | " << primary;
}

void expect_changed(const std::string& name, const std::string& primary, const std::string& other) {
  const Names expected{"header_changed header:" + ascii_lower(name)};
  EXPECT_EQ(compare_fields({{name, primary}}, {{name, other}}), expected) << name << ": " << primary << " | " << other;
}

TEST(FieldLists, TheOrderOfMembersIsFree) {
  expect_same("Cache-Control", "public, s-maxage=120, stale-if-error=60", "stale-if-error=60, public, s-maxage=120");
  expect_same("Vary", "Cookie, Accept-Language, X-Tenant", "X-Tenant, Cookie, Accept-Language");
  expect_same("Allow", "GET, PUT, DELETE", "DELETE, GET, PUT");
  expect_same("Access-Control-Allow-Methods", "PATCH, POST", "POST, PATCH");
  expect_same("Access-Control-Allow-Headers", "authorization, x-csrf", "x-csrf, authorization");
  expect_same("Access-Control-Expose-Headers", "Link, X-Total", "X-Total, Link");
  expect_same("Content-Language", "de, en", "en, de");
  expect_same("Accept-CH", "Sec-CH-UA, DPR", "DPR, Sec-CH-UA");
  expect_same("Clear-Site-Data", R"("cache", "storage")", R"("storage", "cache")");
  expect_same("Link", R"(</p/2>; rel="next", </p/9>; rel="last")", R"(</p/9>; rel="last", </p/2>; rel="next")");
  expect_same("Strict-Transport-Security", "max-age=900; includeSubDomains; preload",
              "preload; max-age=900; includeSubDomains");
  expect_same("Permissions-Policy", R"(camera=(), geolocation=(self "https://a.example"))",
              R"(geolocation=("https://a.example" self), camera=())");
  expect_same("Content-Security-Policy",
              "default-src 'self'; img-src https: data:", "img-src data: https:; default-src 'self'");
  expect_same("Timing-Allow-Origin", "https://a.example, https://b.example", "https://b.example, https://a.example");
}

TEST(FieldLists, OptionalWhiteSpaceEmptyMembersAndRepetitionAreFree) {
  expect_same("Vary", "Cookie,Origin", "Cookie ,\t Origin");
  expect_same("Vary", ", Cookie,, Origin,", "Origin, Cookie");
  expect_same("Vary", "Cookie, Cookie", "Cookie");
  expect_same("Cache-Control", "private,max-age=9", "max-age=9 , private");
  expect_same("Content-Security-Policy", "img-src  a.example ;", "img-src a.example");
  EXPECT_EQ(compare_fields({{"Vary", "Cookie"}, {"Vary", "Origin"}}, {{"vary", "origin, cookie"}}), Names{});
  EXPECT_EQ(compare_fields({{"Cache-Control", "max-age=7"}, {"Cache-Control", "public"}},
                           {{"Cache-Control", "public, max-age=7"}}),
            Names{});
  EXPECT_EQ(compare_fields({{"Link", "</a>; rel=next"}, {"Link", "</b>; rel=prev"}},
                           {{"Link", "</b>; rel=prev, </a>; rel=next"}}),
            Names{});
}

TEST(FieldLists, CaseIsFreeWhereTheFieldSaysSo) {
  expect_same("Vary", "ACCEPT-encoding", "Accept-Encoding");
  expect_same("Cache-Control", "Max-Age=60, Private", "private, max-age=60");
  expect_same("Access-Control-Expose-Headers", "X-Total", "x-total");
  expect_same("Accept-Ranges", "Bytes", "bytes");
  expect_same("Content-Language", "de-CH", "de-ch");
  expect_same("Strict-Transport-Security", "Max-Age=5; IncludeSubdomains", "max-age=5; includeSubDomains");
  expect_same("Content-Security-Policy", "Default-Src 'Self'", "default-src 'self'");
  expect_changed("Allow", "GET", "get");
  expect_changed("Access-Control-Allow-Methods", "PATCH", "patch");
  expect_changed("Link", "</A>; rel=next", "</a>; rel=next");
}

TEST(FieldLists, AQuotedStringIsOneThing) {
  expect_same("Cache-Control", R"(no-cache="Set-Cookie, X-A", public)", R"(public, no-cache="x-a,set-cookie")");
  expect_same("Cache-Control", R"(max-age="60")", "max-age=60");
  expect_changed("Cache-Control", R"(no-cache="a, b")", R"(no-cache="a", b)");
  expect_changed("Cache-Control", R"(ext="a, b")", R"(ext="b, a")");
  expect_same("Link", R"(</a,b>; title="x, y; z"; rel=next)", R"(</a,b>; rel="next"; title="x, y; z")");
  expect_changed("Link", R"(</a>; title="x, y")", R"(</a>; title="y, x")");
  expect_changed("Link", R"(</a,b>)", R"(</b,a>)");
  expect_changed("Link", R"(</a>; title="a\", b")", R"(</a>; title="b\", a")");
}

TEST(FieldLists, AnotherMemberIsADifference) {
  expect_changed("Cache-Control", "public, max-age=60", "max-age=61, public");
  expect_changed("Cache-Control", "private, max-age=60", "max-age=60");
  expect_changed("Vary", "Cookie, Origin", "Origin");
  expect_changed("Allow", "GET, PUT", "PUT, POST");
  expect_changed("Access-Control-Allow-Headers", "a, b", "b, c");
  expect_changed("Link", "</a>; rel=next", "</a>; rel=prev");
  expect_changed("Strict-Transport-Security", "max-age=900; includeSubDomains", "max-age=900");
  expect_changed("Permissions-Policy", "camera=()", "camera=(self)");
  expect_changed("Content-Security-Policy", "img-src a.example b.example", "img-src a.example");
  expect_changed("Content-Security-Policy", "default-src 'self'; img-src a.example",
                 "default-src a.example; img-src 'self'");
  expect_changed("Content-Security-Policy", "script-src 'nonce-x'", "script-src 'unsafe-inline'");
}

TEST(FieldLists, ANonceIsAnotherOneInEachResponse) {
  expect_same("Content-Security-Policy", "script-src 'nonce-R4nd0m' 'self'", "script-src 'self' 'nonce-0ther'");
  expect_same("Content-Security-Policy-Report-Only", "script-src 'NONCE-a'", "script-src 'nonce-b'");
  expect_changed("Content-Security-Policy", "script-src 'sha256-a'", "script-src 'sha256-b'");
}

TEST(FieldLists, WhatIsAListInOrderKeepsItsOrder) {
  expect_changed("Alt-Svc", R"(h3=":443", h2=":443")", R"(h2=":443", h3=":443")");
  expect_changed("Content-Encoding", "gzip, br", "br, gzip");
  expect_changed("WWW-Authenticate", "Basic realm=a, Bearer", "Bearer, Basic realm=a");
  expect_changed("Cache-Status", "a; hit, b; fwd=miss", "b; fwd=miss, a; hit");
  expect_changed("X-Own", "a, b", "b, a");
}

TEST(FieldLists, BrokenQuotesEndWithTheValue) {
  for (const char* const value : {"\"", "a=\"", "<", "a=\"\\", "(", ",", ";", "=", "", "<a>;=;\"x"}) {
    for (const char* const name : {"Cache-Control", "Link", "Vary", "Content-Security-Policy", "Permissions-Policy",
                                   "Strict-Transport-Security"}) {
      expect_same(name, value, value);
      EXPECT_TRUE(canonical_list(ascii_lower(name), {value}).has_value());
    }
  }
  EXPECT_FALSE(canonical_list("x-own", {"a, b"}).has_value());
}

}  // namespace
}  // namespace understudy::diff::test
