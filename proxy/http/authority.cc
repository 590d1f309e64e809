#include "proxy/http/authority.h"

#include "proxy/http/characters.h"

namespace understudy::http {
namespace {

constexpr CharacterClass name_characters = alphanumeric_and("-._~!$&'()*+;=");
constexpr CharacterClass address_characters = alphanumeric_and(":.");

bool is_registered_name(std::string_view name) {
  if (consists_of(name_characters, name)) return !name.empty();
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (is_in(name_characters, name[i])) continue;
    if (name[i] != '%' || name.size() - i < 3 || hex_value(name[i + 1]) < 0 || hex_value(name[i + 2]) < 0) return false;
    i += 2;
  }
  return true;
}

bool is_port(std::string_view port) {
  unsigned value = 0;
  for (const char c : port) {
    if (c < '0' || c > '9') return false;
    value = value * 10 + static_cast<unsigned>(c - '0');
    if (value > 65535) return false;
  }
  return port.size() <= 5;
}

}  // namespace

bool is_valid_authority(std::string_view authority) {
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (host.find(':') == std::string_view::npos || !consists_of(address_characters, host)) return false;
  } else {
    const std::size_t colon = authority.find(':');
    host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    if (!is_registered_name(host)) return false;
  }
  return port.empty() || (port.front() == ':' && is_port(port.substr(1)));
}

}  // namespace understudy::http
