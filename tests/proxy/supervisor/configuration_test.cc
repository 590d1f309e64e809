#include "proxy/supervisor/configuration.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "proxy/config.h"
#include "proxy/control/shared_memory.h"

namespace understudy::supervisor {
namespace {

TEST(Configuration, hands_over_the_same_settings) {
  const LoadedConfig loaded = parse_config("server.threads = 3\nadmin.token = \"secret\"\n", "test", {});
  ASSERT_TRUE(loaded.errors.empty()) << loaded.errors.front().to_string();
  const Configuration configuration(loaded.settings);
  std::string text(control::size_of_memory(configuration.descriptor()), '\0');
  ASSERT_EQ(::pread(configuration.descriptor(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  const LoadedConfig again = parse_config(text, "handed over", {});
  ASSERT_TRUE(again.errors.empty()) << again.errors.front().to_string();
  EXPECT_EQ(again.settings, loaded.settings);
}

TEST(Configuration, cannot_be_changed_by_who_gets_it) {
  const Configuration configuration(Settings{});
  EXPECT_EQ(::write(configuration.descriptor(), "x", 1), -1);
}

}  // namespace
}  // namespace understudy::supervisor
