// Stream: one connected socket, read and written by coroutines of one loop. At most one reader and one writer wait at a time.
// Closing is the cancellation: `fail` (and a deadline that expires) ends both waits with its error, and every later operation too.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"

namespace understudy::net {

// n > 0: octets moved; n == 0 of a read: orderly end of the peer's stream; n < 0: `error` is an errno value (ETIMEDOUT for a deadline).
struct IoResult {
  ssize_t n = 0;
  int error = 0;
  bool ok() const { return n > 0; }
  bool end() const { return n == 0; }
};

struct ReadOperation {
  void* buffer;
  std::size_t size;
  IoResult result;
  std::coroutine_handle<> waiting;
};

struct WriteOperation {
  iovec parts[3];
  int count = 0;
  IoResult result;
  std::coroutine_handle<> waiting;
};

// The loop's view of a descriptor; owned by Stream or Listener, recycled by the loop.
class Channel {
 public:
  static Channel* open(Loop& loop, int fd);
  void close();                // closes the descriptor, frees the channel after the current batch of events
  void fail(int error);        // sticky; ends waiting operations

  Loop* loop = nullptr;
  int fd = -1;
  int error = 0;
  bool readable = true;        // a read may succeed
  bool writable = true;
  bool peer_closed = false;    // EPOLLRDHUP, EPOLLHUP or EPOLLERR was seen: reads must go on to the end
  ReadOperation* reader = nullptr;
  WriteOperation* writer = nullptr;
  std::coroutine_handle<> readiness_waiter;  // Listener and connect wait for the event itself

  std::int64_t deadline_ms = 0;  // 0 = none
  std::int64_t looked_at_ms = 0; // when the wheel looks next; 0 = not linked
  Channel* previous = nullptr;
  Channel* next = nullptr;

  bool try_read(ReadOperation& operation);   // true: done
  bool try_write(WriteOperation& operation);
  void on_event(std::uint32_t events);
  void set_deadline(std::int64_t at_ms);
};

class Stream {
 public:
  Stream() = default;
  Stream(Loop& loop, int fd) : channel_(Channel::open(loop, fd)) {}
  explicit Stream(Channel* channel) : channel_(channel) {}  // takes ownership
  Stream(Stream&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  Stream& operator=(Stream&& other) noexcept {
    if (this != &other) {
      close();
      channel_ = std::exchange(other.channel_, nullptr);
    }
    return *this;
  }
  ~Stream() { close(); }

  bool is_open() const { return channel_ != nullptr; }
  int fd() const { return channel_ ? channel_->fd : -1; }
  void close() {
    if (channel_) std::exchange(channel_, nullptr)->close();
  }
  // Closes so that the peer sees a reset, never a whole-looking end.
  void reset();
  void shutdown_write();
  // Ends waiting and later operations with `error` (the stream stays open until close).
  void fail(int error) { channel_->fail(error); }
  // Takes a timed-out stream back into use, so that an error response can be sent on it.
  void clear_error() { channel_->error = 0; }
  int error() const { return channel_ ? channel_->error : 0; }

  // All waits of this stream end with ETIMEDOUT once `duration` has passed (within one tick); 0 or less = no deadline.
  void expires_after(Milliseconds duration) {
    channel_->set_deadline(duration.count() > 0 ? channel_->loop->now_ms() + duration.count() : 0);
  }

  // What an idle connection can tell without a system call: the peer sent something or went away.
  bool has_news() const { return channel_->readable || channel_->peer_closed || channel_->error; }
  bool peer_closed() const { return channel_->peer_closed; }

  struct ReadAwaiter : ReadOperation {
    Channel* channel;
    bool await_ready();
    void await_suspend(std::coroutine_handle<> handle);
    IoResult await_resume() const noexcept { return result; }
  };
  // At least one octet into `buffer`, which must live until the await returns.
  ReadAwaiter read_some(void* buffer, std::size_t size) { return ReadAwaiter{{buffer, size, {}, {}}, channel_}; }

  struct WriteAwaiter : WriteOperation {
    Channel* channel;
    bool await_ready();
    void await_suspend(std::coroutine_handle<> handle);
    IoResult await_resume() const noexcept { return result; }
  };
  // All octets of up to three pieces, in one call where the kernel takes them; n = their sum, or an error.
  WriteAwaiter write_all(const void* first, std::size_t first_size, const void* second = nullptr, std::size_t second_size = 0,
                         const void* third = nullptr, std::size_t third_size = 0);

 private:
  Channel* channel_ = nullptr;
};

// An address to connect to or to listen on: IPv4, IPv6 or a unix path.
struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text() const;  // "127.0.0.1:80", "[::1]:80", "unix:/path"
  std::string host() const;  // "127.0.0.1", "::1", "unix"
};

struct ConnectResult {
  Stream stream;
  int error = 0;  // errno; ETIMEDOUT after `timeout`
};
// TCP_NODELAY is set. `address` is copied.
Task<ConnectResult> connect(Loop& loop, Address address, Milliseconds timeout);

class Listener {
 public:
  // `fd` is a listening, non-blocking socket that somebody else owns: the listener works on a duplicate of it.
  Listener(Loop& loop, int fd) : channel_(Channel::open(loop, dup_close_on_exec(fd))) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { channel_->close(); }

  struct Accepted {
    int fd = -1;
    int error = 0;  // EMFILE and the like, ECANCELED after stop()
    Address peer;
  };
  Task<Accepted> accept();
  void stop() { channel_->fail(ECANCELED); }

 private:
  static int dup_close_on_exec(int fd);
  Channel* channel_;
};

// Coroutines of one loop wait for something that another coroutine of the same loop brings about.
class Event {
 public:
  struct Awaiter {
    Event& event;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> handle) { event.waiting_.push_back(handle); }
    void await_resume() const noexcept {}
  };
  explicit Event(Loop& loop) : loop_(loop) {}
  Awaiter wait() { return {*this}; }  // until the next notify_all
  void notify_all() {
    for (auto handle : waiting_) loop_.resume_soon(handle);
    waiting_.clear();
  }

 private:
  Loop& loop_;
  std::vector<std::coroutine_handle<>> waiting_;
};

}  // namespace understudy::net
