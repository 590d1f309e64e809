// Addresses in the configuration. See config_address.h.
#include "proxy/config_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "proxy/config_quote.h"

namespace understudy {
namespace {

constexpr std::size_t unix_path_max = 107;  // sockaddr_un::sun_path less its NUL

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

bool is_ipv4(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

// An IPv4 literal or a name of letters, digits, '-', '_' and '.'; what looks like a number in dots must be a literal.
bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.front() == '-') return false;
  const auto in_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  if (!std::all_of(host.begin(), host.end(), in_name)) return false;
  const bool numeric = host.find_first_not_of("0123456789.") == std::string_view::npos;
  return !numeric || is_ipv4(std::string(host));
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || text.empty() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

struct HostPort {
  std::string host;                      // without brackets, lower case
  std::optional<std::string_view> port;  // the text behind the colon
  std::string problem;
};

// Takes "host", "host:port", "[ipv6]" and "[ipv6]:port" apart.
HostPort split_host_port(std::string_view text) {
  HostPort result;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    result.host = lower(text.substr(1, close == std::string_view::npos ? close : close - 1));
    if (close == std::string_view::npos || !is_ipv6(result.host)) {
      result.problem = in_quotes(text) + " is no IPv6 address in brackets; write for example \"[::1]:8880\"";
      return result;
    }
    const std::string_view rest = text.substr(close + 1);
    if (rest.starts_with(':')) {
      result.port = rest.substr(1);
    } else if (!rest.empty()) {
      result.problem = in_quotes(text) + " has text behind the bracket; write for example \"[::1]:8880\"";
    }
    return result;
  }
  if (std::count(text.begin(), text.end(), ':') > 1) {
    result.problem =
        in_quotes(text) + " has more than one colon; put an IPv6 address in brackets, for example \"[::1]:8880\"";
    return result;
  }
  const std::size_t colon = text.find(':');
  result.host = lower(text.substr(0, colon));
  if (colon != std::string_view::npos) result.port = text.substr(colon + 1);
  if (!is_host_name(result.host)) {
    result.problem =
        in_quotes(result.host) + " is no host name or address; write for example \"127.0.0.1\" or \"orders.internal\"";
  }
  return result;
}

bool is_loopback_host(const std::string& host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_ipv4(host));
}

bool is_wildcard_host(const std::string& host) {
  return host == "0.0.0.0" || host == "::";
}

// "localhost" may be any of the loopback addresses; of two literals only the same one is the same host.
bool same_host(const std::string& a, const std::string& b) {
  return a == b || (a == "localhost" && is_loopback_host(b)) || (b == "localhost" && is_loopback_host(a));
}

}  // namespace

ParsedUrl parse_url(std::string_view text) {
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) {
    return {{},
            in_quotes(text) + " has no scheme; write " +
                in_quotes("http://" + std::string(text.empty() ? "host:port" : text))};
  }
  const std::string scheme = lower(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https")
    return {{}, "the scheme " + in_quotes(scheme) + " is not supported; write \"http://host:port\""};
  std::string_view rest = text.substr(scheme_end + 3);
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('@') != std::string_view::npos) {
    return {{},
            "credentials in a URL are not supported; remove what stands before the \"@\", and set a field in "
            "mirror.headers for the copies"};
  }
  if (const std::size_t path = rest.find_first_of("/?#"); path != std::string_view::npos) {
    return {{},
            in_quotes(text) + " has a path, but requests keep their own; write " +
                in_quotes(scheme + "://" + std::string(rest.substr(0, path)))};
  }
  if (rest.empty()) return {{}, in_quotes(text) + " names no host; write " + in_quotes(scheme + "://host:port")};
  HostPort parts = split_host_port(rest);
  if (!parts.problem.empty()) return {{}, parts.problem};
  Url url;
  url.scheme = scheme;
  const std::uint16_t usual_port = scheme == "https" ? 443 : 80;
  url.port = usual_port;
  if (parts.port) {
    const std::optional<std::uint16_t> port = parse_port(*parts.port);
    if (!port || *port == 0) return {{}, in_quotes(*parts.port) + " is no port; write a number from 1 to 65535"};
    url.port = *port;
  }
  url.host = std::move(parts.host);
  url.authority = url.host.find(':') == std::string::npos ? url.host : '[' + url.host + ']';
  if (url.port != usual_port) url.authority += ':' + std::to_string(url.port);
  url.text = text;
  return {url, {}};
}

std::string problem_of_host(std::string_view text) {
  if (is_host_name(lower(text)) || is_ipv6(lower(text))) return {};
  return in_quotes(text) + " is no host name or address; write for example \"orders.internal\"";
}

ParsedListen parse_listen(std::string_view text) {
  ListenAddress address;
  address.text = text;
  if (text.starts_with("unix:")) {
    address.unix_path = text.substr(5);
    if (!address.unix_path.starts_with('/')) {
      return {{}, in_quotes(text) + " is not absolute; write for example \"unix:/run/understudy/users.sock\""};
    }
    if (address.unix_path.size() > unix_path_max) {
      return {{}, "the path has more than " + std::to_string(unix_path_max) + " octets; choose a shorter one"};
    }
    return {address, {}};
  }
  if (text.find("://") != std::string_view::npos) {
    return {{}, in_quotes(text) + " is a URL; write \"host:port\" without a scheme"};
  }
  if (text.find_first_not_of("0123456789") == std::string_view::npos) {
    return {{},
            in_quotes(text) + " names no host; write for example " +
                in_quotes("127.0.0.1:" + std::string(text.empty() ? "8880" : text))};
  }
  if (text.starts_with(':') || text.starts_with("*:")) {
    const std::string port(text.substr(text.find(':') + 1));
    return {{},
            in_quotes(text) + " names no host; write " + in_quotes("0.0.0.0:" + port) + " for every IPv4 address, " +
                in_quotes("127.0.0.1:" + port) + " for this machine alone"};
  }
  HostPort parts = split_host_port(text);
  if (!parts.problem.empty()) return {{}, parts.problem};
  if (!parts.port)
    return {{}, in_quotes(text) + " has no port; write for example " + in_quotes(std::string(text) + ":8880")};
  const std::optional<std::uint16_t> port = parse_port(*parts.port);
  if (!port) return {{}, in_quotes(*parts.port) + " is no port; write a number from 0 to 65535"};
  address.host = std::move(parts.host);
  address.port = *port;
  return {address, {}};
}

bool is_loopback(const ListenAddress& address) {
  return !address.unix_path.empty() || is_loopback_host(address.host);
}

bool overlap(const ListenAddress& a, const ListenAddress& b) {
  if (!a.unix_path.empty() || !b.unix_path.empty()) return a.unix_path == b.unix_path;
  if (a.port == 0 || a.port != b.port) return false;
  return same_host(a.host, b.host) || is_wildcard_host(a.host) || is_wildcard_host(b.host);
}

bool reaches(const Url& url, const ListenAddress& listen) {
  if (!listen.unix_path.empty() || url.port != listen.port) return false;
  // To connect to a wildcard address is to connect to this machine.
  if (is_wildcard_host(listen.host)) return is_loopback_host(url.host) || is_wildcard_host(url.host);
  return same_host(url.host, listen.host) || (is_wildcard_host(url.host) && is_loopback_host(listen.host));
}

bool same_server(const Url& a, const Url& b) {
  return a.port == b.port && same_host(a.host, b.host);
}

}  // namespace understudy
