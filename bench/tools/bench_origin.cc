// bench_origin: as little server as an origin of a benchmark can be, so that the proxy's processor is busy before the
// origin's. Whatever is asked, "/N" anywhere at the start of the target names the size of the answer's content in
// octets, a JSON string. Content of requests is read and thrown away. One thread. Its first line on stdout is
// {"port":N}; ends on SIGTERM.
//   bench_origin [--port N]
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <exception>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tests/tools/options.h"
#include "tests/tools/poller.h"
#include "tests/tools/sockets.h"

namespace understudy::tools {
namespace {

volatile std::sig_atomic_t stopped = 0;

// The whole response with content of `size` octets; made once.
const std::string& response_of(std::size_t size) {
  static std::map<std::size_t, std::string> made;
  std::string& response = made[size];
  if (response.empty()) {
    const std::size_t quotes = size < 2 ? 0 : 2;
    response = "HTTP/1.1 200 OK\r\nServer: bench\r\nContent-Type: application/json\r\nContent-Length: " +
               std::to_string(size) + "\r\n\r\n";
    response += quotes != 0 ? "\"" + std::string(size - quotes, 'x') + "\"" : std::string(size, '1');
  }
  return response;
}

class Connection : public Watcher {
 public:
  Connection(Poller& poller, int fd) : poller_(poller), fd_(fd) { poller_.add(fd_, EPOLLIN, this); }
  ~Connection() override {
    poller_.remove(fd_, this);
    close(fd_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void on_events(std::uint32_t events) override {
    if (!left_.empty() && (events & EPOLLOUT) != 0) go_on_sending();
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0 && !read()) delete this;
  }

 private:
  // False: the peer is gone.
  bool read() {
    const ssize_t count = recv(fd_, buffer, sizeof buffer, 0);
    if (count <= 0) return count < 0 && (errno == EAGAIN || errno == EINTR);
    std::string_view octets(buffer, static_cast<std::size_t>(count));
    while (!octets.empty()) {
      if (content_left_ != 0) {
        const std::size_t content = std::min(content_left_, octets.size());
        content_left_ -= content;
        octets.remove_prefix(content);
        if (content_left_ == 0) respond();
        continue;
      }
      // A head that came in pieces is put together here, else it is read where it stands.
      const std::size_t before = head_.size();
      if (before != 0) head_.append(octets);
      const std::string_view all = before != 0 ? std::string_view(head_) : octets;
      const std::size_t end = all.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        if (before == 0) head_.assign(octets);
        return true;
      }
      read_head(all.substr(0, end + 2));
      octets.remove_prefix(end + 4 - before);
      head_.clear();
      if (content_left_ == 0) respond();
    }
    return true;
  }

  void read_head(std::string_view head) {
    const std::size_t slash = head.find('/');
    size_ = 0;
    if (slash != std::string_view::npos) std::from_chars(head.data() + slash + 1, head.data() + head.size(), size_);
    for (const std::string_view name : {"\r\nContent-Length: ", "\r\ncontent-length: "}) {
      const std::size_t at = head.find(name);
      if (at != std::string_view::npos)
        std::from_chars(head.data() + at + name.size(), head.data() + head.size(), content_left_);
    }
  }

  void respond() {
    const std::string& response = response_of(size_);
    if (!left_.empty()) {
      later_ += response;
      return;
    }
    left_ = response;
    go_on_sending();
  }

  void go_on_sending() {
    while (!left_.empty()) {
      const ssize_t count = send(fd_, left_.data(), left_.size(), MSG_NOSIGNAL);
      if (count < 0) break;  // full; or gone, which the next read tells
      left_.remove_prefix(static_cast<std::size_t>(count));
    }
    if (left_.empty() && !later_.empty()) {
      pipelined_ = std::move(later_);
      later_.clear();
      left_ = pipelined_;
    }
    const bool waits = !left_.empty();
    if (waits != waits_for_room_) poller_.change(fd_, waits ? EPOLLIN | EPOLLOUT : EPOLLIN, this);
    waits_for_room_ = waits;
  }

  static inline char buffer[256 << 10];

  Poller& poller_;
  int fd_;
  std::string head_;
  std::size_t size_ = 0, content_left_ = 0;
  std::string_view left_;
  std::string later_, pipelined_;
  bool waits_for_room_ = false;
};

class Acceptor : public Watcher {
 public:
  Acceptor(Poller& poller, int fd) : poller_(poller), fd_(fd) { poller_.add(fd_, EPOLLIN, this); }
  void on_events(std::uint32_t) override {
    for (;;) {
      const int peer = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (peer < 0) return;
      new Connection(poller_, peer);  // its own owner: it ends with its peer
    }
  }

 private:
  Poller& poller_;
  int fd_;
};

}  // namespace
}  // namespace understudy::tools

int main(int argc, char** argv) try {
  using namespace understudy::tools;
  const CommandLine line(argc, argv, {"port"});
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGTERM, [](int) { stopped = 1; });
  raise_descriptor_limit();
  Poller poller;
  const int listener = listen_on("127.0.0.1", static_cast<std::uint16_t>(line.number("port", 0)), 4096);
  Acceptor acceptor(poller, listener);
  std::cout << "{\"port\":" << local_port(listener) << "}" << std::endl;
  while (stopped == 0) poller.turn(std::chrono::milliseconds{200});
  return 0;
} catch (const std::exception& error) {
  std::cerr << "bench_origin: " << error.what() << "\n";
  return 1;
}
