// A connection from request to request, one exchange from end to end, and our own words in it, see the header.
#include "proxy/user/session.h"

#include <cerrno>

#include "proxy/http/writer.h"
#include "proxy/user/content.h"

namespace understudy::user {

Session::Session(Worker& worker, net::Stream client, const net::Address& peer)
    : worker_(worker),
      settings_(worker.settings()),
      client_(std::move(client)),
      forward_context_(peer.host(), "http", settings_.primary.url.authority),
      copy_(worker.ring()),
      connection_id_(worker.next_connection_id()),
      pump_ended_(worker.loop()) {}

Session::~Session() {
  if (work_) worker_.give_back(std::move(work_));
}

net::Task<void> Session::run() {
  for (bool again = true; again;) {
    again = co_await wait_for_request();
    if (!again) break;
    worker_.enter_busy(*this);
    again = co_await serve();
    worker_.leave_busy(*this);
    if (again && work_->from_client.empty()) worker_.give_back(std::move(work_));
  }
  if (client_.error() == 0) {
    co_await linger();
  }
}

// --- The request's head
// ------------------------------------------------------------------------------------------------------------------

// True: a whole head stands at the start of from_client. False: the connection is to be closed; what there was to say
// has been said.
net::Task<bool> Session::wait_for_request() {
  if (!work_) {
    // Idle: without a buffer, until there is something to read.
    client_.expires_after(settings_.server.idle_timeout);
    worker_.enter_idle(*this);
    for (;;) {
      while (!client_.has_news()) {
        co_await client_.readable();
      }
      // A drain ends idle connections by failing them. Octets that came before our end of the connection are still
      // served.
      if (client_.error() != ECANCELED || !client_.has_octets_now()) break;
      client_.clear_error();
    }
    worker_.leave_idle(*this);
    if (client_.error() != 0) co_return false;
    work_ = worker_.take_workspace();
  }
  Workspace& work = *work_;
  work.request_scanner.reset();
  // A head that is refused is nobody's: neither this connection's last request nor what the workspace saw before.
  work.method.clear();
  work.target.clear();
  work.referer.clear();
  work.user_agent.clear();
  selection_ = {};
  response_octets_ = 0;
  began_ns_ = worker_.loop().now_ns();
  minor_version_ = 1;
  head_request_ = false;
  const http::HeadLimits limits{settings_.server.max_header, settings_.server.max_fields, 2};
  // Absolute: octets that drip in do not move it.
  client_.expires_after(settings_.server.header_timeout);
  for (;;) {
    if (!work.from_client.empty()) {
      const http::HeadScanner::State state = work.request_scanner.scan(work.from_client.view(), limits);
      if (state == http::HeadScanner::State::complete) co_return true;
      if (state != http::HeadScanner::State::need_more) {
        const int status = state == http::HeadScanner::State::too_large ? 431 : 400;
        const char* reason = work.request_scanner.reason();
        keep_alive_ = false;
        head_request_ = asks_for_head(work.from_client.view());
        co_await answer(status, reason);
        co_return false;
      }
    }
    char* room = room_for_head(work.from_client);
    const std::size_t size = work.from_client.room();
    const net::IoResult read = co_await client_.read_some(room, size);
    if (read.ok()) {
      work.from_client.commit(static_cast<std::size_t>(read.n));
      continue;
    }
    if (read.error == ETIMEDOUT && work.request_scanner.started()) {
      client_.clear_error();
      keep_alive_ = false;
      head_request_ = asks_for_head(work.from_client.view());
      co_await answer(408, "the request head did not arrive in time");
    }
    co_return false;
  }
}

// --- One exchange
// ------------------------------------------------------------------------------------------------------------------------

// True: the connection goes on with the next request.
net::Task<bool> Session::serve() {
  began_ns_ = worker_.loop().now_ns();
  const bool good = prepare_request();
  if (!good) {
    co_await answer(failure_status_, failure_detail_);
    co_return false;
  }
  const bool sent = co_await send_request();
  if (sent) {
    const bool answered = co_await read_response();
    if (answered && work_->response.status == 101) {
      co_await switch_protocols();
    } else if (answered) {
      co_await relay_response();
    }
  }
  primary_done_ = true;
  release_primary();
  if (pumping_ || client_failed_) keep_alive_ = false;
  const bool answered_here = failure_status_ != 0 && !response_begun_;
  if (answered_here) {
    client_.clear_error();
    co_await answer(failure_status_, failure_detail_);
  }
  if (pumping_) {
    co_await finish_request_content();
  }

  if (client_failed_) {
    copy_.abandon(control::DropReason::client_aborted, worker_.loop().now_ns());
    keep_alive_ = false;
  }
  if (!answered_here) {
    // Whole on both sides, or a response that broke off and has ended the copy already.
    copy_.end(worker_.loop().now_ns(), primary_aborted_);
    const int status = response_begun_ ? work_->response.status : 0;
    if (status != 101) count_request(status);
    log_request(status);
  }
  work_->from_client.consume(held_octets_);
  work_->clear();
  co_return keep_alive_&& client_.error() == 0;
}

// After the response: what the client still sends of its request is read and thrown away, within bounds.
net::Task<void> Session::finish_request_content() {
  keep_alive_ = false;
  client_.expires_after(linger_time);
  while (pumping_) {
    co_await pump_ended_.wait();
  }
}

// --- Our own words
// -----------------------------------------------------------------------------------------------------------------------

// A short response of our own; the connection goes on afterwards if keep_alive_ says so.
net::Task<void> Session::answer(int status, const char* detail) {
  Workspace& work = *work_;
  if (worker_.draining()) keep_alive_ = false;
  work.to_client.clear();
  http::write_error_response(work.to_client, status, detail, minor_version_, !keep_alive_, head_request_);
  writing_response_ = true;
  set_client_deadline();
  const net::IoResult written = co_await client_.write_all(work.to_client.begin(), work.to_client.size());
  writing_response_ = false;
  set_client_deadline();
  const int seen = written.ok() ? status : 0;
  count_request(seen);
  log_request(seen);
}

void Session::count_request(int status) {
  control::UserAccounts& accounts = worker_.accounts();
  const std::int64_t duration = worker_.loop().now_ns() - began_ns_;
  control::add(accounts.requests[static_cast<std::size_t>(status / 100)]);
  accounts.duration.record(duration);
  if (selection_.kind == policy::Selection::Kind::mirrored) accounts.mirrored_duration.record(duration);
  if (selection_.kind == policy::Selection::Kind::held_out) {
    const bool in_window = selection_.holdout == policy::Holdout::Kind::window;
    (in_window ? accounts.window_heldout_duration : accounts.random_heldout_duration).record(duration);
  }
}

void Session::log_request(int status) {
  if (!worker_.logs()) return;
  AccessRecord record;
  record.client = forward_context_.client_address();
  record.method = work_->method;
  record.target = work_->target;
  record.referer = work_->referer;
  record.user_agent = work_->user_agent;
  record.minor_version = minor_version_;
  record.status = status;
  record.response_octets = response_octets_;
  record.duration_ns = worker_.loop().now_ns() - began_ns_;
  worker_.log(record);
}

// Closes so that the client gets all that was written: our end first, then what the client still sends is read away
// (RFC 9112 9.6).
net::Task<void> Session::linger() {
  if (client_.peer_closed() && !client_.has_octets_now()) co_return;
  client_.shutdown_write();
  client_.expires_after(linger_time);
  char octets[4096];
  std::uint64_t read_away = 0;
  for (;;) {
    const net::IoResult read = co_await client_.read_some(octets, sizeof octets);
    if (!read.ok()) break;
    read_away += static_cast<std::uint64_t>(read.n);
    if (read_away > linger_octets) break;
  }
}

}  // namespace understudy::user
