#include "proxy/config_address.h"

#include <gtest/gtest.h>

namespace understudy {
namespace {

Url url(const char* text) {
  const ParsedUrl parsed = parse_url(text);
  EXPECT_EQ(parsed.problem, "") << text;
  return parsed.value;
}

ListenAddress listen(const char* text) {
  const ParsedListen parsed = parse_listen(text);
  EXPECT_EQ(parsed.problem, "") << text;
  return parsed.value;
}

TEST(ConfigAddress, AUrlIsSplitIntoHostPortAndAuthority) {
  const Url plain = url("http://127.0.0.1:9001");
  EXPECT_EQ(plain.host, "127.0.0.1");
  EXPECT_EQ(plain.port, 9001);
  EXPECT_EQ(plain.authority, "127.0.0.1:9001");
  EXPECT_EQ(plain.text, "http://127.0.0.1:9001");
  const Url named = url("HTTP://Orders.Internal/");
  EXPECT_EQ(named.host, "orders.internal");
  EXPECT_EQ(named.port, 80);
  EXPECT_EQ(named.authority, "orders.internal");
  const Url literal = url("http://[::1]:81");
  EXPECT_EQ(literal.host, "::1");
  EXPECT_EQ(literal.authority, "[::1]:81");
  EXPECT_EQ(url("http://[fe80::1]").authority, "[fe80::1]");
  EXPECT_EQ(url("http://service_name:80").authority, "service_name");
  EXPECT_EQ(url("https://orders").port, 443);
  EXPECT_EQ(url("HTTPS://orders:443").authority, "orders");
  EXPECT_EQ(url("https://orders:80").authority, "orders:80");
}

TEST(ConfigAddress, AUrlThatCannotBeUsedIsRefusedWithARemedy) {
  for (const char* text : {"",
                           "127.0.0.1:9001",
                           "ftp://orders",
                           "http://",
                           "http:///",
                           "http://:80",
                           "http://a:0",
                           "http://a:65536",
                           "http://a:",
                           "http://a:9x",
                           "http://a/v1",
                           "http://a?x=1",
                           "http://a#b",
                           "http://user:pw@a",
                           "http://a b",
                           "http://::1:80",
                           "http://[::1",
                           "http://[orders]:80",
                           "http://[::1]x",
                           "http://1.2.3",
                           "http://256.1.1.1",
                           "http://.a",
                           "http://-a"}) {
    const ParsedUrl parsed = parse_url(text);
    EXPECT_EQ(parsed.value, Url()) << text;
    EXPECT_NE(parsed.problem.find_first_of(";"), std::string::npos) << text << ": " << parsed.problem;
  }
  EXPECT_NE(parse_url("https://a/v1").problem.find("write \"https://a\""), std::string::npos);
  EXPECT_NE(parse_url("http://a:80/v1").problem.find("write \"http://a:80\""), std::string::npos);
}

TEST(ConfigAddress, AListeningAddressIsAHostAndPortOrAUnixPath) {
  EXPECT_EQ(listen("127.0.0.1:8880").host, "127.0.0.1");
  EXPECT_EQ(listen("127.0.0.1:8880").port, 8880);
  EXPECT_EQ(listen("[::]:80").host, "::");
  EXPECT_EQ(listen("localhost:0").port, 0);
  EXPECT_EQ(listen("unix:/run/u.sock").unix_path, "/run/u.sock");
  EXPECT_EQ(listen("unix:/run/u.sock").text, "unix:/run/u.sock");
}

TEST(ConfigAddress, AListeningAddressThatCannotBeUsedIsRefusedWithARemedy) {
  const std::string long_path = "unix:/" + std::string(107, 'x');
  for (const char* text : {"", "8880", ":8880", "*:8880", "127.0.0.1", "127.0.0.1:", "127.0.0.1:http",
                           "127.0.0.1:65536", "127.0.0.1:-1", "::1:8880", "[::1]", "[::1]8880", "http://127.0.0.1:8880",
                           "unix:", "unix:run/u.sock", "1.2.3:80", long_path.c_str()}) {
    const ParsedListen parsed = parse_listen(text);
    EXPECT_EQ(parsed.value, ListenAddress()) << text;
    EXPECT_NE(parsed.problem.find(';'), std::string::npos) << text << ": " << parsed.problem;
  }
}

TEST(ConfigAddress, OnlyLoopbackAndUnixAddressesAreLoopback) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1", "unix:/a"})
    EXPECT_TRUE(is_loopback(listen(text))) << text;
  for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "orders:1", "127.orders:1"})
    EXPECT_FALSE(is_loopback(listen(text))) << text;
}

TEST(ConfigAddress, AddressesOverlapWhereOneSocketWouldKeepTheOtherOut) {
  EXPECT_TRUE(overlap(listen("127.0.0.1:80"), listen("127.0.0.1:80")));
  EXPECT_TRUE(overlap(listen("0.0.0.0:80"), listen("10.0.0.1:80")));
  EXPECT_TRUE(overlap(listen("localhost:80"), listen("127.0.0.1:80")));
  EXPECT_TRUE(overlap(listen("unix:/a"), listen("unix:/a")));
  EXPECT_FALSE(overlap(listen("127.0.0.1:80"), listen("127.0.0.1:81")));
  EXPECT_FALSE(overlap(listen("127.0.0.1:80"), listen("127.0.0.2:80")));
  EXPECT_FALSE(overlap(listen("127.0.0.1:0"), listen("127.0.0.1:0")));
  EXPECT_FALSE(overlap(listen("unix:/a"), listen("unix:/b")));
  EXPECT_FALSE(overlap(listen("unix:/a"), listen("127.0.0.1:80")));
}

TEST(ConfigAddress, AUrlReachesAListenerOnTheSameHostOrBehindAWildcard) {
  EXPECT_TRUE(reaches(url("http://127.0.0.1:8880"), listen("127.0.0.1:8880")));
  EXPECT_TRUE(reaches(url("http://localhost:8880"), listen("127.0.0.1:8880")));
  EXPECT_TRUE(reaches(url("http://127.0.0.1:8880"), listen("0.0.0.0:8880")));
  EXPECT_TRUE(reaches(url("http://0.0.0.0:8880"), listen("127.0.0.1:8880")));
  EXPECT_FALSE(reaches(url("http://127.0.0.1:8881"), listen("127.0.0.1:8880")));
  EXPECT_FALSE(reaches(url("http://10.0.0.1:8880"), listen("0.0.0.0:8880")));
  EXPECT_FALSE(reaches(url("http://127.0.0.1:80"), listen("unix:/a")));
}

TEST(ConfigAddress, TheSameServerHasTheSameHostAndPort) {
  EXPECT_TRUE(same_server(url("http://localhost:9001"), url("http://127.0.0.1:9001/")));
  EXPECT_TRUE(same_server(url("http://A"), url("http://a:80")));
  EXPECT_FALSE(same_server(url("http://a:81"), url("http://a")));
  EXPECT_FALSE(same_server(url("http://127.0.0.1"), url("http://127.0.0.2")));
}

}  // namespace
}  // namespace understudy
