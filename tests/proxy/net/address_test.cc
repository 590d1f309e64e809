#include "proxy/net/address.h"

#include <gtest/gtest.h>

#include <string>

namespace understudy::net {
namespace {

TEST(Address, of_a_literal_needs_no_resolver_and_says_itself) {
  std::string error;
  const auto v4 = resolve("192.0.2.7", 8080, error);
  ASSERT_EQ(v4.size(), 1u) << error;
  EXPECT_EQ(v4[0].text(), "192.0.2.7:8080");
  EXPECT_EQ(v4[0].host(), "192.0.2.7");
  const auto v6 = resolve("2001:db8::1", 80, error);
  ASSERT_EQ(v6.size(), 1u) << error;
  EXPECT_EQ(v6[0].text(), "[2001:db8::1]:80");
  EXPECT_EQ(v6[0].host(), "2001:db8::1");
}

TEST(Address, of_what_is_no_name_gives_a_reason) {
  std::string error;
  EXPECT_TRUE(resolve("not a name", 80, error).empty());
  EXPECT_FALSE(error.empty());
}

TEST(Address, of_a_unix_socket_is_its_path) {
  EXPECT_EQ(unix_address("/run/understudy.sock").text(), "unix:/run/understudy.sock");
  EXPECT_EQ(unix_address("/run/understudy.sock").host(), "unix");
}

}  // namespace
}  // namespace understudy::net
