#include "proxy/config_nearest.h"

#include <gtest/gtest.h>

#include <vector>

namespace understudy {
namespace {

TEST(ConfigNearest, TheDistanceCountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("listen", "listen"), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("lsiten", "listen"), 1u);
  EXPECT_EQ(edit_distance("listn", "listen"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(ConfigNearest, MisspeltAndMisplacedKeysFindTheirWay) {
  const std::vector<std::string> known = {"server", "server.listen",  "server.drain",
                                          "mirror", "mirror.percent", "admin.listen"};
  EXPECT_EQ(nearest_key("servr", known), "server");
  EXPECT_EQ(nearest_key("server.lsiten", known), "server.listen");
  EXPECT_EQ(nearest_key("admin.listens", known), "admin.listen");
  EXPECT_EQ(nearest_key("server.percent", known), "mirror.percent");
  EXPECT_EQ(nearest_key("drain", known), "server.drain");
  EXPECT_EQ(nearest_key("anything", {}), "");
}

}  // namespace
}  // namespace understudy
