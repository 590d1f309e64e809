// One blocking HTTP request over non-blocking sockets and poll, so that one deadline bounds it. See http_get.h.
#include "proxy/commands/http_get.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

#include "proxy/http/framing.h"
#include "proxy/http/head_scan.h"
#include "proxy/http/parser.h"
#include "proxy/net/address.h"

namespace understudy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t body_max = 256u << 20;

class Connection {
 public:
  explicit Connection(Clock::time_point deadline) : deadline_(deadline) {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // All of these: false or -1 on failure, with errno set.
  bool connect(const net::Address& address) {
    close();
    fd_ = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd_ < 0) return false;
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) return true;
    if (errno != EINPROGRESS || !wait(POLLOUT)) return false;
    socklen_t size = sizeof errno;
    int error = 0;
    ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    errno = error;
    return error == 0;
  }

  bool send(std::string_view octets) {
    while (!octets.empty()) {
      const ssize_t count = ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (count < 0 && (errno != EAGAIN || !wait(POLLOUT))) return false;
      if (count > 0) octets.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }

  // Octets appended to `octets`; 0 at the end of the peer's stream.
  ssize_t receive(std::string& octets) {
    char buffer[16 * 1024];
    ssize_t count = ::recv(fd_, buffer, sizeof buffer, 0);
    while (count < 0 && errno == EAGAIN && wait(POLLIN)) count = ::recv(fd_, buffer, sizeof buffer, 0);
    if (count > 0) octets.append(buffer, static_cast<std::size_t>(count));
    return count;
  }

 private:
  bool wait(short events) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    pollfd waiting{fd_, events, 0};
    const int ready = ::poll(&waiting, 1, std::max(0, static_cast<int>(left.count())));
    if (ready == 0) errno = ETIMEDOUT;
    return ready > 0;
  }

  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

  int fd_ = -1;
  Clock::time_point deadline_;
};

HttpAnswer failure(std::string why) {
  HttpAnswer answer;
  answer.error = std::move(why);
  return answer;
}

HttpAnswer receive_answer(Connection& connection) {
  std::string received;
  http::HeadScanner scanner;
  http::HeadScanner::State scanned = http::HeadScanner::State::need_more;
  while (scanned == http::HeadScanner::State::need_more) {
    const ssize_t count = connection.receive(received);
    if (count < 0) return failure(std::strerror(errno));
    if (count == 0) return failure("the connection was closed without an answer");
    scanned = scanner.scan(received, http::HeadLimits());
  }
  http::ResponseHead head;
  if (scanned != http::HeadScanner::State::complete) return failure(std::string("no HTTP answer: ") + scanner.reason());
  const http::HeadError error = http::parse_response_head(scanner.head(received), "GET", head);
  if (!error.ok()) return failure(std::string("no HTTP answer: ") + error.reason);

  HttpAnswer answer;
  answer.status = head.status;
  http::BodyReader body;
  body.start(head.framing, head.content_length < 0 ? 0 : static_cast<std::uint64_t>(head.content_length),
             http::ChunkedLimits());
  std::string octets = received.substr(scanner.end());
  while (true) {
    std::string_view rest = octets;
    while (!rest.empty() && body.state() == http::BodyReader::State::more) {
      const http::BodyReader::Step step = body.consume(rest);
      answer.body += step.data;
      rest.remove_prefix(step.consumed);
    }
    if (body.state() == http::BodyReader::State::done) return answer;
    if (body.state() == http::BodyReader::State::error) return failure(std::string("no HTTP answer: ") + body.reason());
    if (answer.body.size() > body_max) return failure("the answer is too large");
    octets.clear();
    const ssize_t count = connection.receive(octets);
    if (count < 0) return failure(std::strerror(errno));
    if (count == 0) return body.finish() ? answer : failure("the answer is cut short");
  }
}

HttpAnswer ask(const std::string& request_line, const Url& url, const std::string& fields, const std::string& token,
               std::chrono::milliseconds timeout) {
  std::string error;
  const std::vector<net::Address> addresses = net::resolve(url.host, url.port, error);
  Connection connection(Clock::now() + timeout);
  const auto connects = [&](const net::Address& address) { return connection.connect(address); };
  if (std::none_of(addresses.begin(), addresses.end(), connects)) {
    return failure(addresses.empty() ? error : std::strerror(errno));
  }
  std::string request = request_line + " HTTP/1.1\r\nHost: " + url.authority + "\r\nConnection: close\r\n" + fields;
  if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
  if (!connection.send(request + "\r\n")) return failure(std::strerror(errno));
  return receive_answer(connection);
}

}  // namespace

HttpAnswer http_get(const Url& url, const std::string& target, const std::string& token,
                    std::chrono::milliseconds timeout) {
  return ask("GET " + target, url, {}, token, timeout);
}

HttpAnswer http_post(const Url& url, const std::string& target, const std::string& token,
                     std::chrono::milliseconds timeout) {
  return ask("POST " + target, url, "Content-Length: 0\r\n", token, timeout);
}

}  // namespace understudy
