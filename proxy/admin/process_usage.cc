#include "proxy/admin/process_usage.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace understudy::admin {
namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// "pid (name) state ppid ...": the name may hold anything, so the rest begins behind the last ')'. [0] is the state,
// field 3 of proc(5).
std::vector<std::string> fields_of_stat(const std::string& stat) {
  std::vector<std::string> fields;
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return fields;
  std::istringstream rest(stat.substr(name_end + 1));
  for (std::string field; rest >> field;) fields.push_back(field);
  return fields;
}

std::uint64_t number_in(const std::string& text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

double boot_time_s() {
  std::istringstream lines(text_of("/proc/stat"));
  for (std::string name, value; lines >> name; std::getline(lines, value)) {
    if (name == "btime" && lines >> value) return static_cast<double>(number_in(value));
  }
  return 0;
}

std::optional<std::uint64_t> count_fds(const std::string& directory) {
  std::error_code error;
  std::uint64_t count = 0;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error))
    ++count;
  return error ? std::nullopt : std::optional(count);
}

std::optional<std::uint64_t> max_fds(const std::string& limits) {
  constexpr std::string_view name = "Max open files";
  const std::size_t at = limits.find(name);
  if (at == std::string::npos) return std::nullopt;
  std::istringstream rest(limits.substr(at + name.size()));
  std::string soft;
  rest >> soft;
  return number_in(soft);
}

}  // namespace

std::optional<ProcessUsage> usage_of(int pid) {
  const std::string directory = "/proc/" + std::to_string(pid);
  const std::vector<std::string> fields = fields_of_stat(text_of(directory + "/stat"));
  constexpr std::size_t utime = 11, stime = 12, starttime = 19, vsize = 20, rss = 21;
  if (pid <= 0 || fields.size() <= rss) return std::nullopt;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  static const double booted_s = boot_time_s();

  ProcessUsage usage;
  usage.cpu_seconds = static_cast<double>(number_in(fields[utime]) + number_in(fields[stime])) / ticks;
  usage.start_time_s = booted_s + static_cast<double>(number_in(fields[starttime])) / ticks;
  usage.virtual_octets = number_in(fields[vsize]);
  usage.resident_octets = number_in(fields[rss]) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  usage.open_fds = count_fds(directory + "/fd");
  usage.max_fds = max_fds(text_of(directory + "/limits"));
  return usage;
}

}  // namespace understudy::admin
