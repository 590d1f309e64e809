// The request's way to the primary, see session.h.

#include "proxy/http/method.h"
#include "proxy/http/parser.h"
#include "proxy/http/writer.h"
#include "proxy/user/content.h"
#include "proxy/user/session.h"

namespace understudy::user {
namespace {

constexpr const char* too_large = "the request's content is larger than server.limits.request_body allows";

}  // namespace

// Parses, decides and writes the forwarded head into to_primary. False: failure_status_ and failure_detail_ say what to
// answer.
bool Session::prepare_request() {
  Workspace& work = *work_;
  response_octets_ = request_octets_ = 0;
  sent_ns_ = began_ns_;
  waited_ns_ = 0;
  selection_ = {};
  repeatable_ = response_begun_ = primary_write_failed_ = client_failed_ = primary_aborted_ = primary_done_ =
      primary_reusable_ = keep_alive_ = false;
  failure_status_ = 0;
  failure_detail_ = "";
  content_ = {};
  held_octets_ = 0;
  client_.expires_after(no_deadline);

  http::RequestHead& head = work.request;
  const http::HeadError error = http::parse_request_head(work.request_scanner.head(work.from_client.view()), head);
  work.method.assign(head.method);
  if (worker_.logs()) {
    const http::Field* referer = http::find_field(head.fields, "referer");
    const http::Field* user_agent = http::find_field(head.fields, "user-agent");
    work.target.assign(head.target);
    work.referer.assign(referer ? referer->value : std::string_view());
    work.user_agent.assign(user_agent ? user_agent->value : std::string_view());
  }
  if (!error.ok()) {
    head_request_ = asks_for_head(work.request_scanner.head(work.from_client.view()));
    failure_status_ = error.status;
    failure_detail_ = error.reason;
    return false;
  }
  minor_version_ = head.minor_version;
  head_request_ = head.method == "HEAD";
  keep_alive_ = head.keep_alive;
  expects_continue_ = head.expect_continue;
  chunked_request_ = head.framing == http::Framing::chunked;
  if (is_too_large(head.content_length)) {
    keep_alive_ = false;
    failure_status_ = 413;
    failure_detail_ = too_large;
    return false;
  }
  if (head.max_forwards == 0) {
    keep_alive_ = false;
    failure_status_ = 501;
    failure_detail_ = "Max-Forwards: 0 ends here";
    return false;
  }
  work.forwarded.assign(head, forward_context_);
  work.request_body.start(head.framing, head.content_length, http::ChunkedLimits{});
  http::write_request_head(work.to_primary, work.forwarded, expects_continue_);

  selection_ = worker_.select(head);
  return true;
}

// Head and what has come of the content, in one call. False: failure_status_ is set.
net::Task<bool> Session::send_request() {
  Workspace& work = *work_;
  content_came_ = work.from_client.size() > work.request_scanner.end();
  if (content_is_small()) {
    const bool gathered = co_await gather_small_content();
    if (!gathered) co_return false;
  }
  const std::size_t head_octets = work.request_scanner.end();
  // The content that is here stays in from_client until the exchange is over, in case it has to be sent again.
  std::size_t consumed = 0;
  content_ = gather_content(work.request_body, work.from_client.view().substr(head_octets), consumed);
  held_octets_ = head_octets + consumed;
  request_octets_ = content_.size();
  if (work.request_body.state() == http::BodyReader::State::error) {
    reject_request(400, work.request_body.reason());
    co_return false;
  }
  if (is_too_large(request_octets_)) {
    reject_request(413, too_large);
    co_return false;
  }
  if (chunked_request_) frame_chunk(work.to_primary, work.request_tail, content_, work.request_body);
  const bool whole = work.request_body.state() == http::BodyReader::State::done;
  const bool idempotent = http::is_idempotent(work.method);
  repeatable_ = whole && idempotent;

  primary_ = worker_.pool().take_idle(!repeatable_);
  for (;;) {
    if (!primary_) {
      PrimaryPool::Acquired acquired = co_await worker_.pool().connect();
      if (!acquired.connection) {
        offer_request();
        const bool busy = acquired.failure == PrimaryPool::Failure::exhausted;
        primary_failed(
            busy ? 503 : 502, acquired.reason(),
            busy ? "all connections to the origin server are in use" : "the origin server cannot be reached");
        if (!whole) keep_alive_ = false;  // what is left of the content must not be taken for a request
        break;
      }
      primary_ = std::move(acquired.connection);
    }
    const net::IoResult written = co_await write_request();
    if (written.ok()) {
      offer_request();
      break;
    }
    // A kept connection that the primary closed meanwhile: nothing of this request was processed if it may be sent
    // again.
    if (primary_->reused && repeatable_) {
      worker_.pool().discard(std::move(primary_));
      continue;
    }
    offer_request();
    primary_write_failed_ = true;  // a response may have come before the end of the connection
    break;
  }
  if (primary_ && !whole) {
    work.from_client.consume(held_octets_);
    held_octets_ = 0;
    pumping_ = true;
    worker_.loop().spawn(pump_request());
  }
  co_return primary_ != nullptr;
}

// Whether the content has a known length, comes unasked, and fits into from_client without moving it: the request's
// fields stand there.
bool Session::content_is_small() const {
  const Workspace& work = *work_;
  const std::uint64_t length = work.request.content_length;
  if (length == 0 || length > first_read || expects_continue_) return false;
  const std::uint64_t whole = work.request_scanner.end() + length;
  return whole <= first_read && whole <= work.from_client.size() + work.from_client.room();
}

// Small content is waited for before a connection to the primary is taken: whoever sends it slowly keeps nobody else
// from production. What comes in chunks, or after a 100 (Continue), may be a conversation. False: failure_status_ is
// set.
net::Task<bool> Session::gather_small_content() {
  http::Buffer& buffer = work_->from_client;
  const std::size_t whole = work_->request_scanner.end() + work_->request.content_length;
  while (buffer.size() < whole) {
    request_octets_ = buffer.size() - work_->request_scanner.end();
    char* room = buffer.prepare(1);
    const bool good = co_await read_content(room);
    if (!good) co_return false;
    sent_ns_ = worker_.loop().now_ns();
  }
  co_return true;
}

// More of the content, into the `room` that from_client has. False: failure_status_ is set.
net::Task<bool> Session::read_content(char* room) {
  http::Buffer& buffer = work_->from_client;
  const std::size_t size = buffer.room();
  begin_wait_for_content();
  const net::IoResult read = co_await client_.read_some(room, size);
  end_wait_for_content();
  const bool too_slow = read.ok() && !response_begun_ && waited_ns_ != 0 && wait_left() <= no_deadline;
  if (!read.ok() || too_slow) {
    reject_request(too_slow || read.error == ETIMEDOUT ? 408 : 0, "the request's content did not arrive in time");
    co_return false;
  }
  buffer.commit(static_cast<std::size_t>(read.n));
  content_came_ = true;
  co_return true;
}

// To be awaited.
net::Stream::WriteAwaiter Session::write_request() {
  const Workspace& work = *work_;
  primary_->stream.expires_after(settings_.primary.response_timeout);
  return primary_->stream.write_all(work.to_primary.begin(), work.to_primary.size(), content_.data(), content_.size(),
                                    work.request_tail.begin(), work.request_tail.size());
}

void Session::offer_request() {
  const std::int64_t now = worker_.loop().now_ns();
  if (worker_.has_memory_for_copies()) {
    copy_.begin(work_->forwarded, selection_.copies, connection_id_, sent_ns_);
  } else {
    copy_.refuse(selection_.copies, control::DropReason::memory);
  }
  copy_.request_body(content_, now);
  if (work_->request_body.state() == http::BodyReader::State::done) copy_.request_end(now);
}

bool Session::is_too_large(std::uint64_t request_octets) const {
  const std::uint64_t allowed = settings_.server.max_request_body;
  return allowed != 0 && request_octets > allowed;
}

// Where the next octets of a body go, `passed` of which have gone before: one that drips keeps to a small buffer, and
// so do all while memory is short.
char* Session::room_for_content(http::Buffer& buffer, bool filled, std::uint64_t passed) {
  const bool small = worker_.is_short_of_memory();
  if (small) buffer.release_above(first_read);
  return buffer.prepare(small || !filled ? first_read : passed > kept_buffer ? large_read : small_read);
}

// The rest of the request's content. Runs beside the response; once the primary takes no more, it reads on and throws
// away.
net::Task<void> Session::pump_request() {
  Workspace& work = *work_;
  std::uint64_t thrown_away = 0;
  bool filled = false;  // the last read left no room
  while (work.request_body.state() == http::BodyReader::State::more && !client_failed_) {
    if (work.from_client.empty()) {
      char* room = room_for_content(work.from_client, filled, request_octets_);
      const bool good = co_await read_content(room);
      if (!good) break;
      filled = work.from_client.room() == 0;
    }
    std::size_t consumed = 0;
    const std::string_view content = gather_content(work.request_body, work.from_client.view(), consumed);
    request_octets_ += content.size();
    if (work.request_body.state() == http::BodyReader::State::error) {
      reject_request(400, work.request_body.reason());
    } else if (is_too_large(request_octets_)) {
      reject_request(413, too_large);
    } else if (primary_write_failed_ || primary_done_) {
      thrown_away += content.size();
      if (thrown_away > linger_octets) reject_request(0, "");
    } else {
      work.to_primary.clear();
      work.request_tail.clear();
      if (chunked_request_) frame_chunk(work.to_primary, work.request_tail, content, work.request_body);
      writing_request_ = true;
      set_request_deadlines();
      const net::IoResult written =
          co_await primary_->stream.write_all(work.to_primary.begin(), work.to_primary.size(), content.data(),
                                              content.size(), work.request_tail.begin(), work.request_tail.size());
      writing_request_ = false;
      set_request_deadlines();
      if (written.n < 0) primary_write_failed_ = true;
    }
    copy_.request_body(content, worker_.loop().now_ns());
    work.from_client.consume(consumed);
  }
  if (client_failed_) {
    // The primary must not take what it has for a whole request.
    if (primary_) primary_->stream.fail(ECONNABORTED);
  } else {
    copy_.request_end(worker_.loop().now_ns());
  }
  pumping_ = false;
  pump_ended_.notify_all();
}

// The request is at fault: `status` 0 = nothing to say to the client.
void Session::reject_request(int status, const char* detail) {
  client_failed_ = true;
  failure_status_ = status;
  failure_detail_ = detail;
}

}  // namespace understudy::user
