// The access log: each thread of the plane puts whole lines into a bounded ring of its own, and one writing thread
// empties the rings on a timer. Nobody ever waits for the file: what it does not take stays in the ring, and a line
// that finds no room there is dropped and counted (understudy_log_dropped_total).
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "proxy/settings.h"

namespace understudy::user {

// Single producer, single consumer; octets.
class LogRing {
 public:
  LogRing() : octets_(std::make_unique<char[]>(capacity)) {}
  bool put(std::string_view line);    // false: no room, nothing was put
  std::string_view readable() const;  // the next contiguous stretch
  void consume(std::size_t size);

 private:
  static constexpr std::size_t capacity = 1 << 20;
  std::unique_ptr<char[]> octets_;
  alignas(64) std::atomic<std::uint64_t> written_{0};
  alignas(64) std::atomic<std::uint64_t> read_{0};
};

// What a line tells; views hold for the call.
struct AccessRecord {
  std::string_view client, method, target, referer, user_agent;
  int minor_version = 1;
  int status = 0;
  std::uint64_t response_octets = 0;
  std::int64_t duration_ns = 0;
};

// Formats lines for one thread; remembers the text of the current second.
class AccessLogFormatter {
 public:
  explicit AccessLogFormatter(bool json) : json_(json) {}
  // Valid until the next call. `unix_ms`: wall clock.
  std::string_view format(const AccessRecord& record, std::int64_t unix_ms);

 private:
  void set_second(std::int64_t unix_s);
  bool json_;
  std::int64_t second_ = -1;
  std::string time_text_;
  std::string line_;
};

class AccessLog {
 public:
  // The writing thread opens settings.access ("-" = stdout); where that fails stderr says so, and it is tried again
  // about once a second.
  // No file: enabled() is false and nothing runs.
  AccessLog(const LogSettings& settings, unsigned threads);
  // Gives the writing thread a moment to empty the rings; whoever does not read its pipe loses the rest.
  ~AccessLog();
  AccessLog(const AccessLog&) = delete;
  AccessLog& operator=(const AccessLog&) = delete;

  bool enabled() const { return shared_ != nullptr; }
  bool json() const { return json_; }
  LogRing& ring(unsigned thread);
  // Goes on in the file that stands under the name then (after it was renamed, for example), within about 20 ms. Where
  // that cannot be opened, the old one is kept, and stderr says so. Nothing for stdout.
  void reopen();

 private:
  // Outlives a writing thread that is stuck in write(2) for ever.
  struct Shared {
    std::string path;  // "-" = stdout
    int fd = -1;       // until it could be opened
    std::vector<LogRing> rings;
    std::atomic<bool> reopen_wanted{false};
    std::atomic<bool> stop{false};
    std::atomic<bool> done{false};
  };
  static void write_lines(std::shared_ptr<Shared> shared);

  bool json_ = false;
  std::shared_ptr<Shared> shared_;
};

}  // namespace understudy::user
