#include "tests/proxy/shadow/origin.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <unistd.h>

#include <algorithm>

#include "proxy/http/head_scan.h"
#include "proxy/http/parser.h"
#include "proxy/net/address.h"

namespace understudy::shadow {

std::string response(int status, std::string_view body, std::string_view fields) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

Origin::Origin() {
  std::string error;
  const std::vector<net::Address> loopback = net::resolve("127.0.0.1", 0, error);
  fd_ = net::open_listener(loopback.at(0), false, 1024).fd;
  port_ = ntohs(reinterpret_cast<const sockaddr_in&>(net::local_address(fd_).storage).sin_port);
}

Origin::~Origin() {
  refuse();
}

void Origin::refuse() {
  if (listener_) listener_->stop();
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Url Origin::url() const {
  Url url;
  url.host = "127.0.0.1";
  url.port = port_;
  url.authority = "127.0.0.1:" + std::to_string(port_);
  url.text = "http://" + url.authority;
  return url;
}

void Origin::come_back() {
  std::string error;
  fd_ = net::open_listener(net::resolve("127.0.0.1", port_, error).at(0), false, 1024).fd;
  loop_->spawn(accept_all(loop_));
}

void Origin::serve(net::Loop& loop) {
  loop_ = &loop;
  if (fd_ >= 0) loop.spawn(accept_all(&loop));
}

void Origin::stop() {
  if (listener_) listener_->stop();
  for (net::Stream* stream : streams_) stream->fail(ECANCELED);
}

net::Task<void> Origin::accept_all(net::Loop* loop) {
  // A duplicate, so that the port stays ours for the next plane.
  net::Listener listener(*loop, ::fcntl(fd_, F_DUPFD_CLOEXEC, 0));
  listener_ = &listener;
  for (;;) {
    const net::Listener::Accepted accepted = co_await listener.accept();
    if (accepted.fd < 0) break;
    loop->spawn(converse(loop, accepted.fd));
  }
  listener_ = nullptr;
}

net::Task<void> Origin::converse(net::Loop* loop, int fd) {
  net::Stream stream(*loop, fd);
  streams_.insert(&stream);
  const std::uint64_t number = ++connections;
  http::Buffer in;
  for (;;) {
    Seen head;
    head.connection = number;
    const bool has_head = co_await receive_head(&stream, &in, &head);
    if (!has_head) break;
    Seen& request = seen.emplace_back(std::move(head));
    const Reply reply = script(request);
    if (!reply.early) {
      const bool has_body = co_await receive_body(loop, &stream, &in, &request);
      if (!has_body) break;
    }
    const bool goes_on = co_await answer(loop, &stream, reply);
    if (!goes_on) break;
  }
  streams_.erase(&stream);
}

net::Task<bool> Origin::receive_head(net::Stream* stream, http::Buffer* in, Seen* request) {
  http::HeadScanner scanner;
  for (;;) {
    const http::HeadScanner::State state = scanner.scan(in->view(), http::HeadLimits{});
    if (state == http::HeadScanner::State::complete) break;
    if (state != http::HeadScanner::State::need_more) co_return false;
    char* room = in->prepare(4096);
    const net::IoResult read = co_await stream->read_some(room, 4096);
    if (!read.ok()) co_return false;
    in->commit(static_cast<std::size_t>(read.n));
  }
  http::RequestHead head;
  if (!http::parse_request_head(scanner.head(in->view()), head).ok()) co_return false;
  request->head.method = head.method;
  request->head.target = head.target;
  request->head.authority = head.authority;
  for (const http::Field& field : head.fields) {
    request->head.fields.push_back({std::string(field.name), std::string(field.value)});
  }
  request->head.framing = head.framing;
  request->head.content_length = head.content_length;
  in->consume(scanner.end());
  co_return true;
}

net::Task<bool> Origin::receive_body(net::Loop* loop, net::Stream* stream, http::Buffer* in, Seen* request) {
  http::BodyReader reader;
  reader.start(request->head.framing, request->head.content_length, http::ChunkedLimits{});
  while (reader.state() == http::BodyReader::State::more) {
    if (in->empty()) {
      if (read_pause.count() > 0) {
        co_await loop->sleep(read_pause);
      }
      char* room = in->prepare(65536);
      const net::IoResult read = co_await stream->read_some(room, 65536);
      if (!read.ok()) co_return false;
      in->commit(static_cast<std::size_t>(read.n));
    }
    const http::BodyReader::Step step = reader.consume(in->view());
    request->body.append(step.data);
    in->consume(step.consumed);
  }
  request->whole = reader.state() == http::BodyReader::State::done;
  co_return request->whole;
}

// True: the connection goes on.
net::Task<bool> Origin::answer(net::Loop* loop, net::Stream* stream, Reply reply) {
  if (reply.pause.count() > 0) {
    co_await loop->sleep(reply.pause);
  }
  const std::size_t step = reply.drip.count() > 0 ? 1 : std::max<std::size_t>(1, reply.octets.size());
  for (std::size_t at = 0; at < reply.octets.size(); at += step) {
    const char* piece = reply.octets.data() + at;
    const net::IoResult written = co_await stream->write_all(piece, step);
    if (written.error != 0) co_return false;
    if (reply.drip.count() > 0) {
      co_await loop->sleep(reply.drip);
    }
  }
  const std::string filler(65536, 'x');
  for (std::uint64_t left = reply.filler; left > 0;) {
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(left, filler.size()));
    const net::IoResult written = co_await stream->write_all(filler.data(), size);
    if (written.error != 0) co_return false;
    left -= size;
  }
  if (reply.then == Reply::Then::reset) stream->reset();
  if (reply.then == Reply::Then::hang) {
    // Until the other end goes, or stop().
    char octet;
    for (net::IoResult read{1, 0}; read.ok();) {
      read = co_await stream->read_some(&octet, 1);
    }
  }
  constexpr std::chrono::milliseconds pause{2};
  while (reply.then == Reply::Then::stall && stream->error() == 0 && !stream->peer_closed()) {
    co_await loop->sleep(pause);
  }
  co_return reply.then == Reply::Then::keep;
}

}  // namespace understudy::shadow
