// The response's way to the user, see session.h.
#include <algorithm>
#include <cerrno>

#include "proxy/http/parser.h"
#include "proxy/http/writer.h"
#include "proxy/policy/kept_connection.h"
#include "proxy/user/content.h"
#include "proxy/user/session.h"
#include "proxy/user/tunnel.h"

namespace understudy::user {

// To be awaited, with primary_was_read() after it. A client that is gone for good does not wait for the primary.
net::Stream::ReadAwaiter Session::read_primary(char* room, std::size_t size) {
  client_.take_along(&primary_->stream);
  return primary_->stream.read_some(room, size);
}

void Session::primary_was_read(const net::IoResult& read) {
  client_.take_along(nullptr);
  if (read.error == ECONNABORTED) client_failed_ = true;
}

// Interim responses are passed on; true: the final head stands parsed in work_->response and its octets at the start of
// from_primary.
net::Task<bool> Session::read_response() {
  Workspace& work = *work_;
  const http::HeadLimits limits{settings_.server.max_header, settings_.server.max_fields, 0};
  work.response_scanner.reset();
  bool silent = true;  // the primary has not said a word
  for (;;) {
    http::HeadScanner::State state = http::HeadScanner::State::need_more;
    if (!work.from_primary.empty()) state = work.response_scanner.scan(work.from_primary.view(), limits);
    if (state == http::HeadScanner::State::complete) {
      const http::HeadError error = http::parse_response_head(work.response_scanner.head(work.from_primary.view()),
                                                              work.method, work.response, work.request.websocket);
      if (!error.ok()) {
        primary_failed(502, control::FailReason::protocol, error.reason);
        co_return false;
      }
      if (work.response.status >= 200 || work.response.status == 101) co_return true;
      work.to_client.clear();
      const bool wanted = work.response.status != 100 || expects_continue_;
      if (minor_version_ >= 1 && wanted) http::write_interim_response(work.to_client, work.response);
      work.from_primary.consume(work.response_scanner.end());
      work.response_scanner.reset();
      writing_response_ = true;
      set_client_deadline();
      const net::IoResult written = co_await client_.write_all(work.to_client.begin(), work.to_client.size());
      writing_response_ = false;
      if (work.response.status == 100 && expects_continue_) {
        expects_continue_ = false;
        set_primary_deadline();  // no other one moves it
      }
      set_client_deadline();
      if (written.n < 0) {
        client_failed_ = true;
        co_return false;
      }
      continue;
    }
    if (state != http::HeadScanner::State::need_more) {
      primary_failed(502, control::FailReason::protocol, work.response_scanner.reason());
      co_return false;
    }
    char* room = room_for_head(work.from_primary);
    const std::size_t size = work.from_primary.room();
    const net::IoResult read = co_await read_primary(room, size);
    primary_was_read(read);
    if (read.ok()) {
      silent = false;
      work.from_primary.commit(static_cast<std::size_t>(read.n));
      continue;
    }
    if (client_failed_) co_return false;
    // The primary closed a kept connection just as this request was sent: once more, on a fresh one.
    const bool gone = read.end() || read.error == ECONNRESET || read.error == EPIPE;
    if (gone && silent && primary_->reused && repeatable_) {
      control::add(worker_.accounts().primary_repeated);
      primary_aborted_ = policy::is_warm(primary_->idle_since_ms, sent_ns_ / 1'000'000);
      worker_.pool().discard(std::move(primary_));
      PrimaryPool::Acquired acquired = co_await worker_.pool().connect();
      if (acquired.connection) {
        primary_ = std::move(acquired.connection);
        const net::IoResult written = co_await write_request();
        if (written.ok()) continue;
      }
      primary_failed(502, acquired.reason(), "the origin server cannot be reached");
      co_return false;
    }
    const bool late = read.error == ETIMEDOUT;
    primary_failed(late ? 504 : 502, fail_reason_of(read),
                   late ? "the origin server did not answer in time" : "the origin server closed the connection");
    co_return false;
  }
}

// Head and content, to the last octet or to a break that the client can see.
net::Task<void> Session::relay_response() {
  Workspace& work = *work_;
  if (copy_.is_open()) http::end_to_end_fields(work.response, work.fields);
  const http::Framing framing = http::framing_for_client(work.response, minor_version_);
  work.response_body.start(work.response.framing,
                           static_cast<std::uint64_t>(std::max<std::int64_t>(work.response.content_length, 0)),
                           http::ChunkedLimits{});
  // An early response leaves the request unread: the connection cannot go on.
  if (pumping_ || primary_write_failed_ || worker_.draining() || framing == http::Framing::until_close)
    keep_alive_ = false;
  const http::ResponseFraming response_framing{minor_version_, framing, !keep_alive_};
  work.to_client.clear();
  http::write_response_head(work.to_client, work.response, response_framing);
  std::size_t head_octets = work.response_scanner.end();
  bool filled = work.from_primary.room() == 0;  // the last read left no room

  for (;;) {
    std::size_t consumed = 0;
    const std::string_view content =
        gather_content(work.response_body, work.from_primary.view().substr(head_octets), consumed);
    if (work.response_body.state() == http::BodyReader::State::error) {
      break_off(control::FailReason::protocol, framing);
      co_return;
    }
    if (framing == http::Framing::chunked) frame_chunk(work.to_client, work.tail, content, work.response_body);
    const bool whole = work.response_body.state() == http::BodyReader::State::done;
    if (whole && !pumping_) {
      // However long the user takes for the rest, the primary is free.
      const bool surplus = head_octets + consumed != work.from_primary.size();
      primary_reusable_ = work.response.keep_alive && !surplus && !primary_write_failed_;
      release_primary();
    }
    // Where the end of the connection is to be the end of the content, no earlier end may look like it.
    if (framing == http::Framing::until_close && !response_begun_) client_.abort_on_close(true);
    writing_response_ = true;
    response_begun_ = true;
    set_client_deadline();
    set_primary_deadline();
    const net::IoResult written =
        co_await client_.write_all(work.to_client.begin(), work.to_client.size(), content.data(), content.size(),
                                   work.tail.begin(), work.tail.size());
    writing_response_ = false;
    if (written.n < 0) {
      client_failed_ = true;
      co_return;
    }
    // The user has it; now the copy.
    const std::int64_t now = worker_.loop().now_ns();
    if (head_octets != 0) copy_.response_head(work.response.status, work.fields, now);
    copy_.response_body(content, now);
    response_octets_ += content.size();
    work.from_primary.consume(head_octets + consumed);
    head_octets = 0;
    work.to_client.clear();
    work.tail.clear();
    if (whole) break;
    if (!work.from_primary.empty()) continue;

    char* room = room_for_content(work.from_primary, filled, response_octets_);
    const std::size_t size = work.from_primary.room();
    set_client_deadline();
    set_primary_deadline();
    const net::IoResult read = co_await read_primary(room, size);
    primary_was_read(read);
    if (read.ok()) {
      work.from_primary.commit(static_cast<std::size_t>(read.n));
      filled = work.from_primary.room() == 0;
    } else if (!read.end() || !work.response_body.finish()) {
      break_off(fail_reason_of(read), framing);
      co_return;
    }
  }
  if (framing == http::Framing::until_close) client_.abort_on_close(false);
  copy_.trailers(work.response_body.trailers(), worker_.loop().now_ns());
}

// The client has asked for WebSocket and the primary agrees. What the client sent behind its request has waited for
// this.
net::Task<void> Session::switch_protocols() {
  Workspace& work = *work_;
  work.from_client.consume(held_octets_);
  held_octets_ = 0;
  work.to_client.clear();
  http::write_switch_to_websocket(work.to_client, work.response);
  work.from_primary.consume(work.response_scanner.end());
  keep_alive_ = false;
  response_begun_ = writing_response_ = true;
  set_client_deadline();
  set_primary_deadline();
  const net::IoResult written = co_await client_.write_all(work.to_client.begin(), work.to_client.size());
  writing_response_ = false;
  // Here, for how long a tunnel stands says nothing of a response's duration.
  count_request(written.n < 0 ? 0 : work.response.status);
  if (written.n < 0) {
    client_failed_ = true;
    co_return;
  }
  net::Stream primary = worker_.pool().detach(std::move(primary_));
  Tunnel tunnel(worker_.loop(), client_, primary, settings_.server.tunnel_timeout, settings_.server.body_timeout);
  worker_.enter_tunnel(tunnel);
  co_await tunnel.run(work.from_client, work.from_primary);
  worker_.leave_tunnel(tunnel);
  response_octets_ = tunnel.octets_to_client();
}

// The primary's response ends before its end: the client must not take what it has for the whole (RFC 9112 8).
void Session::break_off(control::FailReason reason, http::Framing framing) {
  keep_alive_ = false;
  if (!client_failed_) {
    count_primary_error(reason);
    copy_.end_failed(reason, worker_.loop().now_ns());
  }
  if (!response_begun_) {
    failure_status_ = 502;
    failure_detail_ = "the origin server's response is malformed";
  } else if (framing == http::Framing::until_close) {
    client_.abort_on_close(true);
    client_.fail(ECONNABORTED);
  }
  // Otherwise a plain end of the connection comes too early to look whole, and earlier responses that are still on
  // their way arrive, which a reset would take back.
}

void Session::primary_failed(int status, control::FailReason reason, const char* detail) {
  if (client_failed_) return;
  failure_status_ = status;
  failure_detail_ = detail;
  count_primary_error(reason);
  copy_.end_failed(reason, worker_.loop().now_ns());
}

void Session::count_primary_error(control::FailReason reason) {
  control::add(worker_.accounts().primary_errors[static_cast<std::size_t>(reason)]);
}

control::FailReason Session::fail_reason_of(const net::IoResult& result) {
  if (result.end()) return control::FailReason::truncated;
  if (result.error == EPROTO) return control::FailReason::tls;
  return result.error == ETIMEDOUT ? control::FailReason::timeout : control::FailReason::reset;
}

void Session::release_primary() {
  if (!primary_) return;
  if (primary_reusable_) {
    control::UserAccounts& accounts = worker_.accounts();
    accounts.primary_duration.record(worker_.loop().now_ns() - sent_ns_);
    worker_.pool().give_back(std::move(primary_));
  } else {
    worker_.pool().discard(std::move(primary_));
  }
}

}  // namespace understudy::user
