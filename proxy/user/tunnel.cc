#include "proxy/user/tunnel.h"

#include <algorithm>
#include <cerrno>

#include "proxy/user/workspace.h"

namespace understudy::user {

net::Task<void> Tunnel::run(http::Buffer& from_client, http::Buffer& from_primary) {
  keep_open();
  pumping_to_client_ = true;
  loop_.spawn(pump_to_client(from_primary));
  co_await pump(client_, primary_, from_client);
  while (pumping_to_client_) {
    co_await ended_.wait();
  }
}

net::Task<void> Tunnel::pump_to_client(http::Buffer& from_primary) {
  octets_to_client_ = co_await pump(primary_, client_, from_primary);
  pumping_to_client_ = false;
  ended_.notify_all();
}

net::Task<std::uint64_t> Tunnel::pump(net::Stream& from, net::Stream& to, http::Buffer& buffer) {
  std::uint64_t octets = 0;
  bool filled = false;  // the last read left no room
  for (;;) {
    if (buffer.empty()) {
      if (!filled) buffer.release_above(0);
      while (!from.has_news()) {
        co_await from.readable();
      }
      char* room = buffer.prepare(filled ? small_read : first_read);
      const std::size_t size = buffer.room();
      const net::IoResult read = co_await from.read_some(room, size);
      if (read.end()) {
        to.shutdown_write();
        patience_ = std::min(patience_, end_timeout_);
        keep_open();
        co_return octets;
      }
      if (!read.ok()) {
        break_off();
        co_return octets;
      }
      buffer.commit(static_cast<std::size_t>(read.n));
      filled = buffer.room() == 0;
    }
    keep_open();
    from.expires_after(net::Milliseconds{0});  // it is the other side that is waited for
    const net::IoResult written = co_await to.write_all(buffer.begin(), buffer.size());
    keep_open();
    if (written.n < 0) {
      break_off();
      co_return octets;
    }
    octets += buffer.size();
    buffer.clear();
  }
}

void Tunnel::keep_open() {
  client_.expires_after(patience_);
  primary_.expires_after(patience_);
}

void Tunnel::break_off() {
  for (net::Stream* stream : {&client_, &primary_}) {
    stream->abort_on_close(true);
    stream->fail(ECONNABORTED);
  }
}

}  // namespace understudy::user
