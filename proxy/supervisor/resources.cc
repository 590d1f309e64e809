#include "proxy/supervisor/resources.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace understudy::supervisor {
namespace {

std::vector<ListenAddress> admin_addresses(const Settings& settings) {
  return settings.admin.configured ? std::vector{settings.admin.listen} : std::vector<ListenAddress>{};
}

}  // namespace

Resources::Resources() {
  if (::pipe2(lifeline_, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
}

Resources::~Resources() {
  for (const int end : lifeline_) ::close(end);
}

bool Resources::open_addresses(const Settings& settings, std::vector<std::string>& opened, std::string& error) {
  std::vector<std::string> addresses;
  if (!users_.open(settings.server.listen, addresses, error)) return false;
  for (const std::string& address : addresses) opened.push_back("listening on " + address);
  addresses.clear();
  if (!operators_.open(admin_addresses(settings), addresses, error)) return false;
  for (const std::string& address : addresses) opened.push_back("admin on http://" + address);
  return true;
}

void Resources::close_addresses_but(const Settings& settings) {
  users_.keep_only(settings.server.listen);
  operators_.keep_only(admin_addresses(settings));
}

PlaneDescriptors Resources::for_plane(control::Plane plane, const Configuration& configuration,
                                      const std::vector<unsigned>& slots_of_plane) const {
  const Settings& settings = configuration.settings();
  const bool user = plane == control::Plane::user;
  const bool shadow = plane == control::Plane::shadow;
  const bool admin = plane == control::Plane::admin;
  PlaneDescriptors handed;
  handed.plane = plane;
  handed.settings = configuration.descriptor();
  handed.lifeline = lifeline_[0];
  handed.switch_page = admin ? switch_page.writable() : switch_page.readable();
  handed.shadow_accounts = shadow ? shadow_accounts.writable() : shadow_accounts.readable();
  if (admin) handed.supervisor_accounts = accounts.readable();
  if (admin && settings.admin.configured) handed.listener = operators_.of_thread({settings.admin.listen}, 0, 1).front();
  const auto threads = static_cast<unsigned>(slots_of_plane.size());
  for (unsigned i = 0; i < threads; ++i) {
    const unsigned index = slots_of_plane[i];
    PlaneDescriptors::Slot slot{index, user ? slots.writable(index) : slots.readable(index), {}};
    if (user) slot.listeners = users_.of_thread(settings.server.listen, i, threads);
    handed.slots.push_back(std::move(slot));
  }
  return handed;
}

}  // namespace understudy::supervisor
