#include "tests/tools/noisy_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>

#include "tests/tools/sockets.h"

namespace understudy::tools {

namespace {

std::string date_field() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[64];
  std::strftime(text, sizeof text, "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
  return text;
}

std::string_view reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 206:
      return "Partial Content";
    case 404:
      return "Not Found";
    default:
      return "Internal Server Error";
  }
}

}  // namespace

class NoisyServer::Connection : public Watcher, private MessageReader::Handler {
 public:
  Connection(NoisyServer& server, std::uint64_t id, int fd) : server_(server), id_(id), fd_(fd) {
    const int yes = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    server_.poller_.add(fd_, EPOLLIN, this);
  }
  ~Connection() override {
    if (fd_ >= 0) end();
  }

  void on_events(std::uint32_t events) override {
    if ((events & EPOLLOUT) != 0) write();
    if (fd_ >= 0 && (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) read();
  }

  // The request with this number has been worked on for long enough.
  void finish(std::uint64_t number) {
    if (number != requests_) return;
    NoisyAnswer answer = server_.service_.answer(request_);
    if (answer.hang) return;
    out_ = "HTTP/1.1 " + std::to_string(answer.status) + " " + std::string(reason_of(answer.status)) +
           "\r\nServer: noisy\r\n" + date_field() + "Content-Type: " + answer.type +
           "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n" + answer.fields + "\r\n";
    if (!without_content_) out_ += answer.body;
    write();
  }

 private:
  void read() {
    char buffer[16 << 10];
    const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return leave();
    in_.append(buffer, static_cast<std::size_t>(count));
    consume();
  }

  void consume() {
    while (fd_ >= 0 && !in_.empty() && !reader_.whole()) {
      in_.erase(0, reader_.feed(in_, *this));
      if (reader_.failed()) return leave();
      if (reader_.whole()) work();
    }
  }

  void on_head(const MessageHead& head) override {
    const std::string_view target = head.target();
    const std::size_t query = std::min(target.find('?'), target.size());
    request_.path = target.substr(0, query);
    request_.query = target.substr(std::min(query + 1, target.size()));
    request_.range = head.field("range");
    request_.user = 0;
    const std::string_view cookie = head.field("cookie");
    if (const std::size_t at = cookie.find("uid="); at != std::string_view::npos)
      std::from_chars(cookie.data() + at + 4, cookie.data() + cookie.size(), request_.user);
    without_content_ = head.method() == "HEAD";
    close_after_ = head.wants_close();
  }
  void on_body(std::string_view) override {}

  void on_end() override {}

  void work() {
    const std::uint64_t number = ++requests_;
    const double working = server_.service_.working_ms(request_) + server_.delay_ms_;
    if (working <= 0) return finish(number);
    server_.poller_.at(
        Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double, std::milli>(working)),
        [&server = server_, id = id_, number] {
          if (Connection* connection = server.find(id)) connection->finish(number);
        });
  }

  void write() {
    while (fd_ >= 0 && !out_.empty()) {
      const ssize_t count = send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0 && errno == EAGAIN) return server_.poller_.change(fd_, EPOLLIN | EPOLLOUT, this);
      if (count < 0) return leave();
      out_.erase(0, static_cast<std::size_t>(count));
    }
    if (fd_ < 0 || !reader_.whole()) return;
    server_.poller_.change(fd_, EPOLLIN, this);
    if (close_after_) return leave();
    reader_.next();
    consume();
  }

  void end() {
    server_.poller_.remove(fd_, this);
    close(fd_);
    fd_ = -1;
  }
  void leave() {
    end();
    server_.forget(id_);
  }

  NoisyServer& server_;
  const std::uint64_t id_;
  int fd_;
  MessageReader reader_{MessageReader::Kind::requests};
  NoisyRequest request_;
  bool without_content_ = false;
  bool close_after_ = false;
  std::uint64_t requests_ = 0;
  std::string in_, out_;
};

NoisyServer::NoisyServer(Poller& poller, NoisyService& service, double delay_ms, std::uint16_t port)
    : poller_(poller),
      service_(service),
      delay_ms_(delay_ms),
      listener_(listen_on("127.0.0.1", port, 1024)),
      port_(local_port(listener_)) {
  poller_.add(listener_, EPOLLIN, this);
}

NoisyServer::~NoisyServer() {
  connections_.clear();
  poller_.remove(listener_, this);
  close(listener_);
}

void NoisyServer::on_events(std::uint32_t) {
  for (int i = 0; i < 64; ++i) {
    const int peer = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (peer < 0) return;
    const std::uint64_t id = next_id_++;
    connections_.emplace(id, std::make_unique<Connection>(*this, id, peer));
  }
}

NoisyServer::Connection* NoisyServer::find(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void NoisyServer::forget(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  // Its own member functions may still be running.
  poller_.at(Clock::now(), [gone = std::shared_ptr<Connection>(std::move(found->second))] {});
  connections_.erase(found);
}

}  // namespace understudy::tools
