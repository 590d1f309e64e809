// What ties keys together: defaults that follow from other keys, and combinations that cannot work. Called by config.cc
// after file and flags.
#include <pwd.h>

#include <algorithm>
#include <string>

#include "proxy/config_address.h"
#include "proxy/config_draft.h"
#include "proxy/http/method.h"
#include "proxy/net/tls.h"

namespace understudy {
namespace {

constexpr double repeated_share =
    0.02;  // of mirrored exchanges, where the secondary is production itself: every one is extra load there
constexpr double repeated_budget = 10;  // a second

// A copy may take as long as production may, unless somebody says otherwise: production's values are the defaults.
void settle_limits(ConfigDraft& draft, const std::string& section, ShadowTargetSettings& target) {
  const UpstreamSettings& primary = draft.settings.primary;
  const auto settle = [&](const char* key, auto& value, const auto& default_value) {
    if (!draft.is_given(section + '.' + key)) value = default_value;
  };
  settle("connect_timeout", target.connect_timeout, primary.connect_timeout);
  settle("response_timeout", target.response_timeout, primary.response_timeout);
  settle("idle_timeout", target.idle_timeout, primary.idle_timeout);
  settle("body_timeout", target.body_timeout, primary.body_timeout);
  settle("connections", target.connections, primary.connections);
}

void settle_secondary(ConfigDraft& draft) {
  ShadowTargetSettings& secondary = draft.settings.secondary;
  secondary.configured = !secondary.url.text.empty();
  if (!secondary.configured) {
    if (draft.is_given("secondary") && !draft.is_given("secondary.url")) {
      draft.mistake("secondary", "has no url; write url = \"http://host:port\", or remove the section");
    }
    secondary = ShadowTargetSettings();
    return;
  }
  settle_limits(draft, "secondary", secondary);
  secondary.repeats_production = same_server(secondary.url, draft.settings.primary.url);
  if (!secondary.repeats_production) return;
  if (!draft.is_given("secondary.share")) secondary.share = repeated_share;
  if (!draft.is_given("secondary.budget")) secondary.budget = repeated_budget;
}

void check_listeners(ConfigDraft& draft) {
  const std::vector<ListenAddress>& users = draft.settings.server.listen;
  for (std::size_t i = 0; i < users.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!overlap(users[i], users[j])) continue;
      draft.mistake("server.listen",
                    '"' + users[i].text + "\" and \"" + users[j].text + "\" are the same address; remove one of them");
    }
  }
  const ListenAddress& admin = draft.settings.admin.listen;
  for (const ListenAddress& address : users) {
    if (!draft.settings.admin.configured || !overlap(admin, address)) continue;
    const char* key =
        draft.is_given("admin.listen") || !draft.is_given("server.listen") ? "admin.listen" : "server.listen";
    draft.mistake(key, "users and operators cannot share the address \"" + address.text +
                           "\"; give admin.listen a port of its own");
  }
}

void check_admin(ConfigDraft& draft) {
  AdminSettings& admin = draft.settings.admin;
  admin.configured = !admin.listen.text.empty();
  if (!admin.configured || is_loopback(admin.listen) || !admin.token.empty()) return;
  draft.mistake("admin.listen", '"' + admin.listen.text +
                                    "\" can be reached from other machines; set admin.token, or listen on 127.0.0.1");
}

// A request that comes back to where it came from would go round for ever; copies are told by their marker.
void check_loops(ConfigDraft& draft) {
  const Settings& settings = draft.settings;
  for (const ListenAddress& address : settings.server.listen) {
    if (reaches(settings.primary.url, address)) {
      draft.mistake("primary.url", '"' + settings.primary.url.text +
                                       "\" is our own server.listen; name the address of production itself");
    }
    if (!settings.mirror.marker.empty()) continue;
    const auto check_copies = [&](const char* key, const ShadowTargetSettings& target) {
      if (!target.configured || !reaches(target.url, address)) return;
      draft.mistake(key,
                    '"' + target.url.text +
                        "\" is our own server.listen, and without mirror.marker copies would be copied for ever; set "
                        "mirror.marker or another url");
    };
    check_copies("candidate.url", settings.candidate);
    check_copies("secondary.url", settings.secondary);
  }
}

// What the keys of a section's tls say together.
void check_tls(ConfigDraft& draft, const std::string& section, const UpstreamSettings& upstream) {
  const TlsSettings& tls = upstream.tls;
  if (tls.certificate.empty() != tls.key.empty()) {
    const std::string missing = tls.key.empty() ? "key" : "certificate";
    draft.mistake(section + ".tls", "has no " + missing + "; a certificate and its key go together");
  }
  if (upstream.url.scheme != "https" && tls != TlsSettings()) {
    draft.warnings.push_back(section + ".tls is set, but " + section + ".url is \"" + upstream.url.text +
                             "\", so nothing is encrypted; write https:// for TLS");
  }
}

void check_user(ConfigDraft& draft) {
  const std::string& user = draft.settings.server.user;
  if (user.empty() || getpwnam(user.c_str()) != nullptr) return;
  draft.mistake("server.user", "there is no user \"" + user + "\" on this machine; create it, or leave it empty");
}

void warn_of_reordered_writes(ConfigDraft& draft) {
  const MirrorSettings& mirror = draft.settings.mirror;
  const auto is_write = [](const std::string& method) { return !http::is_safe(method); };  // "*" names them too
  if (mirror.order != CopyOrder::none || !std::any_of(mirror.methods.begin(), mirror.methods.end(), is_write)) return;
  draft.warnings.push_back(
      "mirror.order is \"none\" while mirror.methods names writes: copies may reach the candidate in another order "
      "than the "
      "requests reached production; use \"auto\"");
}

void check_tls_files(ConfigDraft& draft, const std::string& section, const UpstreamSettings& upstream) {
  const std::shared_ptr<const net::TlsClient> tls = net::TlsClient::of(upstream);
  if (!tls || tls->problem().text.empty()) return;
  const std::string key = tls->problem().key;
  const TlsSettings& names = upstream.tls;
  const std::string& file = key == "ca" ? names.ca : key == "key" ? names.key : names.certificate;
  draft.mistake(section + ".tls." + key,
                '"' + file + "\" cannot be used: " + tls->problem().text +
                    "; name a file in PEM form that can be read, its key without a passphrase");
}

}  // namespace

void check_files(ConfigDraft& draft) {
  check_tls_files(draft, "primary", draft.settings.primary);
  check_tls_files(draft, "candidate", draft.settings.candidate);
  if (draft.settings.secondary.configured) check_tls_files(draft, "secondary", draft.settings.secondary);
}

void apply_rules(ConfigDraft& draft) {
  settle_limits(draft, "candidate", draft.settings.candidate);
  settle_secondary(draft);
  check_admin(draft);
  check_listeners(draft);
  check_loops(draft);
  check_tls(draft, "primary", draft.settings.primary);
  check_tls(draft, "candidate", draft.settings.candidate);
  if (draft.settings.secondary.configured) check_tls(draft, "secondary", draft.settings.secondary);
  check_user(draft);
  warn_of_reordered_writes(draft);
}

}  // namespace understudy
