#include "proxy/user/session.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "proxy/http/method.h"
#include "proxy/http/parser.h"
#include "proxy/http/writer.h"
#include "proxy/user/tunnel.h"

namespace understudy::user {

namespace {

constexpr net::Milliseconds no_deadline{0};
// After a response on a connection that ends: how long and how much of the client's octets are still read, so that the
// response is not lost to a reset (RFC 9112 9.6).
constexpr net::Milliseconds linger_time{1'000};
constexpr std::uint64_t linger_octets = 1u << 20;
constexpr const char* too_large = "the request's content is larger than server.limits.request_body allows";

// Whether a head that is refused before it is parsed is one of HEAD, which is answered without content.
bool asks_for_head(std::string_view octets) {
  octets.remove_prefix(std::min(octets.find_first_not_of("\r\n"), octets.size()));
  return octets.starts_with("HEAD ");
}

// Where the next octets of a head go: what drips in does not make the buffer grow.
char* room_for_head(http::Buffer& buffer) {
  if (buffer.empty()) return buffer.prepare(first_read);
  return buffer.prepare(buffer.room() < first_read / 8 ? small_read : 1);
}

// Content that stands in `octets` and belongs to the body, moved together so that no chunk line stands between, and
// behind what has been gathered from the same buffer `before` (in place: the reader only ever drops octets). `consumed`
// = how much of `octets` is used up; the content stays valid as long as they do.
std::string_view gather_content(http::BodyReader& body, std::string_view octets, std::size_t& consumed,
                                std::string_view before = {}) {
  consumed = 0;
  char* first = const_cast<char*>(before.data());
  std::size_t gathered = before.size();
  while (consumed < octets.size() && body.state() == http::BodyReader::State::more) {
    const http::BodyReader::Step step = body.consume(octets.substr(consumed));
    consumed += step.consumed;
    if (step.data.empty()) continue;
    char* const found = const_cast<char*>(step.data.data());
    if (!first) first = found;
    if (first + gathered != found) std::memmove(first + gathered, found, step.data.size());
    gathered += step.data.size();
  }
  return {first, gathered};
}

// Our own chunk around `content` (RFC 9112 7.1): its header goes behind `before`, what follows it into `after`.
void frame_chunk(http::Buffer& before, http::Buffer& after, std::string_view content, const http::BodyReader& body) {
  if (!content.empty()) {
    char* room = before.prepare(http::chunk_header_max);
    before.commit(http::write_chunk_header(content.size(), room));
    after.append("\r\n");
  }
  if (body.state() == http::BodyReader::State::done) http::write_last_chunk(after, body.trailers());
}

}  // namespace

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
    copy_.end(worker_.loop().now_ns());
    const int status = response_begun_ ? work_->response.status : 0;
    if (status != 101) count_request(status);
    log_request(status);
  }
  release_primary();
  work_->from_client.consume(held_octets_);
  work_->clear();
  co_return keep_alive_&& client_.error() == 0;
}

// After the response: what the client still sends of its request is read and thrown away, within bounds.
net::Task<void> Session::finish_request_content() {
  keep_alive_ = false;
  set_client_deadline();
  primary_->stream.fail(ECANCELED);
  while (pumping_) {
    co_await pump_ended_.wait();
  }
}

// Each stream has one deadline, though the request's content and the response may pass at the same time: whoever begins
// or ends a wait sets it anew by what is waited for then. A side that is kept waiting itself is not timed.
void Session::set_client_deadline() {
  net::Milliseconds request_patience = primary_done_ ? linger_time : settings_.server.body_timeout;
  if (waiting_since_ns_ != 0) request_patience = std::clamp(wait_left(), net::Milliseconds(1), request_patience);
  client_.expires_after(writing_response_  ? settings_.server.body_timeout
                        : reading_request_ ? request_patience
                                           : no_deadline);
}

// What the primary keeps waiting is not the client's fault: only waits for the client count, from the first octet of
// content on.
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
net::Milliseconds Session::kept_waiting() const {
  const bool is_waited_for = primary_ && client_.error() == 0 && (reading_request_ || writing_response_);
  if (!is_waited_for) return net::Milliseconds(0);
  if (writing_response_) return client_.waited();
  return std::max(client_.waited(), waited_for_content() - earned_wait());
}

// Others need it: as if the client's time were over.
void Session::take_back_primary() {
  control::add(worker_.accounts().primary_reclaimed);
  client_.fail(ETIMEDOUT);
}

void Session::begin_wait_for_content() {
  reading_request_ = true;
  const bool is_timed = request_octets_ != 0 && settings_.server.min_body_rate != 0 && !response_begun_;
  waiting_since_ns_ = is_timed ? worker_.loop().now_ns() : 0;
  set_client_deadline();
  set_primary_deadline();
}

void Session::end_wait_for_content() {
  reading_request_ = false;
  if (waiting_since_ns_ != 0) waited_ns_ += worker_.loop().now_ns() - std::exchange(waiting_since_ns_, 0);
  set_client_deadline();
  set_primary_deadline();
}

void Session::set_primary_deadline() {
  if (!primary_) return;
  const bool speaks_first = expects_continue_ && request_octets_ == 0;
  if (writing_request_) {
    primary_->stream.expires_after(settings_.primary.body_timeout);
  } else if (response_begun_) {
    primary_->stream.expires_after(writing_response_ ? no_deadline : settings_.primary.body_timeout);
  } else if (!reading_request_) {
    primary_->stream.expires_after(settings_.primary.response_timeout);
  } else if (!speaks_first) {
    primary_->stream.expires_after(no_deadline);
  }
}

// Parses, decides and writes the forwarded head into to_primary. False: failure_status_ and failure_detail_ say what to
// answer.
bool Session::prepare_request() {
  Workspace& work = *work_;
  response_octets_ = request_octets_ = 0;
  waited_ns_ = 0;
  selection_ = {};
  repeatable_ = response_begun_ = primary_write_failed_ = client_failed_ = primary_done_ = primary_reusable_ =
      keep_alive_ = false;
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

// The content that stands in from_client behind the first held_octets_ joins them: it stays there until the exchange is
// over, in case it has to be sent again. False: failure_status_ is set.
bool Session::gather_held_content() {
  Workspace& work = *work_;
  std::size_t consumed = 0;
  content_ = gather_content(work.request_body, work.from_client.view().substr(held_octets_), consumed, content_);
  held_octets_ += consumed;
  request_octets_ = content_.size();
  if (work.request_body.state() == http::BodyReader::State::error) {
    reject_request(400, work.request_body.reason());
  } else if (is_too_large(request_octets_)) {
    reject_request(413, too_large);
  }
  return !client_failed_;
}

// Content of a known and small length is waited for before a connection to the primary is taken: whoever sends it
// slowly keeps nobody else from production. What comes in chunks, or after a 100 (Continue), may be a conversation.
bool Session::rest_fits_buffer() const {
  const Workspace& work = *work_;
  return work.request_body.state() == http::BodyReader::State::more && !chunked_request_ && !expects_continue_ &&
         work.request.content_length - request_octets_ <= work.from_client.room();
}

// More of the content, into the room that from_client has. False: failure_status_ is set.
net::Task<bool> Session::read_content() {
  http::Buffer& buffer = work_->from_client;
  char* room = buffer.prepare(1);
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
  co_return true;
}

// Head and what has come of the content, in one call. False: failure_status_ is set.
net::Task<bool> Session::send_request() {
  Workspace& work = *work_;
  held_octets_ = work.request_scanner.end();
  bool good = gather_held_content();
  while (good && rest_fits_buffer()) {
    good = co_await read_content();
    good = good && gather_held_content();
  }
  if (!good) co_return false;
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
        const bool late = acquired.failure == PrimaryPool::Failure::timed_out;
        primary_failed(
            busy ? 503 : 502, late ? control::FailReason::connect_timeout : control::FailReason::refused,
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
    copy_.begin(work_->forwarded, selection_.copies, connection_id_, began_ns_);
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
      room_for_content(work.from_client, filled, request_octets_);
      const bool good = co_await read_content();
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
      set_client_deadline();
      set_primary_deadline();
      const net::IoResult written =
          co_await primary_->stream.write_all(work.to_primary.begin(), work.to_primary.size(), content.data(),
                                              content.size(), work.request_tail.begin(), work.request_tail.size());
      writing_request_ = false;
      set_client_deadline();
      set_primary_deadline();
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

// --- The response
// ------------------------------------------------------------------------------------------------------------------------

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
      set_client_deadline();
      if (written.n < 0) client_failed_ = true;
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
      worker_.pool().discard(std::move(primary_));
      PrimaryPool::Acquired acquired = co_await worker_.pool().connect();
      if (acquired.connection) {
        primary_ = std::move(acquired.connection);
        const net::IoResult written = co_await write_request();
        if (written.ok()) continue;
      }
      primary_failed(502, control::FailReason::refused, "the origin server cannot be reached");
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
    if (work.response_body.state() == http::BodyReader::State::done) break;
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
  primary_reusable_ = work.response.keep_alive && work.from_primary.empty() && !pumping_ && !primary_write_failed_;
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
  return result.error == ETIMEDOUT ? control::FailReason::timeout : control::FailReason::reset;
}

void Session::release_primary() {
  if (!primary_) return;
  if (primary_reusable_) {
    control::UserAccounts& accounts = worker_.accounts();
    accounts.primary_duration.record(worker_.loop().now_ns() - began_ns_);
    worker_.pool().give_back(std::move(primary_));
  } else {
    worker_.pool().discard(std::move(primary_));
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
