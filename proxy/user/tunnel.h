// What follows a switch to WebSocket: octets both ways, as they come, until both sides have ended (RFC 9110 7.8). One
// side may end before the other; a side that breaks off, or silence of both for too long, breaks off both. Never
// mirrored.
#pragma once

#include <cstdint>

#include "proxy/http/buffer.h"
#include "proxy/net/stream.h"

namespace understudy::user {

class Tunnel {
 public:
  Tunnel(net::Loop& loop, net::Stream& client, net::Stream& primary, net::Milliseconds idle_timeout)
      : loop_(loop), client_(client), primary_(primary), idle_timeout_(idle_timeout), ended_(loop) {}
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  // The buffers hold what has been read already, and each then what its side sends.
  net::Task<void> run(http::Buffer& from_client, http::Buffer& from_primary);

  std::uint64_t octets_to_client() const { return octets_to_client_; }

 private:
  net::Task<void> pump(net::Stream& from, net::Stream& to, http::Buffer& buffer, std::uint64_t& octets);
  net::Task<void> pump_to_client(http::Buffer& from_primary);
  void keep_open();
  void break_off();

  net::Loop& loop_;
  net::Stream& client_;
  net::Stream& primary_;
  const net::Milliseconds idle_timeout_;
  std::uint64_t octets_to_client_ = 0;
  std::uint64_t octets_to_primary_ = 0;
  bool pumping_to_client_ = false;
  net::Event ended_;
};

}  // namespace understudy::user
