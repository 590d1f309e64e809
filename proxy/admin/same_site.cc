#include "proxy/admin/same_site.h"

#include <arpa/inet.h>

#include "proxy/http/field.h"

namespace understudy::admin {
namespace {

// "[::1]:8881" -> "::1", "localhost:8881" -> "localhost".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? host : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

bool is_address(const std::string& name) {
  in6_addr address{};
  return inet_pton(AF_INET, name.c_str(), &address) == 1 || inet_pton(AF_INET6, name.c_str(), &address) == 1;
}

bool is_loopback_name(std::string_view name) {
  constexpr std::string_view localhost = "localhost", below = ".localhost";
  return http::equals_ignore_case(name, localhost) ||
         (name.size() > below.size() && http::equals_ignore_case(name.substr(name.size() - below.size()), below));
}

}  // namespace

std::string foreign_because(std::string_view host, std::string_view origin, std::string_view listen_host) {
  const std::string_view name = without_port(host);
  const bool is_ours = host.empty() || is_address(std::string(name)) || is_loopback_name(name) ||
                       http::equals_ignore_case(name, listen_host);
  if (!is_ours) return "Host names neither an address, localhost nor the host of admin.listen; ask by one of them";
  if (origin.empty()) return {};
  constexpr std::string_view scheme = "http://";
  const bool is_same =
      !host.empty() && origin.starts_with(scheme) && http::equals_ignore_case(origin.substr(scheme.size()), host);
  return is_same ? std::string() : "Origin is another site; only pages of this one may change anything";
}

}  // namespace understudy::admin
