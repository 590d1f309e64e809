#include "proxy/supervisor/run_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace understudy::supervisor {
namespace {

TEST(RunDirectory, is_private_stays_the_same_and_goes_with_what_is_in_it) {
  std::string path;
  {
    RunDirectory directory;
    path = directory.path("");
    EXPECT_EQ(directory.path(""), path);
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700u);
    std::ofstream(path + "/understudy.db") << "evidence";
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace understudy::supervisor
