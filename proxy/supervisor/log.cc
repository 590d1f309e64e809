#include "proxy/supervisor/log.h"

#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <string>

namespace understudy::supervisor {
namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warn", "error"};
constexpr int last_line_patience_ms = 1000;

// Up to PIPE_BUF octets are taken whole by whatever says that it takes any.
void write_line(std::string line, int patience_ms) {
  if (line.size() >= PIPE_BUF) line.resize(PIPE_BUF - 1);
  line += '\n';
  pollfd stderr_ready{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&stderr_ready, 1, patience_ms) != 1) return;
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace

void Log::set_level(std::string_view name) {
  level_ = LogLevel::info;
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) level_ = static_cast<LogLevel>(i);
  }
}

void Log::always(std::string_view text) const {
  write_line("understudy: " + std::string(text), 0);
}

void Log::last_line(std::string_view text) const {
  write_line(std::string(text), last_line_patience_ms);
}

void Log::line(LogLevel level, std::string_view text) const {
  if (level >= level_) always(text);
}

}  // namespace understudy::supervisor
