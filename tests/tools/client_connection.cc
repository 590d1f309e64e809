#include "tests/tools/client_connection.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "tests/tools/content.h"
#include "tests/tools/sockets.h"

namespace understudy::tools {

namespace {
constexpr std::size_t body_piece = 64 << 10;
}

ClientConnection::ClientConnection(Poller& poller, const LoadOptions& options, LoadResult& result, std::FILE* bodies,
                                   Owner& owner)
    : poller_(poller), options_(options), result_(result), bodies_(bodies), owner_(owner) {}

ClientConnection::~ClientConnection() {
  disconnect();
}

void ClientConnection::send_request(PlannedRequest request) {
  request_ = std::move(request);
  busy_ = true;
  started_ = Clock::now();
  if (fd_ >= 0 && peer_has_finished(fd_)) {
    ++result_.closed_idle;
    disconnect();
  }
  if (fd_ < 0) {
    connect();
  } else {
    begin();
  }
}

void ClientConnection::connect() {
  fd_ = begin_connect(options_.target);
  connecting_ = true;
  used_ = false;
  events_ = EPOLLOUT;
  ++result_.connects;
  poller_.add(fd_, events_, this);
}

void ClientConnection::disconnect() {
  if (fd_ < 0) return;
  poller_.remove(fd_, this);
  close(fd_);
  fd_ = -1;
  connecting_ = false;
}

// The connection stands: writes the head and what goes of the body.
void ClientConnection::begin() {
  reader_.next();
  if (request_.method == "HEAD") reader_.expect_no_content();
  sent_any_ = raced_ = close_ = ended_ = any_answer_ = false;
  status_ = 0;
  received_ = 0;
  content_right_ = true;
  body_made_ = 0;
  body_started_ = Clock::now();

  out_done_ = 0;
  out_ = request_.method + " " + request_.target +
         " HTTP/1.1\r\nHost: " + (options_.host.empty() ? options_.target : options_.host) + "\r\n";
  if (!options_.header.empty()) out_ += options_.header + "\r\n";
  if (options_.users > 0) out_ += "Cookie: uid=" + std::to_string(request_.user) + "\r\n";
  if (options_.close_each) out_ += "Connection: close\r\n";
  if (request_.has_body) {
    out_ += "X-Body-Id: " + request_.body_id + "\r\nContent-Type: application/octet-stream\r\n";
    out_ += request_.chunked ? "Transfer-Encoding: chunked\r\n"
                             : "Content-Length: " + std::to_string(request_.length) + "\r\n";
    XXH3_64bits_reset(hash_.get());
  }
  out_ += "\r\n";
  body_done_ = !request_.has_body;

  expect_generated_ = request_.target.starts_with("/bytes/") || request_.target.starts_with("/echo");
  if (request_.target.starts_with("/bytes/")) {
    expected_seed_ = seed_of(std::string_view(request_.target).substr(0, request_.target.find('?')));
    std::from_chars(request_.target.data() + 7, request_.target.data() + request_.target.size(), expected_length_);
  } else if (expect_generated_) {
    expected_seed_ = request_.number;
    expected_length_ = request_.length;
  }
  write();
  watch();
}

void ClientConnection::on_events(std::uint32_t events) {
  if (connecting_) {
    const int error = socket_error(fd_);
    if (error != 0) {
      fail("connect", std::strerror(error));
      return;
    }
    connecting_ = false;
    begin();
    return;
  }
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read();
  if (busy_ && fd_ >= 0 && !connecting_ && (events & EPOLLOUT) != 0) write();
  if (fd_ >= 0 && !connecting_) watch();
}

void ClientConnection::go_on_sending() {
  if (!busy_ || connecting_ || fd_ < 0 || body_done_) return;
  write();
  if (fd_ >= 0 && !connecting_) watch();
}

void ClientConnection::write() {
  while (busy_ && fd_ >= 0) {
    if (out_done_ == out_.size() && !fill_body()) return;
    const ssize_t count = send(fd_, out_.data() + out_done_, out_.size() - out_done_, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (count < 0) {
      // The answer may already be here: an early refusal of a large body, then a close.
      body_done_ = true;
      out_done_ = out_.size();
      read();
      if (busy_ && fd_ >= 0) lost("reset", std::strerror(errno));
      return;
    }
    if (!sent_any_) {
      sent_any_ = true;
      raced_ = used_ && peer_has_finished(fd_);
      ++result_.sent;
      ++result_.methods[request_.method];
    }
    out_done_ += static_cast<std::size_t>(count);
  }
}

// Puts the next piece of the body into out_; false when there is none now.
bool ClientConnection::fill_body() {
  if (body_done_) return false;
  std::uint64_t length = std::min<std::uint64_t>(body_piece, request_.length - body_made_);
  if (options_.pace > 0) {
    const double elapsed = std::chrono::duration<double>(Clock::now() - body_started_).count();
    const auto allowed = static_cast<std::uint64_t>(elapsed * options_.pace);
    if (allowed <= body_made_ && length > 0) return false;
    length = std::min(length, allowed - std::min(allowed, body_made_));
  }
  char piece[body_piece];
  fill_content(request_.number, body_made_, piece, length);
  XXH3_64bits_update(hash_.get(), piece, length);
  body_made_ += length;
  out_done_ = 0;
  out_.clear();
  if (request_.chunked && length > 0) out_ = hexadecimal(length) + "\r\n";
  out_.append(piece, length);
  if (request_.chunked && length > 0) out_ += "\r\n";
  if (body_made_ == request_.length) {
    body_done_ = true;
    if (request_.chunked) out_ += "0\r\n\r\n";
    if (bodies_ != nullptr) {
      std::fprintf(bodies_, "{\"id\":\"%s\",\"length\":%llu,\"xxh3\":\"%s\"}\n", request_.body_id.c_str(),
                   static_cast<unsigned long long>(request_.length),
                   hexadecimal(XXH3_64bits_digest(hash_.get())).c_str());
    }
  }
  return !out_.empty();
}

void ClientConnection::read() {
  char buffer[128 << 10];
  for (;;) {
    const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) return;
    if (!busy_) {  // between requests: a FIN, or bytes that nobody asked for
      if (count > 0) result_.fail("protocol", "bytes between two responses");
      if (count == 0) ++result_.closed_idle;
      disconnect();
      return;
    }
    if (count < 0) {
      lost("reset", std::strerror(errno));
      return;
    }
    if (count == 0) {
      reader_.end_of_stream(*this);
      if (ended_) {
        close_ = true;
        succeed();
      } else {
        lost("truncated", "the connection ended before the response did");
      }
      return;
    }
    any_answer_ = true;
    const std::string_view bytes(buffer, static_cast<std::size_t>(count));
    const std::size_t used = reader_.feed(bytes, *this);
    if (reader_.failed()) {
      fail("protocol", "ill-formed response");
      return;
    }
    if (ended_) {
      if (used < bytes.size()) {
        fail("protocol", "bytes behind the response");
      } else {
        succeed();
      }
      return;
    }
    if (static_cast<std::size_t>(count) < sizeof buffer) return;
  }
}

void ClientConnection::on_head(const MessageHead& head) {
  status_ = head.status();
  close_ = head.wants_close() || options_.close_each;
  if (status_ < 200) return;
  if (!options_.verify || expect_generated_) return;
  if (request_.target.starts_with("/upload")) {
    expected_ = upload_receipt(request_.length, XXH3_64bits_digest(hash_.get()));
  } else if (request_.target.starts_with("/status/")) {
    expected_ = status_ == 204 || status_ == 304 ? "" : "{\"status\":" + std::to_string(status_) + "}";
  } else {
    expected_ = json_document(request_.target);
  }
  if (request_.method == "HEAD") expected_.clear();
  expected_length_ = expected_.size();
}

void ClientConnection::on_body(std::string_view piece) {
  if (options_.verify && content_right_) {
    if (expect_generated_) {
      content_right_ =
          received_ + piece.size() <= expected_length_ && content_matches(expected_seed_, received_, piece);
    } else {
      content_right_ =
          std::string_view(expected_).substr(std::min<std::size_t>(received_, expected_.size()), piece.size()) == piece;
    }
  }
  received_ += piece.size();
}

void ClientConnection::on_end() {
  ended_ = true;
}

void ClientConnection::succeed() {
  ++result_.statuses[std::to_string(status_)];
  int expected_status = 200;
  if (request_.target.starts_with("/status/"))
    std::from_chars(request_.target.data() + 8, request_.target.data() + request_.target.size(), expected_status);
  if (options_.verify ? status_ != expected_status : status_ >= 400 && !options_.any_status) {
    fail("status", std::to_string(status_) + " for " + request_.method + " " + request_.target);
    return;
  }
  const std::uint64_t expected_length = request_.method == "HEAD" ? 0 : expected_length_;
  if (options_.verify && (!content_right_ || received_ != expected_length)) {
    fail("content", "wrong content for " + request_.method + " " + request_.target + ", " + std::to_string(received_) +
                        " bytes of " + std::to_string(expected_length));
    return;
  }
  ++result_.ok;
  used_ = true;
  result_.latencies.push_back(std::chrono::duration<float, std::milli>(Clock::now() - request_.due).count());
  if (close_ || !body_done_ || out_done_ < out_.size()) disconnect();
  finish();
}

// The peer went away before the response was whole.
void ClientConnection::lost(const std::string& kind, const std::string& detail) {
  if (any_answer_ || !raced_) {
    fail(kind, detail + (sent_any_ ? " (request sent)" : " (nothing sent)"));
    return;
  }
  ++result_.raced;
  --result_.sent;
  --result_.methods[request_.method];
  disconnect();
  busy_ = false;
  owner_.on_unsent(*this, request_);
}

void ClientConnection::fail(const std::string& kind, const std::string& detail) {
  result_.fail(kind, detail);
  disconnect();
  finish();
}

void ClientConnection::finish() {
  busy_ = false;
  owner_.on_free(*this);
}

void ClientConnection::check_timeout(Clock::time_point now) {
  if (busy_ && now - started_ > std::chrono::duration<double>(options_.timeout))
    fail(connecting_ ? "connect" : "timeout", request_.method + " " + request_.target);
}

void ClientConnection::watch() {
  const bool more_to_send = busy_ && (out_done_ < out_.size() || (!body_done_ && options_.pace == 0));
  const std::uint32_t wanted = EPOLLIN | (more_to_send ? EPOLLOUT : 0u);
  if (wanted == events_) return;
  events_ = wanted;
  poller_.change(fd_, events_, this);
}

}  // namespace understudy::tools
