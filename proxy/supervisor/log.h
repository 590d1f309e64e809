// The supervisor's lines on stderr: "understudy: …", one call of the kernel each, never waited for: where nobody reads
// stderr, a line is lost.
#pragma once

#include <string_view>

namespace understudy::supervisor {

enum class LogLevel { debug, info, warn, error };

class Log {
 public:
  // debug | info | warn | error; anything else is info.
  void set_level(std::string_view name);
  void debug(std::string_view text) const { line(LogLevel::debug, text); }
  void info(std::string_view text) const { line(LogLevel::info, text); }
  void warn(std::string_view text) const { line(LogLevel::warn, text); }
  void error(std::string_view text) const { line(LogLevel::error, text); }
  // Whatever the level: the addresses that were opened.
  void always(std::string_view text) const;
  // Without the name in front, and waited for a little: the ledger at the end.
  void last_line(std::string_view text) const;

 private:
  void line(LogLevel level, std::string_view text) const;

  LogLevel level_ = LogLevel::info;
};

}  // namespace understudy::supervisor
