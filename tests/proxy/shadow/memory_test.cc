// One budget for everything: over it the ring fills, the oldest go, and nothing comes to a standstill.
#include <gtest/gtest.h>

#include "tests/proxy/shadow/stage.h"

namespace understudy::shadow {
namespace {

using control::DropReason;

TEST(Memory, AnswersThatDoNotFitGoAndTheRestGoesOn) {
  Stage stage;
  stage.settings.mirror.memory_limit = 4 * 400'000;  // 400,000 octets for captures
  stage.candidate.script = [](const Seen&) { return Reply{.octets = "", .then = Reply::Then::hang}; };
  Told told;
  told.body = std::string(100'000, ' ') + "1";
  for (int i = 0; i < 8; ++i) stage.tell(told);
  // Half of the budget is the reader's. What waits longer than a moment takes the place of the oldest.
  stage.when(
      [&stage] { return control::get(stage.accounts().readers[0].released) == stage.user_accounts().position.load(); },
      [] {});
  stage.run_and_end_at_once(Ending::shutdown);
  EXPECT_GT(stage.dropped(DropReason::in_flight_limit), 4u);
  EXPECT_GT(stage.dropped(DropReason::shutdown), 0u);
}

TEST(Memory, AnswersOfTheCandidateAreBoundedToo) {
  Stage stage;
  stage.settings.mirror.memory_limit = 4 * 400'000;
  stage.candidate.script = [](const Seen&) {
    return Reply{
        .octets = "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n", .filler = 600'000, .then = Reply::Then::hang};
  };
  stage.tell({});
  stage.run();
  EXPECT_EQ(stage.dropped(DropReason::in_flight_limit), 1u);
}

}  // namespace
}  // namespace understudy::shadow
