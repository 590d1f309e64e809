#include "proxy/supervisor/limits.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>
#include <vector>

namespace understudy::supervisor {
namespace {

Settings with(unsigned threads, std::uint32_t connections) {
  Settings settings;
  settings.server.threads = threads;
  settings.server.max_connections = connections;
  settings.primary.connections = 1000;
  return settings;
}

TEST(Limits, leave_alone_what_the_machine_can_keep) {
  std::vector<std::string> warnings;
  const Settings settings = within_limits(with(3, 5000), 1 << 20, 24, warnings);
  EXPECT_EQ(settings, with(3, 5000));
  EXPECT_TRUE(warnings.empty());
}

TEST(Limits, count_threads_out_where_none_are_named) {
  std::vector<std::string> warnings;
  const Settings settings = within_limits(with(0, 100), 1 << 20, 24, warnings);
  EXPECT_GE(settings.server.threads, 1u);
  EXPECT_LE(settings.server.threads, 24u);
}

TEST(Limits, allow_no_more_threads_than_there_are_sockets_and_say_so_once) {
  std::vector<std::string> warnings;
  EXPECT_EQ(within_limits(with(100, 100), 1 << 20, 24, warnings).server.threads, 24u);
  EXPECT_EQ(warnings.size(), 1u);
}

TEST(Limits, allow_no_more_connections_than_descriptors_and_say_so_once) {
  std::vector<std::string> warnings;
  const Settings settings = within_limits(with(1, 65536), 20'000, 24, warnings);
  EXPECT_LT(settings.server.max_connections + settings.primary.connections, 20'000u);
  EXPECT_GT(settings.server.max_connections, 18'000u);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("20000"), std::string::npos);
}

TEST(Limits, leave_users_half_where_the_primary_could_take_all) {
  std::vector<std::string> warnings;
  const Settings settings = within_limits(with(1, 65536), 1024, 24, warnings);
  EXPECT_GT(settings.server.max_connections, 400u);
  EXPECT_LT(settings.server.max_connections, 512u);
}

TEST(Limits, serve_somebody_whatever_the_machine_gives) {
  std::vector<std::string> warnings;
  EXPECT_EQ(within_limits(with(1, 65536), 3, 24, warnings).server.max_connections, 1u);
}

TEST(DescriptorLimit, is_raised_to_what_is_allowed) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit lowered{before.rlim_max / 2, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
  EXPECT_EQ(raise_descriptor_limit(), before.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace understudy::supervisor
