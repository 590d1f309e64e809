#include "proxy/policy/glob.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace understudy::policy {
namespace {

bool matches(const std::vector<std::string>& patterns, std::string_view path) {
  return PathGlobs(patterns).matches(path);
}

TEST(PathGlobs, LiteralsMatchThemselves) {
  EXPECT_TRUE(matches({"/a/b"}, "/a/b"));
  EXPECT_FALSE(matches({"/a/b"}, "/a/b/"));
  EXPECT_FALSE(matches({"/a/b"}, "/a/bc"));
  EXPECT_FALSE(matches({"/a/b"}, "/a"));
  EXPECT_FALSE(matches({"/a/b"}, "/A/b"));
}

TEST(PathGlobs, StarStaysWithinASegment) {
  EXPECT_TRUE(matches({"/a/*"}, "/a/"));
  EXPECT_TRUE(matches({"/a/*"}, "/a/b"));
  EXPECT_FALSE(matches({"/a/*"}, "/a/b/c"));
  EXPECT_TRUE(matches({"/a/*/c"}, "/a/b/c"));
  EXPECT_FALSE(matches({"/a/*/c"}, "/a/b/b/c"));
  EXPECT_TRUE(matches({"/*.json"}, "/x.json.json"));
  EXPECT_TRUE(matches({"/a*b*c"}, "/axbxbxc"));
  EXPECT_FALSE(matches({"/a*b*c"}, "/axbx/c"));
}

TEST(PathGlobs, QuestionMarkIsOneOctetButNoSlash) {
  EXPECT_TRUE(matches({"/a?c"}, "/abc"));
  EXPECT_FALSE(matches({"/a?c"}, "/ac"));
  EXPECT_FALSE(matches({"/a?c"}, "/a/c"));
}

TEST(PathGlobs, TwoStarsAreAnyNumberOfSegments) {
  for (const char* path : {"/", "/a", "/a/b/c", "*", ""}) EXPECT_TRUE(matches({"/**"}, path)) << path;
  for (const char* path : {"/x", "/x/", "/x/y", "/x/y/z"}) EXPECT_TRUE(matches({"/x/**"}, path)) << path;
  for (const char* path : {"/xy", "/", "/y/x", "/y/x/z"}) EXPECT_FALSE(matches({"/x/**"}, path)) << path;
  for (const char* path : {"/a/b", "/a/1/b", "/a/1/2/b", "/a/b/b"}) EXPECT_TRUE(matches({"/a/**/b"}, path)) << path;
  for (const char* path : {"/a", "/ab", "/a/1/bc", "/a/xb", "/b"}) EXPECT_FALSE(matches({"/a/**/b"}, path)) << path;
  EXPECT_TRUE(matches({"/**/b"}, "/b"));
  EXPECT_TRUE(matches({"/**/*.js"}, "/x/y/z.js"));
  EXPECT_FALSE(matches({"/**/*.js"}, "/x/y/z.css"));
  EXPECT_TRUE(matches({"/**/a/**/b*d/**"}, "/1/a/2/a/bcd/e/f"));
  EXPECT_TRUE(matches({"/x*/**"}, "/xyz/a"));
  EXPECT_FALSE(matches({"/x*/**"}, "/yz/a"));
}

TEST(PathGlobs, TheLastMatchDecides) {
  EXPECT_TRUE(matches({"/**", "!/internal/**"}, "/a"));
  EXPECT_FALSE(matches({"/**", "!/internal/**"}, "/internal/x"));
  EXPECT_FALSE(matches({"/**", "!/internal/**"}, "/internal"));
  EXPECT_TRUE(matches({"/**", "!/internal/**", "/internal/public/*"}, "/internal/public/x"));
  EXPECT_FALSE(matches({"/internal/public/*", "!/internal/**"}, "/internal/public/x"));
}

TEST(PathGlobs, WhatNothingMatchesIsOutUnlessTheListStartsWithAnExclusion) {
  EXPECT_FALSE(matches({}, "/a"));
  EXPECT_FALSE(matches({"/b"}, "/a"));
  EXPECT_TRUE(matches({"!/b"}, "/a"));
  EXPECT_FALSE(matches({"!/b"}, "/b"));
}

TEST(PathGlobs, LongPathsThatAlmostMatchTakeNoLongerThanTheyMust) {
  std::string path;
  for (int i = 0; i < 8000; ++i) path += "/aaaaaaa";
  EXPECT_FALSE(matches({"/**/a*a*a*b"}, path));
  EXPECT_FALSE(matches({"/**/a*a/**/a*b/**/c"}, path));
}

TEST(PathGlobs, MistakesAreNamed) {
  for (const char* good : {"/**", "/a/**/b", "!/a", "/a*b", "/"}) EXPECT_EQ(glob_error(good), std::nullopt) << good;
  for (const char* bad : {"", "!", "a", "**", "!a", "/a**", "/**a", "/a b", "/a/***"})
    EXPECT_NE(glob_error(bad), std::nullopt) << bad;
  EXPECT_THROW(matches({"/**", "a"}, "/"), std::invalid_argument);
}

}  // namespace
}  // namespace understudy::policy
