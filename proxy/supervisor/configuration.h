// A configuration in force, and its text in a sealed memory for the planes that are started under it.
#pragma once

#include "proxy/settings.h"

namespace understudy::supervisor {

class Configuration {
 public:
  explicit Configuration(Settings settings);  // throws std::system_error
  ~Configuration();
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  const Settings& settings() const { return settings_; }
  int descriptor() const { return fd_; }  // read-only

 private:
  Settings settings_;
  int fd_ = -1;
};

}  // namespace understudy::supervisor
