// The effective configuration as plain values, with the defaults of the contract. Filled by proxy/config.cc from TOML
// and flags; read by the supervisor and by every plane at its start. A configuration never changes under a running
// plane.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "diff/settings.h"

namespace understudy {

using Milliseconds = std::chrono::milliseconds;

// An absolute http or https URL, split. `authority` is what goes into Host (the port only where it is not the
// scheme's).
struct Url {
  std::string scheme = "http";
  std::string host;  // without brackets
  std::uint16_t port = 80;
  std::string authority;
  std::string text;  // as the user wrote it

  bool operator==(const Url&) const = default;
};

// A listening address: "host:port", "[::]:port" or "unix:/path".
struct ListenAddress {
  std::string host;  // empty for unix
  std::uint16_t port = 0;
  std::string unix_path;
  std::string text;

  bool operator==(const ListenAddress&) const = default;
};

struct ServerSettings {
  std::vector<ListenAddress> listen;
  unsigned threads = 0;  // as configured; 0 = one per core
  Milliseconds drain{30'000};
  std::string user;
  std::uint32_t max_connections = 65536;
  std::uint32_t max_connections_per_address = 0;  // 0 = unlimited
  std::uint64_t max_memory = 256ull << 20;
  std::uint32_t max_header = 64u << 10;
  std::uint32_t max_fields = 128;
  std::uint64_t max_request_body = 0;  // 0 = unlimited
  std::uint64_t min_body_rate = 100;   // octets a second; 0 = none
  Milliseconds header_timeout{10'000};
  Milliseconds body_timeout{30'000};
  Milliseconds idle_timeout{75'000};
  Milliseconds tunnel_timeout{3'600'000};

  bool operator==(const ServerSettings&) const = default;
};

// Of https towards an upstream. Files are PEM.
struct TlsSettings {
  bool verify = true;
  std::string ca;           // whom to trust; "" = whom the system trusts
  std::string certificate;  // who we are; "" = nobody
  std::string key;
  std::string server_name;  // "" = the URL's host

  bool operator==(const TlsSettings&) const = default;
};

struct UpstreamSettings {
  Url url;
  Milliseconds connect_timeout{1'000};
  Milliseconds response_timeout{60'000};
  Milliseconds idle_timeout{55'000};
  Milliseconds body_timeout{30'000};
  std::uint32_t connections = 1024;
  TlsSettings tls;

  bool operator==(const UpstreamSettings&) const = default;
};

// Candidate or secondary. What of UpstreamSettings is not given, but for url and tls, is the primary's
// (proxy/config_rules.cc): a copy may take as long as production may.
struct ShadowTargetSettings : UpstreamSettings {
  bool configured = false;
  bool repeats_production = false;  // secondary only: it is production itself, asked a second time
  Milliseconds deadline{30'000};
  std::uint64_t response_size = 64ull << 20;
  double share = 1.0;   // secondary only
  double budget = 0.0;  // secondary only: a second; 0 = unlimited
  Milliseconds confirm_after{
      3'000};                  // secondary only, where it is production itself; 0 = differences are not asked again
  std::string version_header;  // candidate only: the response field that names the build; "" = none
  std::string run;             // candidate only: whose evidence is gathered; "" = numbered

  bool operator==(const ShadowTargetSettings&) const = default;
};

enum class CopyOrder { automatic, connection, none };

// What tells whole users apart (mirror.sticky): a request's header field, or one of its cookies.
struct StickyKey {
  enum class Kind : std::uint8_t { none, header, cookie };
  Kind kind = Kind::none;
  std::string name;

  bool operator==(const StickyKey&) const = default;
};

struct MirrorSettings {
  bool enabled = true;
  double percent = 100.0;
  double rate = 0.0;
  std::vector<std::string> paths{"/**"};
  std::vector<std::string> methods{"GET", "HEAD", "OPTIONS"};
  CopyOrder order = CopyOrder::automatic;
  StickyKey sticky;
  double holdout = 1.0;
  std::string host = "keep";
  std::string marker = "Understudy-Role";
  std::vector<std::pair<std::string, std::string>> set_headers;
  std::vector<std::string> remove_headers;
  std::uint64_t memory = 64ull << 20;
  std::uint32_t in_flight = 1024;
  std::uint64_t body = 1ull << 20;
  int niceness = 19;
  bool idle_scheduling = false;  // niceness = "idle"
  std::uint64_t memory_limit = 1ull << 30;

  bool operator==(const MirrorSettings&) const = default;
};

struct AdminSettings {
  bool configured = true;  // listen = "" switches the plane's listener off
  ListenAddress listen;
  std::string token;

  bool operator==(const AdminSettings&) const = default;
};

struct StoreSettings {
  std::string path = "understudy.db";  // "" = memory only
  std::uint64_t exemplars = 256ull << 20;
  std::chrono::seconds retention{14 * 86400};
  std::vector<std::string> redact{"header:authorization", "header:cookie", "header:set-cookie", "header:x-api-key"};

  bool operator==(const StoreSettings&) const = default;
};

struct LogSettings {
  std::string access;  // file, "-" = stdout, "" = none
  bool json = false;
  std::string level = "info";  // debug | info | warn | error

  bool operator==(const LogSettings&) const = default;
};

struct Settings {
  ServerSettings server;
  UpstreamSettings primary;
  ShadowTargetSettings candidate;
  ShadowTargetSettings secondary;
  MirrorSettings mirror;
  diff::Settings diff;
  AdminSettings admin;
  StoreSettings store;
  LogSettings log;

  bool operator==(const Settings&) const = default;
};

}  // namespace understudy
