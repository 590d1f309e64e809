// Stream: one connected socket, read and written by coroutines of one loop. At most one reader and one writer wait at a
// time. Closing is the cancellation: `fail` (and a deadline that expires) ends both waits with its error, and every
// later operation too.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/net/loop.h"
#include "proxy/net/task.h"

namespace understudy::net {

// n > 0: octets moved; n == 0 of a read: orderly end of the peer's stream; n < 0: `error` is an errno value (ETIMEDOUT
// for a deadline).
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

// Until the descriptor has an event, or the channel has failed.
struct NextEvent {
  Channel* channel;
  bool await_ready() const noexcept;
  void await_suspend(std::coroutine_handle<> handle) const;
  void await_resume() const noexcept {}
};

// What carries a channel's octets where that is not the bare socket (tls.h). As recv and sendmsg of a socket that does
// not block: -1 with errno, EAGAIN where nothing can be done until the socket has an event.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual ssize_t receive(void* buffer, std::size_t size) = 0;
  virtual ssize_t send(const iovec* parts, int count) = 0;  // less than all only where the socket takes no more
  virtual ssize_t peek() = 0;                               // whether an octet (1), the end (0) or an error can be read
  virtual bool end() = 0;  // tells the peer that this is the end; false: it is too full
};

// The loop's view of a descriptor; owned by Stream or Listener, recycled by the loop.
class Channel {
 public:
  static Channel* open(Loop& loop, int fd);
  // From now on octets go through it. The descriptor stays the channel's.
  void carry_by(std::unique_ptr<Transport> its_transport);
  void close();          // closes the descriptor, frees the channel after the current batch of events
  void fail(int error);  // sticky; ends waiting operations

  Loop* loop = nullptr;
  int fd = -1;
  int error = 0;
  bool readable = true;  // a read may succeed
  bool writable = true;
  bool peer_closed = false;     // EPOLLRDHUP, EPOLLHUP or EPOLLERR was seen: reads must go on to the end
  bool was_reset = false;       // EPOLLERR was seen
  bool is_aborting = false;     // closing resets
  bool is_ending = false;       // the end of what is written waits for room
  Channel* follower = nullptr;  // fails with a reset
  std::unique_ptr<Transport> transport;
  ReadOperation* reader = nullptr;
  WriteOperation* writer = nullptr;
  std::coroutine_handle<> readiness_waiter;  // who waits for the event itself: Listener, connect, readable()

  std::int64_t deadline_ms = 0;   // 0 = none
  std::int64_t patience_ms = 0;   // a write that makes progress moves the deadline this far from now; 0 = it does not
  std::int64_t looked_at_ms = 0;  // when the wheel looks next; 0 = not linked
  int unsent = 0;                 // octets that the kernel held when the writer began to wait, or last moved
  Channel* previous = nullptr;
  Channel* next = nullptr;

  void end_writing();
  ssize_t peek();
  bool try_read(ReadOperation& operation);  // true: done
  bool try_write(WriteOperation& operation);
  void on_event(std::uint32_t events);
  void set_deadline(std::int64_t at_ms);
  std::int64_t waited_ms() const;  // since the last progress that moved the deadline; 0 = there is none
  // Whether the peer has taken of a waiting write meanwhile what keeps it alive, though the kernel has room for more
  // only after larger steps. If so, the deadline moves as with any progress.
  bool made_progress();
};

inline bool NextEvent::await_ready() const noexcept {
  return channel->error != 0;
}
inline void NextEvent::await_suspend(std::coroutine_handle<> handle) const {
  channel->readiness_waiter = handle;
}

class TlsClient;

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
  // Whether closing, also by the end of the process, makes the peer see a reset and never an end that looks whole.
  void abort_on_close(bool abort);
  void reset() {
    abort_on_close(true);
    close();
  }
  void shutdown_write();
  // Ends waiting and later operations with `error` (the stream stays open until close).
  void fail(int error) { channel_->fail(error); }
  // Takes a timed-out stream back into use, so that an error response can be sent on it.
  void clear_error() { channel_->error = 0; }
  int error() const { return channel_ ? channel_->error : 0; }

  // All waits of this stream end with ETIMEDOUT once `duration` has passed (within one tick); 0 or less = no deadline.
  // A read keeps the deadline where it is; a long write that makes progress moves it on.
  void expires_after(Milliseconds duration) {
    channel_->patience_ms = duration.count();
    channel_->set_deadline(duration.count() > 0 ? channel_->loop->now_ms() + duration.count() : 0);
  }

  // The same, but progress moves nothing: the end of a whole exchange, however slowly the peer reads.
  void expires_within(Milliseconds duration) {
    expires_after(duration);
    channel_->patience_ms = 0;
  }

  // How long what has a deadline has been waited for, since the peer's last progress.
  Milliseconds waited() { return Milliseconds(channel_->made_progress() ? 0 : channel_->waited_ms()); }

  // From now on, until it is called with nullptr: when this stream's peer resets it (and does not merely end what it
  // sends), `other` fails with ECONNABORTED. `other` must stay open until then.
  void take_along(Stream* other) {
    channel_->follower = other ? other->channel_ : nullptr;
    if (other && channel_->was_reset) other->fail(ECONNABORTED);
  }

  // What an idle connection can tell without a system call: the peer sent something or went away.
  bool has_news() const { return channel_->readable || channel_->peer_closed || channel_->error; }
  bool peer_closed() const { return channel_->peer_closed; }

  // Asks the kernel whether something can be read right now (octets, not the end): for the moments where a stale view
  // would do harm.
  bool has_octets_now() const;
  // … or that the peer has closed, too.
  bool is_stale_now() const;

  // Until something can be read, the peer is gone, or the stream has failed: read_some then tells. For connections that
  // wait without a buffer.
  struct ReadableAwaiter {
    Channel* channel;
    bool await_ready() const noexcept { return channel->readable || channel->peer_closed || channel->error != 0; }
    void await_suspend(std::coroutine_handle<> handle) const { channel->readiness_waiter = handle; }
    void await_resume() const noexcept {}
  };
  // May return early: look at has_news() again.
  ReadableAwaiter readable() { return ReadableAwaiter{channel_}; }

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
  WriteAwaiter write_all(const void* first, std::size_t first_size, const void* second = nullptr,
                         std::size_t second_size = 0, const void* third = nullptr, std::size_t third_size = 0);

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
  int error = 0;  // errno; ETIMEDOUT after `timeout`; EPROTO where TLS did not come about, in time or at all
};
// TCP_NODELAY is set. `address` is copied. With `tls`, which must outlive the connection, it is encrypted, and
// `timeout` holds for the handshake too.
Task<ConnectResult> connect(Loop& loop, Address address, Milliseconds timeout, const TlsClient* tls = nullptr);

class Listener {
 public:
  // Takes `fd`, a listening, non-blocking socket.
  Listener(Loop& loop, int fd) : channel_(Channel::open(loop, fd)) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() { close(); }

  struct Accepted {
    int fd = -1;
    int error =
        0;  // EMFILE and the like; ECANCELED after stop() or, once nobody waits to be accepted, after stop_when_empty()
    Address peer;
  };
  Task<Accepted> accept();
  // The same in two steps, for those who may not want another one by the time it comes: until there may be one, and
  // whoever is there now (EAGAIN: nobody).
  Stream::ReadableAwaiter ready() { return {channel_}; }
  Accepted accept_now();
  void stop() { channel_->fail(ECANCELED); }
  void stop_when_empty();
  // No accept() may be under way.
  void close() {
    if (channel_) std::exchange(channel_, nullptr)->close();
  }

 private:
  Channel* channel_;
  bool stopping_ = false;
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
