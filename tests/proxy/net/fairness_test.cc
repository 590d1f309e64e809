// A peer that always has something to say does not keep the others from being heard.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/proxy/net/pairs.h"

namespace understudy::net {
namespace {

constexpr std::size_t octets = 2000;

Task<void> read_single_octets(Stream& stream, int number, std::vector<int>& order) {
  char octet = 0;
  for (std::size_t i = 0; i < octets; ++i) {
    const IoResult result = co_await stream.read_some(&octet, 1);
    if (!result.ok()) break;
    order.push_back(number);
  }
}

std::size_t longest_run(const std::vector<int>& order) {
  std::size_t longest = 0, run = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    run = i > 0 && order[i] == order[i - 1] ? run + 1 : 1;
    longest = std::max(longest, run);
  }
  return longest;
}

TEST(Fairness, of_readers_whose_octets_are_all_there) {
  Loop loop;
  std::vector<Pair> pairs;
  const std::string text(octets, 'x');
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) {
    pairs.push_back(unix_pair(loop));
    ASSERT_EQ(::send(pairs.back().b.fd(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  }
  for (int i = 0; i < 3; ++i) loop.spawn(read_single_octets(pairs[static_cast<std::size_t>(i)].a, i, order));
  loop.run();
  EXPECT_EQ(order.size(), 3 * octets);
  // A turn is a few dozen operations; two may follow each other where a turn ends and begins with the same coroutine.
  EXPECT_LE(longest_run(order), 200u);
}

Task<void> write_single_octets(Stream& stream, int number, std::vector<int>& order) {
  for (std::size_t i = 0; i < octets; ++i) {
    const IoResult result = co_await stream.write_all("x", 1);
    if (!result.ok()) break;
    order.push_back(number);
  }
}

TEST(Fairness, of_writers_whose_octets_are_all_taken) {
  Loop loop;
  std::vector<Pair> pairs;
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) pairs.push_back(tcp_pair(loop));
  for (int i = 0; i < 3; ++i) loop.spawn(write_single_octets(pairs[static_cast<std::size_t>(i)].a, i, order));
  loop.run();
  EXPECT_EQ(order.size(), 3 * octets);
  EXPECT_LE(longest_run(order), 200u);
}

}  // namespace
}  // namespace understudy::net
