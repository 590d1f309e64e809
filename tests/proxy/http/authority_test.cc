#include "proxy/http/authority.h"

#include <gtest/gtest.h>

namespace understudy::http {
namespace {

TEST(Authority, IsAHostAndPerhapsAPort) {
  for (const char* good : {"example.com", "EXAMPLE.com:80", "a", "a:", "1.2.3.4", "1.2.3.4:65535", "[::1]",
                           "[2001:db8::1]:8080", "[::ffff:1.2.3.4]", "a_b~c", "xn--bcher-kva.example", "%41"}) {
    EXPECT_TRUE(is_valid_authority(good)) << good;
  }
}

TEST(Authority, IsNothingElse) {
  for (const char* bad :
       {"",      ":80",       "a:65536", "a:000080", "a:8a", "a:80:80", "user@a", "user:pass@a", "a/b",
        "a?b",   "a b",       "a,b",     "a\\b",     "a<b",  "[::1",    "[::1]x", "[::1]:x",     "[]",
        "[abc]", "[1.2.3.4]", "[v1.a]",  "::1",      "%",    "%4",      "%4g",    "\xc3\xa4"}) {
    EXPECT_FALSE(is_valid_authority(bad)) << bad;
  }
}

}  // namespace
}  // namespace understudy::http
