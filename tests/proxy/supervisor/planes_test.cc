#include "proxy/planes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace understudy {
namespace {

PlaneDescriptors user_plane() {
  PlaneDescriptors descriptors;
  descriptors.plane = control::Plane::user;
  descriptors.settings = 3;
  descriptors.lifeline = 4;
  descriptors.switch_page = 5;
  descriptors.shadow_accounts = 6;
  descriptors.slots = {{0, 7, {10, 12}}, {1, 8, {}}, {255, 9, {11}}};
  return descriptors;
}

TEST(PlaneArguments, name_the_plane_and_each_descriptor) {
  const std::vector<std::string> expected{"us-user",  "plane=us-user",  "settings=3", "lifeline=4",   "switch=5",
                                          "shadow=6", "slot=0:7:10,12", "slot=1:8",   "slot=255:9:11"};
  EXPECT_EQ(to_arguments(user_plane()), expected);
}

TEST(PlaneArguments, come_back_as_they_went) {
  for (const control::Plane plane : {control::Plane::user, control::Plane::shadow, control::Plane::admin}) {
    PlaneDescriptors sent = user_plane();
    sent.plane = plane;
    sent.supervisor_accounts = 20;
    sent.listener = 21;
    PlaneDescriptors read;
    ASSERT_TRUE(from_arguments(to_arguments(sent), read));
    EXPECT_EQ(read.plane, plane);
    EXPECT_EQ(to_arguments(read), to_arguments(sent));
  }
}

TEST(PlaneArguments, that_the_supervisor_did_not_write_are_refused) {
  PlaneDescriptors read;
  EXPECT_FALSE(from_arguments({}, read));
  EXPECT_FALSE(from_arguments({"us-user", "plane=understudy", "settings=3", "lifeline=4"}, read));
  EXPECT_FALSE(from_arguments({"us-user", "settings=3", "lifeline=4"}, read));
  EXPECT_FALSE(from_arguments({"us-user"}, read));
  EXPECT_FALSE(from_arguments({"us-user", "plane=us-user", "settings=3"}, read));
  for (const char* wrong : {"nothing", "unknown=1", "switch=", "switch=x", "switch=-1", "switch=5,6",
                            "switch=99999999999", "slot=", "slot=1", "slot=256:7", "slot=1:7:x", "slot=1:-7"}) {
    EXPECT_FALSE(from_arguments({"us-user", "plane=us-user", "settings=3", "lifeline=4", wrong}, read)) << wrong;
  }
}

TEST(PlaneDescriptors, list_all_that_the_plane_keeps) {
  std::vector<int> all = user_plane().all();
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all, (std::vector<int>{3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
}

TEST(PlaneInvocation, is_known_by_the_first_argument_whatever_the_program_is_called) {
  for (const std::string name : {"us-user", "understudy", "/usr/bin/understudy"}) {
    std::string program = name, plane = "plane=us-user", command = "run";
    char* as_plane[] = {program.data(), plane.data(), nullptr};
    char* as_command[] = {program.data(), command.data(), nullptr};
    EXPECT_TRUE(is_plane_invocation(2, as_plane)) << name;
    EXPECT_FALSE(is_plane_invocation(2, as_command)) << name;
    EXPECT_FALSE(is_plane_invocation(1, as_plane)) << name;
  }
  EXPECT_FALSE(is_plane_invocation(0, nullptr));
}

}  // namespace
}  // namespace understudy
