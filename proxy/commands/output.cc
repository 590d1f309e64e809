// Formats, results and complaints of the commands. See output.h and exit_status.h.
#include "proxy/commands/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "proxy/commands/exit_status.h"

namespace understudy {
namespace {

bool is_word_of(std::string_view words, std::string_view word) {
  while (!words.empty()) {
    const std::string_view next = words.substr(0, words.find(' '));
    if (next == word) return true;
    words.remove_prefix(std::min(words.size(), next.size() + 1));
  }
  return false;
}

}  // namespace

bool read_format(std::string_view text, std::string_view later, Format& format) {
  if (text == "text" || text == "json") {
    format = text == "json" ? Format::json : Format::text;
    return true;
  }
  const char* problem = is_word_of(later, text) ? " is not there yet" : " is not known";
  complain("--format " + std::string(text) + problem + "; write --format text or --format json");
  return false;
}

bool write_output(std::string_view text, const std::string& path) {
  std::FILE* file = path.empty() ? stdout : std::fopen(path.c_str(), "wb");
  bool good =
      file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
  int error = errno;
  if (file != nullptr && file != stdout && std::fclose(file) != 0 && good) {
    good = false;
    error = errno;
  }
  if (!good) complain((path.empty() ? "stdout" : path) + ": cannot be written: " + std::strerror(error));
  return good;
}

void complain(std::string_view message) {
  std::string line = "understudy: " + std::string(message);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace understudy
