#include "proxy/shadow/leg.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "proxy/http/head_scan.h"
#include "proxy/http/method.h"
#include "proxy/http/parser.h"
#include "proxy/http/writer.h"
#include "proxy/policy/kept_connection.h"
#include "proxy/shadow/copy_head.h"

namespace understudy::shadow {

using control::DropReason;
using control::FailReason;

namespace {

constexpr std::size_t read_size = 32 * 1024;
constexpr std::size_t content_per_write = 64 * 1024;
constexpr int interim_responses_limit = 16;
constexpr Milliseconds one_tick = net::Loop::tick_interval;

void take_head(const http::ResponseHead& head, diff::Response& response) {
  response.status = head.status;
  response.fields.reserve(head.fields.size());
  for (const http::Field& field : head.fields) {
    if (http::is_end_to_end(field)) response.fields.push_back({std::string(field.name), std::string(field.value)});
  }
}

}  // namespace

Leg::Leg(World& world, Upstream& upstream, LegListener& listener, std::shared_ptr<Exchange> exchange, Copy& copy,
         policy::Breaker::Permit permit)
    : world_(world),
      upstream_(upstream),
      listener_(listener),
      exchange_(std::move(exchange)),
      copy_(copy),
      answer_(copy.answer_of(upstream.role())),
      permit_(permit),
      sender_ended_(world.loop) {}

void Leg::start(std::shared_ptr<Leg> leg) {
  World& world = leg->world_;
  leg->copy_.legs[static_cast<std::size_t>(leg->upstream_.role())] = leg.get();
  world.loop.spawn(live(std::move(leg)));
}

net::Task<void> Leg::live(std::shared_ptr<Leg> leg) {
  const LegEnd end = co_await leg->play();
  leg->copy_.legs[static_cast<std::size_t>(leg->upstream_.role())] = nullptr;
  leg->tell_upstream(end);
  leg->listener_.leg_ended(leg->exchange_, leg->copy_, leg->upstream_.role(), end);
}

net::Task<LegEnd> Leg::play() {
  if (!world_.mirror_is_on()) co_return LegEnd::given_up(DropReason::switched_off);
  upstream_.health().tried();
  tried_ = true;
  // What is not to be repeated goes only where a stale connection is as good as excluded.
  const bool certain = !http::is_idempotent(exchange_->request.method);
  Upstream::Idle kept = upstream_.take_idle(certain);
  stream_ = std::move(kept.stream);
  idle_since_ms_ = kept.since_ms;
  reused_ = stream_.is_open();
  for (;;) {
    if (!stream_.is_open()) {
      net::ConnectResult connected = co_await upstream_.connect();
      if (cancelled_) co_return LegEnd::cancelled();
      if (!connected.stream.is_open()) co_return end_of_failed_connect(connected.error);
      stream_ = std::move(connected.stream);
      connected_ns_ = net::Loop::clock_ns();
    }
    // Looked at here: nothing is awaited from now on until the head is handed to the kernel.
    if (!world_.mirror_is_on()) {
      stream_.close();
      co_return LegEnd::given_up(DropReason::switched_off);
    }
    const LegEnd end = co_await converse();
    if (!may_be_repeated(end)) co_return end;
    control::add(world_.accounts.upstream_repeated[static_cast<std::size_t>(upstream_.role())]);
    answer_.aborted = policy::is_warm(idle_since_ms_, answer_.started_ns / 1'000'000);
    reused_ = false;
  }
}

LegEnd Leg::end_of_failed_connect(int error) const {
  switch (error) {
    case ETIMEDOUT:
      return upstream_.settings().connect_timeout < world_.settings.primary.connect_timeout
                 ? LegEnd::gave_up(FailReason::connect_timeout)
                 : LegEnd::failed(FailReason::connect_timeout);
    case EPROTO:
      return LegEnd::failed(FailReason::tls);
    case ECONNRESET:  // accepted, and reset before we saw it
      return LegEnd::failed(FailReason::reset);
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EADDRNOTAVAIL:  // no port left
      return LegEnd::given_up(DropReason::in_flight_limit);
    default:
      return LegEnd::failed(FailReason::refused);
  }
}

void Leg::tell_upstream(const LegEnd& end) {
  const Upstream::Experience experience = experience_of(end);
  upstream_.leave(permit_, experience);
  if (!tried_) return;
  if (experience == Upstream::Experience::failed) {
    upstream_.health().failed(end.failure);
  } else if (experience == Upstream::Experience::answered) {
    upstream_.health().answered();
  } else {
    upstream_.health().ended_by_us();
  }
}

// What the breaker hears. A server that we give up again and again holds as many legs as one that hangs; a stream that
// production has not ended either says nothing against the server that sends it.
Upstream::Experience Leg::experience_of(const LegEnd& end) const {
  using Experience = Upstream::Experience;
  if (end.kind == LegEnd::Kind::answered) return Experience::answered;
  if (end.kind == LegEnd::Kind::failed) return Experience::failed;
  if (end.kind == LegEnd::Kind::cancelled || end.reason != DropReason::gave_up) return Experience::none;
  const bool both_stream = answer_.head_ns != 0 && exchange_->primary.state == Answer::State::awaited;
  return both_stream ? Experience::none : Experience::failed;
}

// A kept connection may have been closed by the other end just now. Nothing else is ever repeated.
bool Leg::may_be_repeated(const LegEnd& end) const {
  const bool is_stale = reused_ && !heard_ && end.kind == LegEnd::Kind::failed &&
                        (end.failure == FailReason::reset || end.failure == FailReason::truncated);
  return is_stale && !cancelled_ && http::is_idempotent(exchange_->request.method) &&
         exchange_->body.first_piece() == 0;
}

// One request and its response on stream_, which is kept or closed at the end.
net::Task<LegEnd> Leg::converse() {
  prepare_request();
  // Runs at once, up to its first wait, which is behind the write of the head.
  sending_ = true;
  world_.loop.spawn(send_request());
  LegEnd end = co_await receive();
  answer_.ended_ns = net::Loop::clock_ns();
  co_await stop_sending();
  if (cancelled_) end = LegEnd::cancelled();
  leave_connection(end);
  co_return end;
}

void Leg::prepare_request() {
  const std::uint64_t parent_id = world_.random.next() | 1;
  const http::RequestMessage head =
      copy_head(exchange_->request, world_.settings.mirror, upstream_.settings().url, upstream_.role(), parent_id);
  out_.clear();
  http::write_request_head(out_, head);
  next_piece_ = 0;
  request_sent_ = stop_sending_ = keep_alive_ = false;
  answer_.started_ns = net::Loop::clock_ns();
  deadline_ms_ = answer_.started_ns / 1'000'000 + upstream_.settings().deadline.count();
  arm(upstream_.settings().deadline, Milliseconds::max());
}

// The next piece, or several small ones put together: a user who sends in crumbs must not cost a call for each of them.
RequestBody::Piece Leg::next_content() {
  const RequestBody& body = exchange_->body;
  RequestBody::Piece piece = body.piece(next_piece_++);
  const auto fits = [&body](std::size_t size, std::size_t next) {
    return next < body.pieces() && size + body.piece(next)->size() <= content_per_write;
  };
  if (!fits(piece->size(), next_piece_)) return piece;
  std::string together = *piece;
  while (fits(together.size(), next_piece_)) together += *body.piece(next_piece_++);
  return std::make_shared<const std::string>(std::move(together));
}

// Sends head and content; ends early where that makes no sense any more, and then never so that the request looks
// complete.
net::Task<void> Leg::send_request() {
  RequestBody& body = exchange_->body;
  const bool chunked = exchange_->request.framing == http::Framing::chunked;
  const std::string_view after_piece = chunked ? "\r\n" : "";
  while (!stop_sending_ && !request_sent_ && next_piece_ >= body.first_piece()) {
    RequestBody::Piece piece;
    if (next_piece_ < body.pieces()) {
      piece = next_content();
      if (chunked) {
        char* room = out_.prepare(http::chunk_header_max);
        out_.commit(http::write_chunk_header(piece->size(), room));
      }
    }
    const bool is_last = !piece && body.state() == RequestBody::State::whole;
    if (is_last && chunked) http::write_last_chunk(out_, {});
    if (out_.empty() && !piece && !is_last) {
      if (body.state() == RequestBody::State::cut) {
        // It may still be answered, as the primary answered it.
        if (!heard_) arm_for_response();
        break;
      }
      co_await body.changed().wait();
      continue;
    }
    const std::string_view content = piece ? std::string_view(*piece) : std::string_view();
    const std::string_view tail = piece ? after_piece : std::string_view();
    const net::IoResult written =
        co_await stream_.write_all(out_.begin(), out_.size(), content.data(), content.size(), tail.data(), tail.size());
    out_.clear();
    if (written.error != 0) break;
    if (is_last) {
      request_sent_ = true;
      if (!heard_) arm_for_response();
    }
  }
  sending_ = false;
  sender_ended_.notify_all();
}

// Joins send_request(). An answer that came before the request was whole ends the sending, and with it the connection.
net::Task<void> Leg::stop_sending() {
  if (!sending_) co_return;
  // The kernel may have it all, and the sender but wait for its turn: then the connection is as good as ever.
  co_await world_.loop.yield();
  if (!sending_) co_return;
  stop_sending_ = true;
  stream_.fail(ECANCELED);
  exchange_->body.changed().notify_all();
  while (sending_) {
    co_await sender_ended_.wait();
  }
}

net::Task<LegEnd> Leg::receive() {
  LegEnd end = co_await receive_head();
  if (end.kind != LegEnd::Kind::answered) co_return end;
  end = co_await receive_content();
  co_return end;
}

// Up to the final response's head, which is then behind in_.
net::Task<LegEnd> Leg::receive_head() {
  const http::HeadLimits limits{world_.settings.server.max_header, world_.settings.server.max_fields, 0};
  http::HeadScanner scanner;
  int interim_responses = 0;
  for (;;) {
    const http::HeadScanner::State state = scanner.scan(in_.view(), limits);
    if (state == http::HeadScanner::State::need_more) {
      const net::IoResult read = co_await read_more();
      if (!read.ok()) co_return end_of_broken_read(read);
      continue;
    }
    if (state != http::HeadScanner::State::complete) co_return LegEnd::failed(FailReason::protocol);
    const http::HeadError error = http::parse_response_head(scanner.head(in_.view()), exchange_->request.method, head_);
    if (!error.ok()) co_return LegEnd::failed(FailReason::protocol);
    const bool is_final = head_.status >= 200;
    if (is_final) take_head(head_, answer_.response);
    in_.consume(scanner.end());
    scanner.reset();
    if (is_final) break;
    if (++interim_responses > interim_responses_limit) co_return LegEnd::failed(FailReason::protocol);
  }
  answer_.head_ns = net::Loop::clock_ns();
  upstream_.health().heard(connected_ns_);
  co_return LegEnd::answered();
}

net::Task<LegEnd> Leg::receive_content() {
  const std::uint64_t length =
      head_.framing == http::Framing::content_length ? static_cast<std::uint64_t>(head_.content_length) : 0;
  const std::uint64_t size_limit = upstream_.settings().response_size;
  reader_.start(head_.framing, length, http::ChunkedLimits{});
  answer_.body.expect(length, answer_.response);
  while (reader_.state() == http::BodyReader::State::more) {
    if (in_.empty()) {
      const net::IoResult read = co_await read_more();
      if (read.end() && reader_.finish()) break;
      if (!read.ok()) co_return end_of_broken_read(read);
    }
    const http::BodyReader::Step step = reader_.consume(in_.view());
    const bool has_room = answer_.body.append(step.data, answer_.response);
    in_.consume(step.consumed);
    if (!has_room) co_return LegEnd::given_up(DropReason::in_flight_limit);
    if (answer_.body.size() > size_limit) {
      answer_.body.finish(true, answer_.response);
      co_return LegEnd::answered();
    }
  }
  if (reader_.state() == http::BodyReader::State::error) co_return LegEnd::failed(FailReason::protocol);
  for (const http::Field& field : reader_.trailers()) {
    answer_.response.trailers.push_back({std::string(field.name), std::string(field.value)});
  }
  answer_.body.finish(false, answer_.response);
  // Octets behind the response are nobody's: such a connection is not used again.
  keep_alive_ = head_.keep_alive && head_.framing != http::Framing::until_close && in_.empty();
  co_return LegEnd::answered();
}

net::Task<net::IoResult> Leg::read_more() {
  // An empty buffer is not held while the upstream takes its time.
  while (!stream_.has_news()) {
    if (in_.empty()) world_.give_back(std::move(in_));
    co_await stream_.readable();
  }
  if (in_.capacity() == 0) in_ = world_.take_buffer();
  char* room = in_.prepare(read_size);
  const net::IoResult read = co_await stream_.read_some(room, read_size);
  if (read.ok()) {
    in_.commit(static_cast<std::size_t>(read.n));
    heard_ = true;
    arm(upstream_.settings().body_timeout, world_.settings.primary.body_timeout);
  }
  co_return read;
}

LegEnd Leg::end_of_broken_read(net::IoResult read) const {
  if (read.end()) return LegEnd::failed(FailReason::truncated);
  if (read.error == ENOMEM) return LegEnd::given_up(DropReason::in_flight_limit);
  if (read.error == EPROTO) return LegEnd::failed(FailReason::tls);
  if (read.error != ETIMEDOUT) return LegEnd::failed(FailReason::reset);
  // The upstream is not to blame for a request that it was never given whole.
  if (!request_sent_ && exchange_->body.state() == RequestBody::State::cut) {
    return LegEnd::given_up(DropReason::client_aborted);
  }
  if (!request_sent_ && exchange_->body.state() == RequestBody::State::growing) {
    return LegEnd::given_up(DropReason::lagging);
  }
  return end_of_silence();
}

// The candidate has failed where production would have been cut off as well; else it is we who would not wait.
LegEnd Leg::end_of_silence() const {
  if (outwaits_production_) return LegEnd::failed(FailReason::timeout);
  return LegEnd::gave_up(deadline_is_next_ ? FailReason::deadline : FailReason::timeout);
}

void Leg::leave_connection(const LegEnd& end) {
  world_.give_back(std::move(in_));
  if (end.kind == LegEnd::Kind::answered && request_sent_ && keep_alive_) {
    upstream_.keep(std::move(stream_));
  } else if (end.kind == LegEnd::Kind::answered && request_sent_) {
    stream_.close();
  } else {
    stream_.reset();
  }
}

// All waits of the connection end after `phase`, and no later than the deadline of the whole leg. Production is cut off
// after `productions_phase` of such a wait.
void Leg::arm(Milliseconds phase, Milliseconds productions_phase) {
  const Milliseconds left{deadline_ms_ - world_.loop.now_ms()};
  deadline_is_next_ = left <= phase;
  // Within a tick, the two that are configured alike are the same: some of the deadline has passed already.
  outwaits_production_ = deadline_is_next_ ? left >= productions_phase - std::min(productions_phase, one_tick)
                                           : phase >= productions_phase;
  if (left.count() > 0) {
    stream_.expires_within(std::min(phase, left));
  } else {
    stream_.fail(ETIMEDOUT);
  }
}

// The request is whole, and nothing has been heard.
void Leg::arm_for_response() {
  arm(upstream_.settings().response_timeout, world_.settings.primary.response_timeout);
}

void Leg::cancel() {
  cancelled_ = true;
  stop_sending_ = true;
  if (stream_.is_open()) stream_.fail(ECANCELED);
  exchange_->body.changed().notify_all();
}

bool Leg::lags() const {
  return !request_sent_ && next_piece_ < exchange_->body.first_piece();
}

bool Leg::needs_before(std::size_t piece) const {
  return !request_sent_ && next_piece_ < piece;
}

}  // namespace understudy::shadow
