#include "proxy/supervisor/configuration.h"

#include <unistd.h>

#include <cstring>
#include <string>
#include <utility>

#include "proxy/config.h"
#include "proxy/control/shared_memory.h"

namespace understudy::supervisor {

Configuration::Configuration(Settings settings) : settings_(std::move(settings)) {
  const std::string text = dump_config(settings_);
  const int writable = control::create_shared_memory("settings", text.size());
  const control::Mapping memory(writable, 0, text.size(), control::Mapping::Access::write);
  std::memcpy(memory.data(), text.data(), text.size());
  fd_ = control::read_only_descriptor(writable);
  ::close(writable);
}

Configuration::~Configuration() {
  ::close(fd_);
}

}  // namespace understudy::supervisor
