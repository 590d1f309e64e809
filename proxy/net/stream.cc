#include "proxy/net/stream.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <system_error>
#include <utility>

#include "proxy/net/tls.h"

namespace understudy::net {
namespace {

// Who takes so much of what is written, on average, is slow and not gone.
constexpr std::int64_t octets_a_ms = 1;

// Octets written that the peer's system has not taken yet.
int octets_unsent(int fd) {
  int octets = 0;
  return ::ioctl(fd, SIOCOUTQ, &octets) == 0 ? octets : 0;
}

ssize_t send_parts(int fd, WriteOperation& operation) {
  msghdr message{};
  message.msg_iov = operation.parts;
  message.msg_iovlen = static_cast<std::size_t>(operation.count);
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

// Octets, the end or an error, right now.
bool can_be_read(Channel& channel) {
  return channel.peek() >= 0 || errno != EAGAIN;
}

}  // namespace

// --- Channel
// -----------------------------------------------------------------------------------------------------------------------------

Channel* Channel::open(Loop& loop, int fd) {
  Channel* channel = nullptr;
  if (loop.free_channels_.empty()) {
    channel = new Channel;
  } else {
    channel = loop.free_channels_.back();
    loop.free_channels_.pop_back();
    *channel = Channel{};
  }
  channel->loop = &loop;
  channel->fd = fd;
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = channel;
  if (epoll_ctl(loop.epoll_, EPOLL_CTL_ADD, fd, &event) != 0) channel->error = errno;
  return channel;
}

void Channel::close() {
  // Whoever still waits here is told; a coroutine that closes its own stream does not wait on it.
  fail(ECANCELED);
  loop->unlink(*this);
  if (transport && !is_aborting) transport->end();  // nobody waits where there is no room
  transport.reset();
  ::close(fd);
  fd = -1;
  loop->closed_channels_.push_back(this);
}

void Channel::carry_by(std::unique_ptr<Transport> its_transport) {
  transport = std::move(its_transport);
  readable = writable = true;  // what became of the last edge is not known
}

void Channel::end_writing() {
  is_ending = transport && !transport->end();
  if (!is_ending) ::shutdown(fd, SHUT_WR);
}

ssize_t Channel::peek() {
  ++loop->calls.recv;
  if (transport) return transport->peek();
  char octet;
  return ::recv(fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
}

void Channel::fail(int reason) {
  if (error == 0) error = reason;
  // Woken through the ready queue: the caller is often in the middle of something that the woken coroutine touches.
  if (ReadOperation* operation = std::exchange(reader, nullptr)) {
    operation->result = {-1, error};
    loop->resume_soon(operation->waiting);
  }
  if (WriteOperation* operation = std::exchange(writer, nullptr)) {
    operation->result = {-1, error};
    loop->resume_soon(operation->waiting);
  }
  if (auto waiting = std::exchange(readiness_waiter, nullptr)) loop->resume_soon(waiting);
}

bool Channel::try_read(ReadOperation& operation) {
  if (error != 0) {
    operation.result = {-1, error};
    return true;
  }
  if (!readable) return false;
  ++loop->calls.recv;
  const ssize_t n = transport ? transport->receive(operation.buffer, operation.size)
                              : ::recv(fd, operation.buffer, operation.size, 0);
  if (n < 0) {
    if (errno == EINTR) return try_read(operation);
    if (errno == EAGAIN) {
      ++loop->calls.again;
      readable = false;
      return false;
    }
    operation.result = {-1, errno};
    return true;
  }
  // A short read has emptied the socket: what comes later brings a new edge. Not so for an end that was already
  // announced.
  if (static_cast<std::size_t>(n) < operation.size && !peer_closed) readable = transport && can_be_read(*this);
  operation.result = {n, 0};
  return true;
}

bool Channel::try_write(WriteOperation& operation) {
  if (error != 0) {
    operation.result = {-1, error};
    return true;
  }
  while (writable) {
    ++loop->calls.send;
    ssize_t n = transport ? transport->send(operation.parts, operation.count) : send_parts(fd, operation);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) {
        ++loop->calls.again;
        writable = false;
        unsent = octets_unsent(fd);
        return false;
      }
      operation.result = {-1, errno};
      return true;
    }
    operation.result.n += n;
    while (operation.count > 0 && static_cast<std::size_t>(n) >= operation.parts[0].iov_len) {
      n -= static_cast<ssize_t>(operation.parts[0].iov_len);
      for (int i = 1; i < operation.count; ++i) operation.parts[i - 1] = operation.parts[i];
      --operation.count;
    }
    if (operation.count == 0) return true;
    operation.parts[0].iov_base = static_cast<char*>(operation.parts[0].iov_base) + n;
    operation.parts[0].iov_len -= static_cast<std::size_t>(n);
    if (n > 0) {
      // The kernel took a part: its buffer is full, and the next edge says when there is room.
      writable = false;
      unsent = octets_unsent(fd);
      if (deadline_ms != 0 && patience_ms > 0) deadline_ms = loop->now_ms() + patience_ms;
      return false;
    }
  }
  return false;
}

void Channel::on_event(std::uint32_t events) {
  if (fd < 0) return;  // closed earlier in this batch
  if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) peer_closed = true;
  if (events & EPOLLERR) was_reset = true;
  if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) readable = true;
  if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) writable = true;
  // An event of the socket need not be one of what it carries.
  if (transport) readable = can_be_read(*this);
  if (is_ending) end_writing();
  if (was_reset && follower) follower->fail(ECONNABORTED);
  if (auto waiting = std::exchange(readiness_waiter, nullptr)) {
    // Most wait alone. Where a reader or a writer waits too, they must not lose this edge.
    if (!reader && !writer) return waiting.resume();
    loop->resume_soon(waiting);
  }
  // Resuming the reader may close the channel; the writer's turn then comes through the ready queue, by fail().
  WriteOperation* write = nullptr;
  if (writer && try_write(*writer)) write = std::exchange(writer, nullptr);
  ReadOperation* read = nullptr;
  if (reader && try_read(*reader)) read = std::exchange(reader, nullptr);
  if (write && read) loop->resume_soon(read->waiting);
  if (write) {
    write->waiting.resume();
  } else if (read) {
    read->waiting.resume();
  }
}

std::int64_t Channel::waited_ms() const {
  return deadline_ms == 0 ? 0 : loop->now_ms() - (deadline_ms - patience_ms);
}

bool Channel::made_progress() {
  const bool may_move = writer && deadline_ms != 0 && patience_ms > 0;
  if (!may_move) return false;
  const int left = octets_unsent(fd);
  if (left >= unsent || (unsent - left) < waited_ms() * octets_a_ms) return false;
  unsent = left;
  deadline_ms = loop->now_ms() + patience_ms;
  return true;
}

void Channel::set_deadline(std::int64_t at_ms) {
  deadline_ms = at_ms;
  if (at_ms == 0) return;
  if (looked_at_ms != 0) {
    if (looked_at_ms <= at_ms) return;
    // Nor sooner than the next tick: a deadline set anew again and again must not put off the look at it.
    if (looked_at_ms <= loop->now_ms() + Loop::tick_interval.count()) return;
  }
  loop->unlink(*this);
  loop->link(*this, at_ms);
}

// --- Stream
// ------------------------------------------------------------------------------------------------------------------------------

void Stream::abort_on_close(bool abort) {
  if (!channel_) return;
  const linger option{abort ? 1 : 0, 0};
  setsockopt(channel_->fd, SOL_SOCKET, SO_LINGER, &option, sizeof option);
  channel_->is_aborting = abort;
}

void Stream::shutdown_write() {
  if (channel_) channel_->end_writing();
}

bool Stream::has_octets_now() const {
  return channel_->peek() > 0;
}

bool Stream::is_stale_now() const {
  return can_be_read(*channel_);
}

bool Stream::ReadAwaiter::await_ready() {
  if (channel->loop->budget_ == 0) return false;
  --channel->loop->budget_;
  return channel->try_read(*this);
}

void Stream::ReadAwaiter::await_suspend(std::coroutine_handle<> handle) {
  waiting = handle;
  if ((channel->readable || channel->error != 0) && channel->try_read(*this)) {
    channel->loop->resume_soon(handle);
  } else {
    channel->reader = this;
  }
}

Stream::WriteAwaiter Stream::write_all(const void* first, std::size_t first_size, const void* second,
                                       std::size_t second_size, const void* third, std::size_t third_size) {
  WriteAwaiter awaiter{{}, channel_};
  const auto add = [&awaiter](const void* data, std::size_t size) {
    if (size != 0) awaiter.parts[awaiter.count++] = {const_cast<void*>(data), size};
  };
  add(first, first_size);
  add(second, second_size);
  add(third, third_size);
  return awaiter;
}

bool Stream::WriteAwaiter::await_ready() {
  if (count == 0) return true;
  if (channel->loop->budget_ == 0) return false;
  --channel->loop->budget_;
  return channel->try_write(*this);
}

void Stream::WriteAwaiter::await_suspend(std::coroutine_handle<> handle) {
  waiting = handle;
  if ((channel->writable || channel->error != 0) && channel->try_write(*this)) {
    channel->loop->resume_soon(handle);
  } else {
    channel->writer = this;
  }
}

// --- Address
// -----------------------------------------------------------------------------------------------------------------------------

std::string Address::host() const {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(storage).sin_addr, text, sizeof text);
  } else if (storage.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr, text, sizeof text);
  } else {
    return "unix";
  }
  return text;
}

std::string Address::text() const {
  if (storage.ss_family == AF_INET)
    return host() + ":" + std::to_string(ntohs(reinterpret_cast<const sockaddr_in&>(storage).sin_port));
  if (storage.ss_family == AF_INET6) {
    return "[" + host() + "]:" + std::to_string(ntohs(reinterpret_cast<const sockaddr_in6&>(storage).sin6_port));
  }
  return size > offsetof(sockaddr_un, sun_path)
             ? std::string("unix:") + reinterpret_cast<const sockaddr_un&>(storage).sun_path
             : "unix:";
}

// --- connect and accept
// ------------------------------------------------------------------------------------------------------------------

namespace {

void set_no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

Task<ConnectResult> connect(Loop& loop, Address address, Milliseconds timeout, const TlsClient* tls) {
  ConnectResult result;
  const std::int64_t deadline_ms = loop.now_ms() + timeout.count();
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    result.error = errno;
    co_return result;
  }
  if (address.storage.ss_family != AF_UNIX) set_no_delay(fd);
  const int begun = ::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size);
  if (begun != 0 && errno != EINPROGRESS) {
    result.error = errno;
    ::close(fd);
    co_return result;
  }
  Channel* channel = Channel::open(loop, fd);
  channel->readable = false;  // nothing is there yet: the first octet brings an edge
  if (begun != 0) {
    channel->writable = false;
    channel->set_deadline(deadline_ms);
    for (;;) {
      const NextEvent event{channel};
      co_await event;
      int error = channel->error;
      socklen_t size = sizeof error;
      if (error == 0) getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
      sockaddr_storage peer{};
      size = sizeof peer;
      if (error == 0 && ::getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
      if (error != 0) {
        result.error = error;
        channel->close();
        co_return result;
      }
      break;
    }
  }
  result.stream = Stream(channel);
  if (tls) {
    channel->set_deadline(deadline_ms);
    result.error = co_await tls->shake_hands(*channel);
    if (result.error != 0) {
      result.stream.reset();
      co_return result;
    }
  }
  channel->set_deadline(0);
  co_return result;
}

void Listener::stop_when_empty() {
  stopping_ = true;
  channel_->readable = true;  // there is something to hear: the end
  if (auto waiting = std::exchange(channel_->readiness_waiter, nullptr)) channel_->loop->resume_soon(waiting);
}

Task<Listener::Accepted> Listener::accept() {
  Accepted accepted = accept_now();
  while (accepted.error == EAGAIN) {
    co_await ready();
    accepted = accept_now();
  }
  co_return accepted;
}

Listener::Accepted Listener::accept_now() {
  Accepted accepted;
  do {
    if (channel_->error != 0) {
      accepted.error = channel_->error;
      return accepted;
    }
    accepted.peer.size = sizeof accepted.peer.storage;
    accepted.fd = ::accept4(channel_->fd, reinterpret_cast<sockaddr*>(&accepted.peer.storage), &accepted.peer.size,
                            SOCK_NONBLOCK | SOCK_CLOEXEC);
  } while (accepted.fd < 0 && (errno == EINTR || errno == ECONNABORTED));
  if (accepted.fd >= 0) {
    if (accepted.peer.storage.ss_family != AF_UNIX) set_no_delay(accepted.fd);
    return accepted;
  }
  accepted.error = errno;
  if (errno == EAGAIN) {
    channel_->readable = false;
    if (stopping_) accepted.error = ECANCELED;
  }
  return accepted;
}

}  // namespace understudy::net
