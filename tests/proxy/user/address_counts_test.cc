#include "proxy/user/address_counts.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <string>

#include "proxy/net/address.h"

namespace understudy::user {
namespace {

net::Address peer(const std::string& host, std::uint16_t port = 1) {
  std::string error;
  return net::resolve(host, port, error).at(0);
}

TEST(AddressCountsTest, holds_each_address_to_the_limit) {
  AddressCounts counts(3, 1);
  for (std::uint16_t i = 1; i <= 3; ++i) EXPECT_TRUE(counts.enter(peer("192.0.2.1", i)));
  EXPECT_FALSE(counts.enter(peer("192.0.2.1", 4)));
  EXPECT_TRUE(counts.enter(peer("192.0.2.2")));
  counts.leave(peer("192.0.2.1", 2));
  EXPECT_TRUE(counts.enter(peer("192.0.2.1", 5)));
  EXPECT_FALSE(counts.enter(peer("192.0.2.1", 6)));
}

TEST(AddressCountsTest, takes_a_network_of_64_bits_for_one_address) {
  AddressCounts counts(1, 1);
  EXPECT_TRUE(counts.enter(peer("2001:db8:0:1::1")));
  EXPECT_FALSE(counts.enter(peer("2001:db8:0:1:ffff::2")));
  EXPECT_TRUE(counts.enter(peer("2001:db8:0:2::1")));
}

TEST(AddressCountsTest, does_not_count_without_a_limit_nor_unix_sockets) {
  AddressCounts unlimited(0, 1);
  AddressCounts one(1, 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(unlimited.enter(peer("192.0.2.1")));
    EXPECT_TRUE(one.enter(net::unix_address("/run/a")));
  }
}

TEST(AddressCountsTest, seldom_takes_one_address_for_another) {
  AddressCounts counts(1, 7);
  int refused = 0;
  for (int i = 0; i < 10'000; ++i)
    refused += !counts.enter(peer("10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250)));
  EXPECT_LT(refused, 400);  // of 10,000 addresses in 2 x 65,536 counters, about 1 % find both of theirs taken
}

}  // namespace
}  // namespace understudy::user
