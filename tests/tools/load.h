// The load that the test client makes: which requests, how many, how fast; and what came of them.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tools/poller.h"

namespace understudy::tools {

struct LoadOptions {
  std::string target;  // "127.0.0.1:8880"
  std::string host;    // the Host field; empty: the target
  std::size_t connections = 16;
  double rate = 0;  // requests a second, begun when due whatever became of the earlier ones; 0: as fast as answers come
  std::uint64_t requests = 0;  // stops after so many; 0: by duration alone
  double duration = 0;         // seconds; 0: by requests alone
  double timeout = 30;         // seconds, for one request
  std::uint64_t ids = 1000;    // %d in a target is a number below this
  std::uint64_t seed = 1;
  std::uint64_t body_min = 0, body_max = 4096;  // of POST, PUT and PATCH; log-uniform
  double chunked_share = 0;                     // of those bodies
  double pace = 0;                              // bytes a second that a body is sent with; 0: as fast as it goes
  bool close_each = false;                      // a new connection for each request
  bool verify = true;       // responses must be what test_origin gives; else any whole response below 400 will do
  bool any_status = false;  // without verify: a whole response of any status will do
  std::string header;       // "Name: value" added to each request
  std::uint64_t users = 0;  // each request is of one of so many; 0: of nobody
  std::string bodies_file;  // one JSON line for each body sent
  struct Kind {
    std::string method, target;
    double weight = 1;
  };
  std::vector<Kind> kinds;
};

// A request, made up and ready to be sent.
struct PlannedRequest {
  std::uint64_t number = 0;
  std::string method, target;
  bool has_body = false;
  bool chunked = false;
  std::uint64_t user = 0;    // where there are users
  std::uint64_t length = 0;  // of the body; its content is the deterministic one with `number` as seed
  std::string body_id;
  Clock::time_point due;
};

class LoadPlan {
 public:
  explicit LoadPlan(const LoadOptions& options);
  PlannedRequest make(std::uint64_t number);

 private:
  std::uint64_t choose_length();

  const LoadOptions& options_;
  std::mt19937_64 random_;
  std::discrete_distribution<std::size_t> kind_;
};

// What came of the load. A request counts as sent when its first byte was handed to the kernel.
struct LoadResult {
  std::uint64_t sent = 0;
  std::uint64_t ok = 0;
  std::uint64_t errors = 0;
  std::map<std::string, std::uint64_t> errors_by_kind;  // connect, timeout, reset, truncated, status, content, protocol
  std::map<std::string, std::uint64_t> methods;         // of the sent ones
  std::map<std::string, std::uint64_t> statuses;
  std::string first_error;
  std::uint64_t connects = 0;
  std::uint64_t closed_idle =
      0;                    // the peer's FIN had come before a byte was sent: the request went to another connection
  std::uint64_t raced = 0;  // the FIN came while the request was being handed over and no byte of an answer did:
                            // neither sent nor an error
  std::vector<float> latencies;  // milliseconds from the due time
  double seconds = 0;

  void fail(const std::string& kind, const std::string& detail);
  std::string to_json();
};

}  // namespace understudy::tools
