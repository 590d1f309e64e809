// The shadow plane between a tap that the test feeds and two scripted origins, all on one loop. A test prepares, says
// what is to happen when, runs, and looks at accounts and origins. Every run ends with a ledger that balances and
// nothing in flight, or the test fails.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/control/ledger.h"
#include "proxy/control/shared_memory.h"
#include "proxy/shadow/shadow_plane.h"
#include "proxy/tap/ring.h"
#include "tests/proxy/shadow/origin.h"

namespace understudy::shadow {

// An exchange with the primary as the user plane saw it.
struct Told {
  std::string method = "GET";
  std::string target = "/";
  std::vector<std::pair<std::string, std::string>> request_fields{};
  http::Framing framing = http::Framing::none;
  std::string request_body{};
  std::uint32_t copies = 1;
  std::uint64_t connection = 1;
  int status = 200;
  std::vector<std::pair<std::string, std::string>> fields{{"Content-Type", "application/json"}};
  std::string body = "{\"a\":1}";
  bool primary_aborted = false;
};

class Stage {
 public:
  Stage();

  Settings settings;  // to be changed before run()
  Origin candidate;
  Origin secondary;  // asked where one of these was called
  void use_secondary();
  void use_production_as_secondary();
  control::Switch& control() { return *control_; }

  // The tap's producer; each part of an exchange, or all of it.
  tap::RingWriter& tap() { return *writer_; }
  std::uint64_t tell_head(const Told& told);
  void tell_request(std::uint64_t exchange, const Told& told);   // content and its end
  void tell_response(std::uint64_t exchange, const Told& told);  // head to end
  void tell(const Told& told);
  void tell_piece(std::uint64_t exchange, tap::FrameType type, std::string_view piece);
  // A producer takes over from one that has died.
  void restart_user_plane();

  // Reads the ring as a shadow plane would, until `step` gives false or nothing is left.
  void read_frames(const std::function<bool(const tap::FrameView&, tap::RingReader&)>& step);
  // Overwrites the header of the next frame that nobody has claimed.
  void corrupt_next_frame();

  // While running: once `condition` holds, does `action`; in the order given.
  void when(std::function<bool()> condition, std::function<void()> action);
  // Makes a plane, lets everything happen, waits until nothing is in flight (not so for `at_once`), ends the plane.
  void run(Ending ending = Ending::shutdown);
  void run_and_end_at_once(Ending ending);

  int accounts_fd() const { return accounts_fd_; }
  int slot_fd() const { return slot_fd_; }
  ShadowPlane& plane() { return *plane_; }
  // What the plane of the last run had seen of an endpoint.
  diff::EndpointCounters seen_of(std::string_view endpoint) const;
  control::ShadowAccounts& accounts() { return **accounts_; }
  const control::UserAccounts& user_accounts() { return writer_->accounts(); }
  control::Ledger ledger() { return control::read_ledger({&writer_->accounts()}, accounts(), false); }
  std::uint64_t outcome(control::Outcome which) { return ledger().outcomes[which]; }
  std::uint64_t dropped(control::DropReason reason) { return outcome(control::dropped(reason)); }
  std::uint64_t failed(control::FailReason reason) { return outcome(control::failed(Role::candidate, reason)); }
  std::uint64_t differences(diff::DifferenceClass difference_class) {
    return control::get(accounts().differences[static_cast<std::size_t>(difference_class)]);
  }
  std::uint64_t matched() { return outcome(control::outcome_matched); }
  std::uint64_t differed() { return outcome(control::outcome_differed); }

 private:
  struct Step {
    std::function<bool()> condition;
    std::function<void()> action;
  };
  net::Task<void> direct(net::Loop* loop, Ending ending, bool at_once);
  void run(Ending ending, bool at_once);

  int accounts_fd_;
  int slot_fd_;
  std::unique_ptr<control::Shared<control::ShadowAccounts>> accounts_;
  std::unique_ptr<control::Switch> control_ = std::make_unique<control::Switch>();
  std::unique_ptr<tap::RingWriter> writer_;
  std::vector<Step> steps_;
  ShadowPlane* plane_ = nullptr;
  diff::Rows evidence_;
};

}  // namespace understudy::shadow
