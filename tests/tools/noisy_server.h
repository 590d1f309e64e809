// Serves a noisy service over HTTP/1.1: keep-alive, one request of a connection at a time, answers after the time that
// the service works.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "tests/tools/message_reader.h"
#include "tests/tools/noisy_world.h"
#include "tests/tools/poller.h"

namespace understudy::tools {

class NoisyServer : private Watcher {
 public:
  // `delay_ms` is added to the time that the service works. All three outlive the server.
  NoisyServer(Poller& poller, NoisyService& service, double delay_ms, std::uint16_t port);
  ~NoisyServer() override;

  std::uint16_t port() const { return port_; }

 private:
  class Connection;
  void on_events(std::uint32_t events) override;
  void forget(std::uint64_t id);  // destroys the connection at the end of this turn
  Connection* find(std::uint64_t id);

  Poller& poller_;
  NoisyService& service_;
  double delay_ms_;
  int listener_;
  std::uint16_t port_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
};

}  // namespace understudy::tools
