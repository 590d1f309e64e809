#include "proxy/planes.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string_view>

#include "proxy/admin/plane.h"
#include "proxy/config.h"
#include "proxy/control/shared_memory.h"
#include "proxy/net/tls.h"
#include "proxy/shadow/plane.h"
#include "proxy/user/plane.h"

namespace understudy {
namespace {

constexpr int cannot_start = 4;
constexpr std::array<const char*, 3> process_names{"us-user", "us-shadow", "us-admin"};  // by Plane
constexpr std::string_view plane_argument = "plane=";

int say(const std::string& text) {
  std::fprintf(stderr, "understudy: %s\n", text.c_str());
  return cannot_start;
}

}  // namespace

bool is_plane_invocation(int argc, char** argv) {
  return argc > 1 && std::string_view(argv[1]).starts_with(plane_argument);
}

namespace {

std::string read_whole(int fd) {
  const control::Mapping text(fd, 0, control::size_of_memory(fd), control::Mapping::Access::read);
  return std::string(reinterpret_cast<const char*>(text.data()), text.size());
}

// The store belongs to the planes' user: the file is made or handed over while there are rights to do so. SQLite makes
// its -wal and -shm files beside it, so that user must be able to write into the directory.
void hand_over_store(const std::string& path, const passwd& owner) {
  const int store = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (store < 0) return;  // the store says what is wrong when it is opened
  [[maybe_unused]] int owned = ::fchown(store, owner.pw_uid, owner.pw_gid);
  ::close(store);
  for (const char* suffix : {"-wal", "-shm"}) owned = ::lchown((path + suffix).c_str(), owner.pw_uid, owner.pw_gid);
}

// Started as root, the planes run as server.user.
bool become_user(const Settings& settings, control::Plane plane, std::string& error) {
  const std::string& name = settings.server.user;
  const passwd* entry = ::getpwnam(name.c_str());
  if (!entry) {
    error = "server.user: no such user: " + name;
    return false;
  }
  if (plane == control::Plane::shadow) hand_over_store(settings.store.path, *entry);
  if (::initgroups(name.c_str(), entry->pw_gid) == 0 && ::setgid(entry->pw_gid) == 0 && ::setuid(entry->pw_uid) == 0) {
    // Without this /proc/self belongs to root from here on, and the shadow plane could not offer itself to the OOM
    // killer.
    ::prctl(PR_SET_DUMPABLE, 1);
    return true;
  }
  error = "cannot run as server.user " + name + ": " + std::strerror(errno);
  return false;
}

net::TlsClients tls_clients(const Settings& settings, control::Plane plane) {
  net::TlsClients clients;
  if (plane == control::Plane::shadow) {
    clients.candidate = net::TlsClient::of(settings.candidate);
    clients.secondary = net::TlsClient::of(settings.secondary);
  } else {
    clients.primary = net::TlsClient::of(settings.primary);
  }
  return clients;
}

int run_user(const Settings& settings, const PlaneDescriptors& descriptors, const net::TlsClients& tls) {
  user::PlaneResources resources;
  for (const PlaneDescriptors::Slot& slot : descriptors.slots)
    resources.threads.push_back({slot.listeners, slot.fd, slot.index});
  resources.shadow_accounts_fd = descriptors.shadow_accounts;
  resources.switch_fd = descriptors.switch_page;
  resources.lifeline_fd = descriptors.lifeline;
  resources.tls = tls;
  return user::run_user_plane(settings, resources);
}

int run_shadow(const Settings& settings, const PlaneDescriptors& descriptors, const net::TlsClients& tls) {
  shadow::PlaneResources resources;
  for (const PlaneDescriptors::Slot& slot : descriptors.slots) resources.slots.push_back({slot.index, slot.fd});
  resources.shadow_accounts_fd = descriptors.shadow_accounts;
  resources.switch_fd = descriptors.switch_page;
  resources.lifeline_fd = descriptors.lifeline;
  resources.tls = tls;
  return shadow::run_shadow_plane(settings, resources);
}

int run_admin(const Settings& settings, const PlaneDescriptors& descriptors, const net::TlsClients& tls) {
  admin::PlaneResources resources;
  for (const PlaneDescriptors::Slot& slot : descriptors.slots) {
    if (slot.index >= resources.slot_fds.size()) resources.slot_fds.resize(slot.index + 1, -1);
    resources.slot_fds[slot.index] = slot.fd;
  }
  resources.listener_fd = descriptors.listener;
  resources.switch_fd = descriptors.switch_page;
  resources.shadow_accounts_fd = descriptors.shadow_accounts;
  resources.supervisor_accounts_fd = descriptors.supervisor_accounts;
  resources.lifeline_fd = descriptors.lifeline;
  resources.tls = tls;
  return admin::run_admin_plane(settings, resources);
}

}  // namespace

int run_plane(int argc, char** argv) {
  PlaneDescriptors descriptors;
  if (!from_arguments({argv, argv + argc}, descriptors))
    return say(std::string(argv[0]) + " is started by `understudy run` alone");
  ::prctl(PR_SET_NAME, process_names[static_cast<std::size_t>(descriptors.plane)]);
  // The supervisor alone answers a terminal; it tells the planes when to leave. Its end is noticed by the lifeline.
  for (const int ignored : {SIGPIPE, SIGINT, SIGHUP}) ::signal(ignored, SIG_IGN);
  // Only what exec had to keep: a plane executes nothing.
  for (const int fd : descriptors.all()) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  try {
    const LoadedConfig config = parse_config(read_whole(descriptors.settings), "the effective configuration", {});
    if (!config.errors.empty()) return say(config.errors.front().to_string());
    const Settings& settings = config.settings;
    // A key is often root's alone.
    const net::TlsClients tls = tls_clients(settings, descriptors.plane);
    std::string error;
    if (::geteuid() == 0 && !settings.server.user.empty() && !become_user(settings, descriptors.plane, error))
      return say(error);
    switch (descriptors.plane) {
      case control::Plane::user:
        return run_user(settings, descriptors, tls);
      case control::Plane::shadow:
        return run_shadow(settings, descriptors, tls);
      case control::Plane::admin:
        return run_admin(settings, descriptors, tls);
    }
  } catch (const std::exception& exception) {
    return say(std::string(argv[0]) + ": " + exception.what());
  }
  return cannot_start;
}

// --- the argument vector ---------------------------------------------------------------------------------------------

std::vector<int> PlaneDescriptors::all() const {
  std::vector<int> list;
  for (const int fd : {settings, lifeline, switch_page, shadow_accounts, supervisor_accounts, listener}) {
    if (fd >= 0) list.push_back(fd);
  }
  for (const Slot& slot : slots) {
    list.push_back(slot.fd);
    list.insert(list.end(), slot.listeners.begin(), slot.listeners.end());
  }
  return list;
}

namespace {

struct NamedDescriptor {
  std::string_view name;
  int PlaneDescriptors::* member;
};
constexpr std::array<NamedDescriptor, 6> named_descriptors{{{"settings", &PlaneDescriptors::settings},
                                                            {"lifeline", &PlaneDescriptors::lifeline},
                                                            {"switch", &PlaneDescriptors::switch_page},
                                                            {"shadow", &PlaneDescriptors::shadow_accounts},
                                                            {"supervisor", &PlaneDescriptors::supervisor_accounts},
                                                            {"listener", &PlaneDescriptors::listener}}};

std::string text_of(const PlaneDescriptors::Slot& slot) {
  std::string text = "slot=" + std::to_string(slot.index) + ":" + std::to_string(slot.fd);
  for (std::size_t i = 0; i < slot.listeners.size(); ++i)
    text += (i == 0 ? ":" : ",") + std::to_string(slot.listeners[i]);
  return text;
}

// The number at the start of `text`, which is shortened by it and by the separator behind it, if any. -1: there is
// none.
int take_number(std::string_view& text) {
  int value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || value < 0) return -1;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty() && (text.front() == ':' || text.front() == ',')) text.remove_prefix(1);
  return value;
}

bool parse_slot(std::string_view text, PlaneDescriptors::Slot& slot) {
  const int index = take_number(text);
  slot.fd = take_number(text);
  if (index < 0 || static_cast<std::size_t>(index) >= control::max_slots || slot.fd < 0) return false;
  slot.index = static_cast<unsigned>(index);
  while (!text.empty()) {
    const int listener = take_number(text);
    if (listener < 0) return false;
    slot.listeners.push_back(listener);
  }
  return true;
}

bool parse_argument(std::string_view argument, PlaneDescriptors& descriptors) {
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view name = argument.substr(0, equals);
  std::string_view value = argument.substr(equals + 1);
  if (name == "slot") return parse_slot(value, descriptors.slots.emplace_back());
  for (const NamedDescriptor& named : named_descriptors) {
    if (named.name != name) continue;
    descriptors.*named.member = take_number(value);
    return descriptors.*named.member >= 0 && value.empty();
  }
  return false;
}

}  // namespace

std::vector<std::string> to_arguments(const PlaneDescriptors& descriptors) {
  const std::string name = process_names[static_cast<std::size_t>(descriptors.plane)];
  std::vector<std::string> arguments{name, std::string(plane_argument) + name};
  for (const NamedDescriptor& named : named_descriptors) {
    const int fd = descriptors.*named.member;
    if (fd >= 0) arguments.push_back(std::string(named.name) + "=" + std::to_string(fd));
  }
  for (const PlaneDescriptors::Slot& slot : descriptors.slots) arguments.push_back(text_of(slot));
  return arguments;
}

bool from_arguments(const std::vector<std::string>& arguments, PlaneDescriptors& descriptors) {
  descriptors = {};
  bool known = false;
  for (std::size_t plane = 0; plane < process_names.size(); ++plane) {
    if (arguments.size() < 2 || arguments[1] != std::string(plane_argument) + process_names[plane]) continue;
    descriptors.plane = static_cast<control::Plane>(plane);
    known = true;
  }
  for (std::size_t i = 2; known && i < arguments.size(); ++i) known = parse_argument(arguments[i], descriptors);
  return known && descriptors.settings >= 0 && descriptors.lifeline >= 0;
}

}  // namespace understudy
