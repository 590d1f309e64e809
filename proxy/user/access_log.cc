#include "proxy/user/access_log.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace understudy::user {
namespace {

constexpr long poll_interval_ns = 20'000'000;
constexpr int polls_at_the_end = 25;          // half a second to empty the rings
constexpr unsigned polls_between_opens = 50;  // a second

void pause_ns(long duration) {
  const timespec pause{0, duration};
  clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, nullptr);
}

// What the file takes of the ring leaves it. False: the file takes no more now; the rest stays in the ring until that
// is full.
bool empty_into(int fd, LogRing& ring) {
  for (std::string_view octets = ring.readable(); !octets.empty(); octets = ring.readable()) {
    const ssize_t n = ::write(fd, octets.data(), octets.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      pause_ns(poll_interval_ns);
      continue;
    }
    if (n < 0) return false;
    ring.consume(static_cast<std::size_t>(n));
  }
  return true;
}

// Captured text is hostile: quotes, backslashes and everything outside printable ASCII are escaped, as Apache and nginx
// do.
void append_escaped(std::string& line, std::string_view text, bool json) {
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet < 0x7f && c != '"' && c != '\\') {
      line += c;
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, json ? "\\u%04x" : "\\x%02X", octet);
      line += escaped;
    }
  }
}

// -1: errno says why.
int open_log(const std::string& path) {
  if (path == "-") return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

}  // namespace

bool LogRing::put(std::string_view line) {
  const std::uint64_t written = written_.load(std::memory_order_relaxed);
  if (line.size() > capacity - (written - read_.load(std::memory_order_acquire))) return false;
  const std::size_t at = written % capacity;
  const std::size_t first = std::min(line.size(), capacity - at);
  std::memcpy(octets_.get() + at, line.data(), first);
  std::memcpy(octets_.get(), line.data() + first, line.size() - first);
  written_.store(written + line.size(), std::memory_order_release);
  return true;
}

std::string_view LogRing::readable() const {
  const std::uint64_t read = read_.load(std::memory_order_relaxed);
  const std::uint64_t size = written_.load(std::memory_order_acquire) - read;
  const std::size_t at = read % capacity;
  return {octets_.get() + at, static_cast<std::size_t>(std::min<std::uint64_t>(size, capacity - at))};
}

void LogRing::consume(std::size_t size) {
  read_.store(read_.load(std::memory_order_relaxed) + size, std::memory_order_release);
}

void AccessLogFormatter::set_second(std::int64_t unix_s) {
  if (unix_s == second_) return;
  second_ = unix_s;
  const time_t seconds = static_cast<time_t>(unix_s);
  tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size =
      std::strftime(text, sizeof text, json_ ? "%Y-%m-%dT%H:%M:%S" : "%d/%b/%Y:%H:%M:%S +0000", &parts);
  time_text_.assign(text, size);
}

std::string_view AccessLogFormatter::format(const AccessRecord& record, std::int64_t unix_ms) {
  set_second(unix_ms / 1000);
  line_.clear();
  const auto text = [this](std::string_view value) { append_escaped(line_, value, json_); };
  if (json_) {
    char milliseconds[8];
    std::snprintf(milliseconds, sizeof milliseconds, ".%03dZ", static_cast<int>(unix_ms % 1000));
    line_.append("{\"time\":\"").append(time_text_).append(milliseconds).append("\",\"client\":\"");
    text(record.client);
    line_ += "\",\"method\":\"";
    text(record.method);
    line_ += "\",\"target\":\"";
    text(record.target);
    line_.append("\",\"protocol\":\"HTTP/1.").append(std::to_string(record.minor_version));
    line_.append("\",\"status\":").append(std::to_string(record.status));
    line_.append(",\"bytes\":").append(std::to_string(record.response_octets));
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.6f", static_cast<double>(record.duration_ns) / 1e9);
    line_.append(",\"duration\":").append(seconds).append(",\"referer\":\"");
    text(record.referer);
    line_ += "\",\"user_agent\":\"";
    text(record.user_agent);
    line_ += "\"}\n";
    return line_;
  }
  line_.append(record.client).append(" - - [").append(time_text_).append("] \"");
  text(record.method);
  line_ += ' ';
  text(record.target);
  line_.append(" HTTP/1.")
      .append(std::to_string(record.minor_version))
      .append("\" ")
      .append(std::to_string(record.status));
  line_.append(" ").append(std::to_string(record.response_octets)).append(" \"");
  text(record.referer.empty() ? "-" : record.referer);
  line_ += "\" \"";
  text(record.user_agent.empty() ? "-" : record.user_agent);
  line_ += "\"\n";
  return line_;
}

AccessLog::AccessLog(const LogSettings& settings, unsigned threads) : json_(settings.json) {
  if (settings.access.empty()) return;
  shared_ = std::make_shared<Shared>();
  shared_->path = settings.access;
  shared_->rings = std::vector<LogRing>(threads);
  std::thread(write_lines, shared_).detach();
}

AccessLog::~AccessLog() {
  if (!shared_) return;
  shared_->stop.store(true, std::memory_order_release);
  for (int i = 0; i < polls_at_the_end && !shared_->done.load(std::memory_order_acquire); ++i)
    pause_ns(poll_interval_ns);
}

LogRing& AccessLog::ring(unsigned thread) {
  return shared_->rings[thread];
}

void AccessLog::reopen() {
  if (shared_ && shared_->path != "-") shared_->reopen_wanted.store(true, std::memory_order_relaxed);
}

void AccessLog::write_lines(std::shared_ptr<Shared> shared) {
  // A timer and no wake-up: the user's path makes no system call for its log.
  bool last_round = false;
  std::size_t at = 0;  // the ring that comes first
  for (unsigned round = 0; !last_round; ++round) {
    last_round = shared->stop.load(std::memory_order_acquire);
    if (shared->reopen_wanted.exchange(false, std::memory_order_relaxed)) {
      const int fd = open_log(shared->path);
      if (fd >= 0) {
        if (shared->fd >= 0) ::close(shared->fd);
        shared->fd = fd;
      } else {
        std::fprintf(stderr, "understudy: log.access: cannot open %s again: %s; going on as before\n",
                     shared->path.c_str(), std::strerror(errno));
      }
    }
    if (shared->fd < 0 && round % polls_between_opens == 0) {
      shared->fd = open_log(shared->path);
      if (shared->fd < 0 && round == 0) {
        std::fprintf(stderr, "understudy: log.access: cannot open %s: %s; going on without it until it can be opened\n",
                     shared->path.c_str(), std::strerror(errno));
      }
    }
    // A line that the file has taken in part goes on before any other.
    for (std::size_t i = 0; i < shared->rings.size() && empty_into(shared->fd, shared->rings[at]); ++i)
      at = (at + 1) % shared->rings.size();
    if (!last_round) pause_ns(poll_interval_ns);
  }
  if (shared->fd >= 0) ::close(shared->fd);
  shared->done.store(true, std::memory_order_release);
}

}  // namespace understudy::user
