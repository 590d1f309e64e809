// A scriptable HTTP/1.1 origin: what it does with requests is its mode, changed while it runs through a second,
// "control" port. It counts what it received, and notes a checksum of every request body that has an X-Body-Id, so that
// a test can compare what two origins got.
//
// Targets:  /bytes/N            N bytes of deterministic content      (?chunked=1, ?close=1: close-delimited,
// ?trailers=1)
//           /echo               the request's content                 (POST, streamed)
//           /upload             a receipt with length and XXH3 of the request's content
//           /status/N           status N; no content for 204 and 304
//           /json/N/..., any other   a deterministic JSON document
// Control:  GET /stats /bodies /heads, PUT /mode (e.g. "slow=5000"), POST /reset (zero the counts)
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tests/tools/poller.h"

namespace understudy::tools {

class OriginConnection;

struct OriginMode {
  enum class Kind { healthy, slow, hang, refuse, blackhole, reset, trickle, huge, garbage, close };
  Kind kind = Kind::healthy;
  std::uint64_t amount = 0;  // slow: milliseconds; huge: bytes
  std::string text = "healthy";

  static bool parse(std::string_view text, OriginMode& mode);
};

struct OriginOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::uint16_t control_port = 0;
  OriginMode mode;
  std::uint64_t requests_per_connection = 0;  // then "Connection: close", as nginx does; 0 = no limit
  std::chrono::milliseconds idle_timeout{0};  // closes idle connections; 0 = never
  bool answers_expect = true;                 // sends 100 Continue
};

struct BodyRecord {
  std::string id;
  std::string role;  // the Understudy-Role of the request, if any
  std::uint64_t length = 0;
  std::uint64_t xxh3 = 0;
  bool complete = false;
};

struct OriginCounts {
  std::uint64_t connections = 0;
  std::uint64_t begun = 0;                                    // requests whose head came
  std::uint64_t whole = 0;                                    // requests received to their end
  std::uint64_t responses = 0;                                // responses sent to their end
  std::map<std::string, std::uint64_t, std::less<>> methods;  // of the whole ones
  std::map<std::string, std::uint64_t, std::less<>> roles;    // Understudy-Role of the begun ones that bear it
};

class Origin {
 public:
  Origin(Poller& poller, OriginOptions options);
  ~Origin();

  std::uint16_t port() const { return port_; }
  std::uint16_t control_port() const { return control_port_; }
  void set_mode(const OriginMode& mode);

  // For its connections.
  Poller& poller() { return poller_; }
  const OriginOptions& options() const { return options_; }
  const OriginMode& mode() const { return mode_; }
  OriginCounts& counts() { return counts_; }
  void record(BodyRecord body) { bodies_.push_back(std::move(body)); }
  void remember_head(const std::string& raw);
  std::string control(std::string_view method, std::string_view target, std::string_view content, int& status);
  OriginConnection* find(std::uint64_t id);
  void forget(std::uint64_t id);  // destroys the connection at the end of this turn

 private:
  class Acceptor;
  void accept_from(int fd, bool control);
  void open_listener(int backlog);
  void close_listener();
  void close_all(bool with_reset);
  void sweep();

  Poller& poller_;
  OriginOptions options_;
  OriginMode mode_;
  OriginCounts counts_;
  std::vector<BodyRecord> bodies_;
  std::deque<std::string> heads_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::uint16_t control_port_ = 0;
  int control_listener_ = -1;
  std::vector<int> fillers_;  // connections to ourselves that keep the accept queue full (blackhole)
  std::unique_ptr<Acceptor> acceptor_, control_acceptor_;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, std::unique_ptr<OriginConnection>> connections_;
};

}  // namespace understudy::tools
