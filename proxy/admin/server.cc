#include "proxy/admin/server.h"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "proxy/http/head_scan.h"
#include "proxy/http/parser.h"
#include "proxy/http/writer.h"

namespace understudy::admin {
namespace {

constexpr std::size_t read_size = 16 * 1024;
constexpr int connection_over = -1;

// After a passing fault of accept (no descriptors left), so that the loop does not spin.
constexpr net::Milliseconds accept_pause{100};

constexpr net::Milliseconds linger_time{1'000};
constexpr std::size_t linger_octets = 1u << 20;

}  // namespace

Server::Server(net::Loop& loop, int listener_fd, RequestHandler& handler, const ServerLimits& limits)
    : loop_(loop), listener_(loop, listener_fd), handler_(handler), limits_(limits) {}

void Server::start() {
  loop_.spawn(accept_all());
}

void Server::stop() {
  stopping_ = true;
  listener_.stop();
  for (Session& session : sessions_) {
    if (session.idle) session.stream.fail(ECANCELED);
  }
}

void Server::abort() {
  stop();
  for (Session& session : sessions_) session.stream.fail(ECANCELED);
}

net::Task<void> Server::accept_all() {
  while (!stopping_) {
    net::Listener::Accepted accepted = co_await listener_.accept();
    if (accepted.fd >= 0) {
      net::Stream stream(loop_, accepted.fd);
      if (make_room()) {
        sessions_.emplace_front().stream = std::move(stream);
        loop_.spawn(serve(sessions_.begin()));
      }
    } else if (accepted.error != ECANCELED) {
      co_await loop_.sleep(accept_pause);
    }
  }
}

bool Server::make_room() {
  if (sessions_.size() < limits_.connections) return true;
  Session* oldest = nullptr;
  for (Session& session : sessions_) {
    const bool can_go = session.idle && session.stream.error() == 0;
    if (can_go && (!oldest || session.idle_since_ms <= oldest->idle_since_ms)) oldest = &session;
  }
  if (oldest) oldest->stream.fail(ECANCELED);
  return oldest != nullptr;
}

net::Task<void> Server::serve(Sessions::iterator session) {
  bool open = true;
  while (open) {
    const int refusal = co_await read_request(*session);
    if (refusal == connection_over) break;
    if (refusal != 0) {
      co_await refuse(*session, refusal);
      break;
    }
    session->stream.expires_after(net::Milliseconds{0});
    const Response response = co_await handler_.handle(session->request);
    const bool close = stopping_ || !session->head.keep_alive;
    const bool written = co_await write_response(*session, response, close);
    open = written && !close;
  }
  sessions_.erase(session);
}

net::Task<int> Server::read_request(Session& session) {
  session.request = {};
  const int refused_head = co_await read_head(session);
  if (refused_head != 0) co_return refused_head;
  co_return co_await read_body(session);
}

net::Task<int> Server::read_head(Session& session) {
  const http::HeadLimits limits{.head_bytes = limits_.head_octets, .fields = limits_.fields};
  http::HeadScanner scanner;
  session.idle = session.in.empty();
  session.idle_since_ms = loop_.now_ms();
  session.head.keep_alive = false;
  session.stream.expires_after(session.idle ? limits_.idle : limits_.request);
  http::HeadScanner::State state = scanner.scan(session.in.view(), limits);
  while (state == http::HeadScanner::State::need_more) {
    if (stopping_ && session.idle) co_return connection_over;
    const bool more = co_await read_more(session);
    if (!more) co_return !session.idle && session.stream.error() == ETIMEDOUT ? 408 : connection_over;
    if (std::exchange(session.idle, false)) session.stream.expires_after(limits_.request);
    state = scanner.scan(session.in.view(), limits);
  }
  session.idle = false;
  if (state == http::HeadScanner::State::too_large) co_return 431;
  if (state == http::HeadScanner::State::bad) co_return 400;

  const http::HeadError error = http::parse_request_head(scanner.head(session.in.view()), session.head);
  if (!error.ok()) {
    session.head.keep_alive = false;
    co_return error.status;
  }
  session.request.method = session.head.method;
  session.request.target = session.head.target;
  const auto value_of = [&](std::string_view name) {
    const http::Field* field = http::find_field(session.head.fields, name);
    return field ? std::string(field->value) : std::string();
  };
  session.request.authorization = value_of("authorization");
  session.request.host = value_of("host");
  session.request.origin = value_of("origin");
  session.in.consume(scanner.end());
  co_return 0;
}

net::Task<int> Server::read_body(Session& session) {
  if (session.head.content_length > limits_.body_octets) co_return 413;
  session.body.start(session.head.framing, session.head.content_length, {});
  if (session.head.expect_continue && session.in.empty() && session.body.state() == http::BodyReader::State::more) {
    http::write_continue(session.out);
    const net::IoResult written = co_await session.stream.write_all(session.out.begin(), session.out.size());
    session.out.clear();
    if (!written.ok()) co_return connection_over;
  }
  while (session.body.state() == http::BodyReader::State::more) {
    if (session.in.empty()) {
      const bool more = co_await read_more(session);
      if (!more) co_return session.stream.error() == ETIMEDOUT ? 408 : connection_over;
    }
    const http::BodyReader::Step step = session.body.consume(session.in.view());
    session.request.body.append(step.data);
    session.in.consume(step.consumed);
    if (session.request.body.size() > limits_.body_octets) co_return 413;
  }
  co_return session.body.state() == http::BodyReader::State::done ? 0 : 400;
}

// Tells the client, then reads on for a moment: closing with octets unread would reset the connection and take the
// answer with it.
net::Task<void> Server::refuse(Session& session, int status) {
  session.stream.clear_error();  // of the deadline, for a 408
  const Response response = problem(status, "the request cannot be read");
  const bool written = co_await write_response(session, response, true);
  if (!written) co_return;
  session.stream.shutdown_write();
  session.stream.expires_after(linger_time);
  std::size_t discarded = 0;
  bool more = true;
  while (more && discarded < linger_octets) {
    discarded += session.in.size();
    session.in.clear();
    const bool read = co_await read_more(session);
    more = read;
  }
}

net::Task<bool> Server::read_more(Session& session) {
  char* room = session.in.prepare(read_size);
  const net::IoResult result = co_await session.stream.read_some(room, read_size);
  if (result.ok()) session.in.commit(static_cast<std::size_t>(result.n));
  co_return result.ok();
}

net::Task<bool> Server::write_response(Session& session, const Response& response, bool close) {
  std::vector<http::Field> fields{{"Cache-Control", "no-store"}, {"X-Content-Type-Options", "nosniff"}};
  for (const auto& [name, value] : response.fields) fields.push_back({name, value});
  session.out.clear();
  http::write_own_response_head(session.out, {.status = response.status,
                                              .content_type = response.content_type,
                                              .fields = fields,
                                              .content_length = response.body.size(),
                                              .client_minor_version = session.head.minor_version,
                                              .close = close});
  const std::size_t body_size = session.request.method == "HEAD" ? 0 : response.body.size();
  session.stream.expires_after(limits_.write);
  const net::IoResult result =
      co_await session.stream.write_all(session.out.begin(), session.out.size(), response.body.data(), body_size);
  session.out.clear();
  co_return result.ok();
}

}  // namespace understudy::admin
