// Runs a whole user plane (two threads) inside the test, between raw sockets: a scripted origin on one side, a client
// that sends octets on the other. Blocking calls with a generous limit: a test that has to wait longer fails instead of
// hanging.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "proxy/control/counters.h"
#include "proxy/control/shared_memory.h"
#include "proxy/settings.h"
#include "proxy/tap/ring.h"

namespace understudy::test {

// One end of a TCP connection.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)), held_(std::move(other.held_)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() { close(); }
  static Socket connect_to(std::uint16_t port);

  void send(std::string_view octets);
  // Up to and with `mark`; what follows is kept. Empty where the end or a reset came first.
  std::string read_until(std::string_view mark);
  std::string read_exactly(std::size_t size);
  // What is there already; does not wait.
  std::string read_at_once();
  // Everything up to the end; `reset` tells whether the end was a reset.
  std::string read_all(bool* reset = nullptr);
  void shutdown_write();
  void close();
  void reset();
  bool is_open() const { return fd_ >= 0; }

 private:
  bool fill();
  int fd_;
  std::string held_;
  bool was_reset_ = false;
};

// Accepts connections and plays a script on each, one thread per connection.
class Origin {
 public:
  using Script = std::function<void(Socket&, int connection)>;
  Origin();
  ~Origin();
  void play(Script script) { script_ = std::move(script); }
  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }
  void stop_listening();

 private:
  void accept_all();
  int fd_;
  std::uint16_t port_;
  Script script_;
  std::atomic<int> connections_{0};
  std::thread acceptor_;
  std::vector<std::thread> players_;
};

// A frame as it was read from the tap.
struct TapFrame {
  tap::FrameType type;
  std::uint64_t exchange;
  std::string payload;
};

class UserPlane : public ::testing::Test {
 protected:
  UserPlane();
  ~UserPlane() override;

  // After settings are as wanted.
  void start();
  void drain();         // as SIGTERM does
  void wait_for_end();  // of the plane, after drain()
  Socket client() { return Socket::connect_to(port_); }
  // One request on a connection of its own; the whole response.
  std::string ask(const std::string& request);

  // Frames of both threads until one that ends an exchange has come, in order.
  std::vector<TapFrame> read_exchange();
  std::uint64_t sum(const std::function<std::uint64_t(const control::UserAccounts&)>& of) const;

  Settings settings;
  Origin origin;
  std::size_t ring_octets = 4 << 20;
  std::unique_ptr<control::Shared<control::ShadowAccounts>> shadow;

 private:
  std::uint16_t port_ = 0;
  int lifeline_[2] = {-1, -1};
  int switch_fd_ = -1;
  int shadow_fd_ = -1;
  std::vector<int> slot_fds_;
  std::vector<std::unique_ptr<tap::RingReader>> readers_;
  std::thread plane_;
};

}  // namespace understudy::test
