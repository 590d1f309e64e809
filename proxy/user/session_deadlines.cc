// How long a session waits for whom, see session.h.
#include <algorithm>

#include "proxy/user/session.h"

namespace understudy::user {

// Each stream has one deadline, though the request's content and the response may pass at the same time: whoever begins
// or ends a wait sets it anew by what is waited for then. A side that is kept waiting itself is not timed.
void Session::set_client_deadline() {
  net::Milliseconds request_patience = primary_speaks_first() ? no_deadline : settings_.server.body_timeout;
  if (waiting_since_ns_ != 0) request_patience = std::clamp(wait_left(), net::Milliseconds(1), request_patience);
  client_.expires_after(writing_response_  ? settings_.server.body_timeout
                        : reading_request_ ? request_patience
                                           : no_deadline);
}

// What the primary keeps waiting is not the client's fault: only waits for the client count, from the first octet
// behind the head on.
net::Milliseconds Session::waited_for_content() const {
  const std::int64_t this_time_ns = waiting_since_ns_ == 0 ? 0 : worker_.loop().now_ns() - waiting_since_ns_;
  return net::Milliseconds((waited_ns_ + this_time_ns) / 1'000'000);
}

// So long content may have taken that came at server.limits.body_rate.
net::Milliseconds Session::earned_wait() const {
  const std::uint64_t rate = settings_.server.min_body_rate;
  return net::Milliseconds(rate == 0 ? 0 : static_cast<std::int64_t>(request_octets_ / rate) * 1000);
}

// How much longer we may wait, now and later, for the content to come at server.limits.body_rate on average.
net::Milliseconds Session::wait_left() const {
  return std::max({free_wait, settings_.server.body_timeout, earned_wait()}) - waited_for_content();
}

// How long the client has kept a connection to the primary to itself without need.
net::Milliseconds Session::kept_waiting() {
  const bool has_one = primary_ && client_.error() == 0;
  if (has_one && writing_response_) return client_.waited();
  // What comes while the response does may be a conversation.
  const bool owes_content = has_one && reading_request_ && !response_begun_ && !primary_speaks_first();
  return owes_content ? std::max(client_.waited(), waited_for_content() - earned_wait()) : net::Milliseconds(0);
}

// Others need it: as if the client's time were over.
void Session::take_back_primary() {
  control::add(worker_.accounts().primary_reclaimed);
  client_.fail(ETIMEDOUT);
}

void Session::begin_wait_for_content() {
  reading_request_ = true;
  const bool is_timed = content_came_ && settings_.server.min_body_rate != 0 && !response_begun_;
  waiting_since_ns_ = is_timed ? worker_.loop().now_ns() : 0;
  set_request_deadlines();
}

void Session::end_wait_for_content() {
  reading_request_ = false;
  if (waiting_since_ns_ != 0) waited_ns_ += worker_.loop().now_ns() - std::exchange(waiting_since_ns_, 0);
  set_request_deadlines();
}

// Of what the request is waited for. How slowly a client takes the response, or the primary sends it, content of the
// request does not excuse.
void Session::set_request_deadlines() {
  if (primary_done_) return;
  if (!writing_response_) set_client_deadline();
  if (!response_begun_) set_primary_deadline();
}

// A 100 (Continue) has been asked for, and has not come.
bool Session::primary_speaks_first() const {
  return expects_continue_ && !content_came_;
}

void Session::set_primary_deadline() {
  if (!primary_) return;
  if (response_begun_) {
    primary_->stream.expires_after(writing_response_ ? no_deadline : settings_.primary.body_timeout);
  } else if (writing_request_) {
    primary_->stream.expires_after(settings_.primary.body_timeout);
  } else if (!reading_request_) {
    primary_->stream.expires_after(settings_.primary.response_timeout);
  } else if (!primary_speaks_first()) {
    primary_->stream.expires_after(no_deadline);
  }
}

}  // namespace understudy::user
