// A file with that content for as long as the object lives. For tests of commands that read files.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace understudy {

class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    const char* folder = std::getenv("TMPDIR");
    path_ = std::string(folder ? folder : P_tmpdir) + "/understudy-test-XXXXXX";
    const int fd = ::mkstemp(path_.data());
    if (std::FILE* file = ::fdopen(fd, "wb")) {
      std::fwrite(content.data(), 1, content.size(), file);
      std::fclose(file);
    }
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace understudy
