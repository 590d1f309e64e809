#include "tests/tools/origin_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "tests/tools/content.h"
#include "tests/tools/sockets.h"

namespace understudy::tools {

namespace {

constexpr std::size_t output_limit = 256 << 10;
constexpr std::size_t input_limit = 256 << 10;

std::uint64_t number_behind(std::string_view text, std::string_view prefix) {
  std::uint64_t value = 0;
  std::from_chars(text.data() + prefix.size(), text.data() + text.size(), value);
  return value;
}

bool asks(std::string_view target, std::string_view option) {
  const auto query = target.find('?');
  return query != std::string_view::npos && target.substr(query).find(option) != std::string_view::npos;
}

}  // namespace

OriginConnection::OriginConnection(Origin& origin, std::uint64_t id, int fd, bool control)
    : origin_(origin), id_(id), fd_(fd), control_(control), events_(EPOLLIN) {
  origin_.poller().add(fd_, events_, this);
}

OriginConnection::~OriginConnection() {
  if (fd_ < 0) return;
  origin_.poller().remove(fd_, this);
  close(fd_);
}

Clock::time_point OriginConnection::idle_since() const {
  return busy_ || control_ ? Clock::time_point::max() - std::chrono::hours{1} : since_;
}

void OriginConnection::end(bool with_reset) {
  if (fd_ < 0) return;
  if (busy_ && !request_whole_ && !body_id_.empty()) {
    origin_.record({body_id_, role_, body_length_, XXH3_64bits_digest(hash_.get()), false});
  }
  origin_.poller().remove(fd_, this);
  if (with_reset) {
    close_with_reset(fd_);
  } else {
    close(fd_);
  }
  fd_ = -1;
  origin_.forget(id_);
}

void OriginConnection::on_events(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    end(false);
    return;
  }
  if ((events & EPOLLIN) != 0) read();
  if (fd_ >= 0 && (events & EPOLLOUT) != 0) pump();
  watch();
}

void OriginConnection::read() {
  char buffer[64 << 10];
  const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    end(false);
    return;
  }
  in_.append(buffer, static_cast<std::size_t>(count));
  consume();
}

// Feeds what was read: one request at a time, the next only when this one is answered.
void OriginConnection::consume() {
  while (fd_ >= 0 && !in_.empty() && !reader_.whole()) {
    const std::size_t used = reader_.feed(in_, *this);
    in_.erase(0, used);
    if (reader_.failed()) {
      end(false);
      return;
    }
  }
  if (fd_ >= 0) pump();
}

void OriginConnection::on_head(const MessageHead& head) {
  busy_ = true;
  request_whole_ = false;
  method_ = head.method();
  target_ = head.target();
  body_id_ = head.field("x-body-id");
  role_ = head.field("understudy-role");
  close_after_ = head.wants_close();
  body_length_ = 0;
  control_content_.clear();
  XXH3_64bits_reset(hash_.get());
  if (control_) return;

  ++origin_.counts().begun;
  if (!role_.empty()) ++origin_.counts().roles[role_];
  origin_.remember_head(head.raw);
  ++requests_;
  if (requests_ == origin_.options().requests_per_connection) close_after_ = true;
  if (!head.field("expect").empty() && origin_.options().answers_expect) out_ += "HTTP/1.1 100 Continue\r\n\r\n";
  if (target_.starts_with("/echo") && origin_.mode().kind == OriginMode::Kind::healthy) {
    Reply reply;
    reply.echo = true;
    reply.content_type = "application/octet-stream";
    const std::string_view length = head.field("content-length");
    reply.chunked = length.empty();
    std::from_chars(length.data(), length.data() + length.size(), reply.length);
    start(std::move(reply));
  }
}

void OriginConnection::on_body(std::string_view piece) {
  body_length_ += piece.size();
  XXH3_64bits_update(hash_.get(), piece.data(), piece.size());
  if (control_) control_content_.append(piece);
  if (answering_ && reply_.echo) add_content(piece);
}

void OriginConnection::on_end() {
  request_whole_ = true;
  if (control_) {
    Reply reply;
    reply.fixed = origin_.control(method_, target_, control_content_, reply.status);
    start(std::move(reply));
    return;
  }
  ++origin_.counts().whole;
  ++origin_.counts().methods[method_];
  if (!body_id_.empty()) origin_.record({body_id_, role_, body_length_, XXH3_64bits_digest(hash_.get()), true});
  if (answering_) {
    finish_content();
  } else {
    answer();
  }
}

void OriginConnection::answer() {
  using Kind = OriginMode::Kind;
  const OriginMode& mode = origin_.mode();
  switch (mode.kind) {
    case Kind::hang:
    case Kind::blackhole:
      return;
    case Kind::slow:
      origin_.poller().at(Clock::now() + std::chrono::milliseconds{mode.amount},
                          [&origin = origin_, id = id_, number = requests_] {
                            OriginConnection* connection = origin.find(id);
                            if (connection == nullptr || connection->requests_ != number) return;
                            connection->start(connection->choose_reply());
                            connection->pump();
                            connection->watch();
                          });
      return;
    case Kind::garbage:
      out_ = "\x16\x03\x01 this is not HTTP\r\r\n\n" + std::string(200, '\xfe');
      answering_ = content_done_ = close_after_ = true;
      return;
    case Kind::close:
    case Kind::refuse:
      end(mode.kind == Kind::refuse);
      return;
    case Kind::huge: {
      Reply reply;
      reply.content_type = "application/octet-stream";
      reply.generated = true;
      reply.length = mode.amount;
      start(std::move(reply));
      return;
    }
    case Kind::reset:
    case Kind::trickle:
    case Kind::healthy:
      trickling_ = mode.kind == Kind::trickle;
      cut_ = mode.kind == Kind::reset;
      start(choose_reply());
      return;
  }
}

OriginConnection::Reply OriginConnection::choose_reply() {
  Reply reply;
  if (target_.starts_with("/bytes/")) {
    reply.content_type = "application/octet-stream";
    reply.generated = true;
    reply.length = number_behind(target_, "/bytes/");
    reply.seed = seed_of(std::string_view(target_).substr(0, target_.find('?')));
    reply.trailers = asks(target_, "trailers=1");
    reply.chunked = asks(target_, "chunked=1") || reply.trailers;
    reply.until_close = asks(target_, "close=1");
  } else if (target_.starts_with("/upload")) {
    reply.fixed = upload_receipt(body_length_, XXH3_64bits_digest(hash_.get()));
  } else if (target_.starts_with("/status/")) {
    reply.status = static_cast<int>(number_behind(target_, "/status/"));
    reply.without_content = reply.status == 204 || reply.status == 304;
    if (!reply.without_content) reply.fixed = "{\"status\":" + std::to_string(reply.status) + "}";
  } else {
    reply.fixed = json_document(target_);
  }
  if (method_ == "HEAD") reply.without_content = true;
  return reply;
}

void OriginConnection::start(Reply reply) {
  reply_ = std::move(reply);
  answering_ = true;
  content_done_ = false;
  sent_content_ = 0;
  close_after_ = close_after_ || reply_.until_close;
  if (!reply_.generated && !reply_.echo) reply_.length = reply_.fixed.size();

  out_ += "HTTP/1.1 " + std::to_string(reply_.status) + " Scripted\r\nServer: test-origin\r\n";
  if (reply_.status != 204 && reply_.status != 304) {
    out_ += "Content-Type: " + reply_.content_type + "\r\n";
    if (reply_.chunked) {
      out_ += "Transfer-Encoding: chunked\r\n";
    } else if (!reply_.until_close) {
      out_ += "Content-Length: " + std::to_string(reply_.length) + "\r\n";
    }
  }
  if (reply_.trailers) out_ += "Trailer: X-Content-Length\r\n";
  out_ += close_after_ ? "Connection: close\r\n\r\n" : "\r\n";

  if (reply_.without_content) {
    content_done_ = true;
  } else if (!reply_.generated && !reply_.echo) {
    add_content(reply_.fixed);
    finish_content();
  } else if (reply_.echo && request_whole_) {
    finish_content();
  }
}

void OriginConnection::add_content(std::string_view piece) {
  if (piece.empty()) return;
  if (reply_.chunked) out_ += hexadecimal(piece.size()) + "\r\n";
  out_ += piece;
  if (reply_.chunked) out_ += "\r\n";
  sent_content_ += piece.size();
}

void OriginConnection::finish_content() {
  if (reply_.chunked) {
    out_ += "0\r\n";
    if (reply_.trailers) out_ += "X-Content-Length: " + std::to_string(sent_content_) + "\r\n";
    out_ += "\r\n";
  }
  content_done_ = true;
}

// Makes content while there is room and sends what is there.
void OriginConnection::pump() {
  while (fd_ >= 0) {
    while (answering_ && !content_done_ && reply_.generated && out_.size() < output_limit) {
      char piece[16 << 10];
      const std::size_t length =
          static_cast<std::size_t>(std::min<std::uint64_t>(sizeof piece, reply_.length - sent_content_));
      fill_content(reply_.seed, sent_content_, piece, length);
      add_content({piece, length});
      if (sent_content_ == reply_.length) finish_content();
    }
    if (cut_ && answering_ && !out_.empty()) {
      // Half of what would have been sent, and then a reset.
      out_.resize(std::max<std::size_t>(1, out_.size() - std::min<std::size_t>(reply_.length, out_.size()) / 2 - 1));
      if (write_out() && fd_ >= 0) end(true);
      return;
    }
    if (!write_out()) return;
    if (fd_ >= 0 && answering_ && !content_done_ && reply_.generated) continue;
    if (fd_ < 0 || !answering_ || !content_done_ || !request_whole_) return;
    exchange_done();
  }
}

// True when out_ is empty; otherwise EPOLLOUT or a timer goes on with it.
bool OriginConnection::write_out() {
  while (!out_.empty()) {
    const std::size_t wanted = trickling_ ? 1 : out_.size();
    const ssize_t count = send(fd_, out_.data(), wanted, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return false;
    if (count < 0) {
      end(false);
      return false;
    }
    out_.erase(0, static_cast<std::size_t>(count));
    if (trickling_ && !out_.empty()) {
      origin_.poller().at(Clock::now() + std::chrono::seconds{1}, [&origin = origin_, id = id_] {
        OriginConnection* connection = origin.find(id);
        if (connection != nullptr) connection->pump();
      });
      return false;
    }
  }
  return true;
}

void OriginConnection::exchange_done() {
  if (!control_) ++origin_.counts().responses;
  busy_ = answering_ = content_done_ = trickling_ = false;
  since_ = Clock::now();
  if (close_after_) {
    // The FIN first, so that the peer reads the whole response even where it still sends.
    shutdown(fd_, SHUT_WR);
    end(false);
    return;
  }
  reader_.next();
  consume();
}

void OriginConnection::watch() {
  if (fd_ < 0) return;
  const bool full = in_.size() > input_limit || (reply_.echo && answering_ && out_.size() > output_limit);
  const std::uint32_t wanted = (full ? 0u : EPOLLIN) | (!out_.empty() && !trickling_ ? EPOLLOUT : 0u);
  if (wanted == events_) return;
  events_ = wanted;
  origin_.poller().change(fd_, events_, this);
}

}  // namespace understudy::tools
