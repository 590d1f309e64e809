// One copy on its way to one upstream: a request sent, a response collected. A coroutine that reads the response, and,
// where there is content to send, a second one that sends it as the tap brings it; the first joins the second. Started
// by player.cc; reports to a LegListener.
//
//   [admitted] -> connection (kept or fresh) -> switch looked at -> head sent -> content sent ...
//                                                                -> response head -> content -> connection kept or
//                                                                closed -> listener
#pragma once

#include <cstdint>
#include <memory>

#include "proxy/http/buffer.h"
#include "proxy/http/framing.h"
#include "proxy/http/head.h"
#include "proxy/shadow/exchange.h"
#include "proxy/shadow/upstream.h"

namespace understudy::shadow {

// How a leg ended.
struct LegEnd {
  enum class Kind : std::uint8_t {
    answered,   // a whole response, or as much as `response_size` allows
    failed,     // by the upstream's fault: `failure`
    given_up,   // by ours: `reason`; where that is gave_up, `failure` says what we would not wait for
    cancelled,  // its copy has ended already
  };
  Kind kind = Kind::answered;
  control::FailReason failure{};
  control::DropReason reason{};

  static LegEnd answered() { return {}; }
  static LegEnd failed(control::FailReason failure) { return {Kind::failed, failure, {}}; }
  static LegEnd given_up(control::DropReason reason) { return {Kind::given_up, {}, reason}; }
  // Sooner than production may take: nobody knows whether the answer would have come in time.
  static LegEnd gave_up(control::FailReason failure) { return {Kind::given_up, failure, control::DropReason::gave_up}; }
  static LegEnd cancelled() { return {Kind::cancelled, {}, {}}; }
};

class LegListener {
 public:
  // The leg is over, its connection kept or closed; the answer of its role in `copy` is filled in as far as it came.
  virtual void leg_ended(const std::shared_ptr<Exchange>& exchange, Copy& copy, Role role, const LegEnd& end) = 0;

 protected:
  ~LegListener() = default;
};

class Leg {
 public:
  Leg(World& world, Upstream& upstream, LegListener& listener, std::shared_ptr<Exchange> exchange, Copy& copy,
      policy::Breaker::Permit permit);

  // Starts at once; the leg lives until its coroutines have ended.
  static void start(std::shared_ptr<Leg> leg);

  // Ends the leg soon, its connection closed with a reset, the request never looking complete. The listener hears of it
  // as cancelled.
  void cancel();
  // It has still to send what the exchange no longer holds.
  bool lags() const;
  // It has still to send what comes before that piece.
  bool needs_before(std::size_t piece) const;

 private:
  static net::Task<void> live(std::shared_ptr<Leg> leg);
  net::Task<LegEnd> play();
  RequestBody::Piece next_content();
  net::Task<LegEnd> converse();
  net::Task<LegEnd> receive();
  net::Task<LegEnd> receive_head();
  net::Task<LegEnd> receive_content();
  net::Task<net::IoResult> read_more();
  net::Task<void> send_request();
  net::Task<void> stop_sending();

  void prepare_request();
  LegEnd end_of_failed_connect(int error) const;
  LegEnd end_of_broken_read(net::IoResult read) const;
  LegEnd end_of_silence() const;
  bool may_be_repeated(const LegEnd& end) const;
  void leave_connection(const LegEnd& end);
  void tell_upstream(const LegEnd& end);
  Upstream::Experience experience_of(const LegEnd& end) const;
  void arm(Milliseconds phase, Milliseconds productions_phase);
  void arm_for_response();

  World& world_;
  Upstream& upstream_;
  LegListener& listener_;
  std::shared_ptr<Exchange> exchange_;
  Copy& copy_;
  Answer& answer_;
  policy::Breaker::Permit permit_;

  net::Stream stream_;
  bool reused_ = false;             // the connection has carried an exchange before: it may have gone stale
  std::int64_t idle_since_ms_ = 0;  // of such a connection
  bool cancelled_ = false;
  bool tried_ = false;                // the upstream's health counts with this leg
  std::int64_t connected_ns_ = 0;     // CLOCK_MONOTONIC, of a fresh connection; 0: a kept one
  bool heard_ = false;                // an octet of the response came
  bool keep_alive_ = false;           // the response ended where it should, and the server keeps the connection
  std::int64_t deadline_ms_ = 0;      // of the whole leg
  bool deadline_is_next_ = false;     // the stream's deadline is that of the whole leg, not that of a phase
  bool outwaits_production_ = false;  // once the stream's deadline has come, production would have been cut off as well

  http::Buffer out_;  // the head, the chunk header
  std::size_t next_piece_ = 0;
  bool request_sent_ = false;
  bool sending_ = false;  // send_request() is alive
  bool stop_sending_ = false;
  net::Event sender_ended_;

  http::Buffer in_;
  http::ResponseHead head_;
  http::BodyReader reader_;
};

}  // namespace understudy::shadow
