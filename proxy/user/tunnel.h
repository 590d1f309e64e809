// What follows a switch to WebSocket: octets both ways, as they come, until both sides have ended (RFC 9110 7.8). One
// side may end before the other, which then has less patience; a side that breaks off, or silence of both for too long,
// breaks off both. A tunnel that waits holds no buffer. Never mirrored.
#pragma once

#include <cstdint>

#include "proxy/http/buffer.h"
#include "proxy/net/stream.h"
#include "proxy/user/link.h"

namespace understudy::user {

class Tunnel {
 public:
  // `end_timeout`: how long one side may be silent once the other has ended.
  Tunnel(net::Loop& loop, net::Stream& client, net::Stream& primary, net::Milliseconds idle_timeout,
         net::Milliseconds end_timeout)
      : loop_(loop),
        client_(client),
        primary_(primary),
        patience_(idle_timeout),
        end_timeout_(end_timeout),
        ended_(loop) {}
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  // The buffers hold what has been read already, and each then what its side sends.
  net::Task<void> run(http::Buffer& from_client, http::Buffer& from_primary);

  std::uint64_t octets_to_client() const { return octets_to_client_; }
  void break_off();

 private:
  friend class Worker;  // the list of tunnels
  // Gives how many octets have passed.
  net::Task<std::uint64_t> pump(net::Stream& from, net::Stream& to, http::Buffer& buffer);
  net::Task<void> pump_to_client(http::Buffer& from_primary);
  void keep_open();

  net::Loop& loop_;
  net::Stream& client_;
  net::Stream& primary_;
  net::Milliseconds patience_;
  const net::Milliseconds end_timeout_;
  std::uint64_t octets_to_client_ = 0;
  bool pumping_to_client_ = false;
  net::Event ended_;
  Link<Tunnel> link_;
};

}  // namespace understudy::user
