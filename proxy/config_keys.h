// Every key of the configuration, once: its name, where its value lives in Settings, and what it may be. Two visitors
// walk it: the reader (config_toml.cc, TOML -> Settings) and the writer (config_dump.cc, Settings -> TOML). A new key
// is one line here and one in conf/understudy.toml.
//
// A visitor has these members; `name` is the key within its section, `value` a place in Settings (const for the
// writer):
//   section(name, body)                 a table, [name]; body() visits its keys
//   optional_section(name, given, body) the same; the writer leaves it out unless `given`
//   inline_table(name, body)            a table that is written on one line
//   flag(name, value)                   true or false
//   number(name, value, range)          any number
//   count(name, value, range)           a whole number
//   size(name, value, range)            "64KiB"
//   duration(name, value, range)        "250ms"; of milliseconds or of seconds
//   text(name, value, form)             a string; `form` reads and writes it
//   texts(name, value, form, needed)    a list of strings; `needed`: what to write where it must not be empty, else ""
//   fields(name, value)                 a table of field names and values
//   niceness(name, mirror)              0 to 19, or "idle"
//   ignore_rules(name, value)           a list of tables
//   reserved(name, reason)              a string that this edition accepts only empty
#pragma once

#include <chrono>
#include <cstdint>

#include "proxy/config_text_form.h"
#include "proxy/settings.h"

namespace understudy {

struct Range {
  double least;
  double most;
  bool open = false;   // both ends excluded
  bool above = false;  // the lower end alone is excluded

  constexpr bool holds(double number) const {
    return (open || above ? number > least : number >= least) && (open ? number < most : number <= most);
  }
};

inline constexpr Range threads_range{0, 128};  // the tap has slots for two generations of so many
inline constexpr Range percent_range{0, 1000};

namespace config_ranges {
inline constexpr double kib = 1024, mib = 1024 * kib, gib = 1024 * mib, tib = 1024 * gib;
inline constexpr double second = 1'000, day = 86'400 * second;
inline constexpr Range timeout{1, day};
inline constexpr Range connections{1, 1'000'000};
}  // namespace config_ranges

inline constexpr const char* tls_is_missing =
    "TLS towards users is not there yet; leave it empty, and let a TLS-terminating proxy stand in front";

template <class Visitor, class S>
void visit_server(Visitor& visit, S& server);
template <class Visitor, class S>
void visit_upstream(Visitor& visit, S& upstream, const TextForm<Url>& form);
template <class Visitor, class S>
void visit_shadow_target(Visitor& visit, S& target, const TextForm<Url>& form);
template <class Visitor, class S>
void visit_mirror(Visitor& visit, S& mirror);
template <class Visitor, class S>
void visit_diff(Visitor& visit, S& diff);

// `S` is Settings or const Settings.
template <class Visitor, class S>
void visit_keys(Visitor& visit, S& settings) {
  visit.section("server", [&] { visit_server(visit, settings.server); });
  visit.section("primary", [&] { visit_upstream(visit, settings.primary, url_form); });
  visit.section("candidate", [&] {
    visit_shadow_target(visit, settings.candidate, url_form);
    visit.text("version_header", settings.candidate.version_header, optional_field_name_form);
    visit.text("run", settings.candidate.run, run_name_form);
  });
  visit.optional_section("secondary", settings.secondary.configured, [&] {
    visit_shadow_target(visit, settings.secondary, optional_url_form);
    visit.number("share", settings.secondary.share, Range{0, 1});
    visit.number("budget", settings.secondary.budget, Range{0, 1e6});
    visit.duration("confirm_after", settings.secondary.confirm_after, Range{0, 600 * config_ranges::second});
  });
  visit.section("mirror", [&] { visit_mirror(visit, settings.mirror); });
  visit.section("diff", [&] { visit_diff(visit, settings.diff); });
  visit.section("admin", [&] {
    visit.text("listen", settings.admin.listen, admin_listen_form);
    visit.text("token", settings.admin.token, token_form);
  });
  visit.section("store", [&] {
    visit.text("path", settings.store.path, any_text_form);
    visit.size("exemplars", settings.store.exemplars, Range{0, config_ranges::tib});
    visit.duration("retention", settings.store.retention, Range{config_ranges::second, 3'650 * config_ranges::day});
    visit.texts("redact", settings.store.redact, redaction_form, "");
  });
  visit.section("log", [&] {
    visit.text("access", settings.log.access, any_text_form);
    visit.text("format", settings.log.json, log_format_form);
    visit.text("level", settings.log.level, log_level_form);
  });
}

template <class Visitor, class S>
void visit_server(Visitor& visit, S& server) {
  using namespace config_ranges;
  visit.texts("listen", server.listen, listen_form, "[\"127.0.0.1:8880\"]");
  visit.count("threads", server.threads, threads_range);
  visit.duration("drain", server.drain, Range{0, day});
  visit.text("user", server.user, any_text_form);
  visit.inline_table("tls", [&] {
    visit.reserved("certificate", tls_is_missing);
    visit.reserved("key", tls_is_missing);
  });
  visit.section("limits", [&] {
    visit.count("connections", server.max_connections, connections);
    visit.count("connections_per_address", server.max_connections_per_address, Range{0, connections.most});
    visit.size("memory", server.max_memory, Range{1 * mib, tib});
    visit.size("header", server.max_header, Range{1 * kib, 16 * mib});
    visit.count("fields", server.max_fields, Range{1, 10'000});
    visit.size("request_body", server.max_request_body, Range{0, 1'024 * tib});
    visit.size("body_rate", server.min_body_rate, Range{0, gib});
  });
  visit.section("timeouts", [&] {
    visit.duration("header", server.header_timeout, timeout);
    visit.duration("body", server.body_timeout, timeout);
    visit.duration("idle", server.idle_timeout, timeout);
    visit.duration("tunnel", server.tunnel_timeout, timeout);
  });
}

// What primary, candidate and secondary have in common.
template <class Visitor, class S>
void visit_upstream(Visitor& visit, S& upstream, const TextForm<Url>& form) {
  using namespace config_ranges;
  visit.text("url", upstream.url, form);
  visit.duration("connect_timeout", upstream.connect_timeout, timeout);
  visit.duration("response_timeout", upstream.response_timeout, timeout);
  visit.duration("idle_timeout", upstream.idle_timeout, timeout);
  visit.duration("body_timeout", upstream.body_timeout, timeout);
  visit.count("connections", upstream.connections, connections);
  visit.inline_table("tls", [&] {
    visit.flag("verify", upstream.tls.verify);
    visit.text("ca", upstream.tls.ca, any_text_form);
    visit.text("certificate", upstream.tls.certificate, any_text_form);
    visit.text("key", upstream.tls.key, any_text_form);
    visit.text("server_name", upstream.tls.server_name, optional_host_form);
  });
}

template <class Visitor, class S>
void visit_shadow_target(Visitor& visit, S& target, const TextForm<Url>& form) {
  visit_upstream(visit, target, form);
  visit.duration("deadline", target.deadline, config_ranges::timeout);
  visit.size("response_size", target.response_size, Range{config_ranges::kib, config_ranges::tib});
}

template <class Visitor, class S>
void visit_mirror(Visitor& visit, S& mirror) {
  using namespace config_ranges;
  visit.flag("enabled", mirror.enabled);
  visit.number("percent", mirror.percent, percent_range);
  visit.number("rate", mirror.rate, Range{0, 1e9});
  visit.texts("paths", mirror.paths, path_glob_form, "[\"/**\"] for all");
  visit.texts("methods", mirror.methods, method_form, "[\"GET\", \"HEAD\", \"OPTIONS\"]");
  visit.text("order", mirror.order, order_form);
  visit.text("sticky", mirror.sticky, sticky_form);
  visit.number("holdout", mirror.holdout, Range{0, 100});
  visit.text("host", mirror.host, mirror_host_form);
  visit.text("marker", mirror.marker, marker_form);
  visit.inline_table("headers", [&] {
    visit.fields("set", mirror.set_headers);
    visit.texts("remove", mirror.remove_headers, copied_field_name_form, "");
  });
  visit.size("memory", mirror.memory, Range{64 * kib, tib});
  visit.count("in_flight", mirror.in_flight, Range{1, 1'000'000});
  visit.size("body", mirror.body, Range{0, gib});
  visit.niceness("niceness", mirror);
  visit.size("memory_limit", mirror.memory_limit, Range{32 * mib, 16 * tib});
}

template <class Visitor, class S>
void visit_diff(Visitor& visit, S& diff) {
  visit.number("confidence", diff.confidence, Range{0.5, 1, true});
  visit.flag("headers", diff.headers);
  visit.text("arrays", diff.arrays, arrays_form);
  visit.number("tolerance", diff.tolerance, Range{0, 1});
  constexpr Range excluded{0, 0.5, false, true};
  visit.number("exclude", diff.exclude, excluded);
  visit.number("exclude_noisy", diff.exclude_noisy, excluded);
  visit.number("slower", diff.slower, Range{0, 1});
  visit.ignore_rules("ignore", diff.ignore);
  visit.texts("endpoints", diff.endpoints, endpoint_template_form, "");
}

}  // namespace understudy
