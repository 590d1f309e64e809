#include "proxy/admin/readiness.h"

#include <gtest/gtest.h>

namespace understudy::admin {
namespace {

ReadinessInput serving() {
  ReadinessInput input;
  input.user_plane_alive = true;
  input.connected_ms = 1000;
  return input;
}

TEST(Readiness, TheLastConnectDecidesWhoeverMadeIt) {
  ReadinessInput input = serving();
  EXPECT_EQ(unready_because(input), "");
  input.refused_ms = 1500;
  EXPECT_NE(unready_because(input), "");
  input.probe_connected_ms = 1600;
  EXPECT_EQ(unready_because(input), "");
  input.probe_refused_ms = 1700;
  EXPECT_NE(unready_because(input), "");
  input.connected_ms = 1800;
  EXPECT_EQ(unready_because(input), "");
}

TEST(Readiness, NeedsAUserPlaneThatLivesAndStays) {
  ReadinessInput input = serving();
  input.user_plane_alive = false;
  EXPECT_NE(unready_because(input), "");
  input = serving();
  input.draining = true;
  EXPECT_NE(unready_because(input), "");
}

TEST(Readiness, BeforeTheFirstConnectNothingIsKnown) {
  ReadinessInput input = serving();
  input.connected_ms = 0;
  EXPECT_NE(unready_because(input), "");
}

}  // namespace
}  // namespace understudy::admin
