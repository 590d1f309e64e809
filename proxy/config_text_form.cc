// What each string of the configuration may be. Every refusal ends in its remedy. See config_text_form.h.
#include "proxy/config_text_form.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "proxy/config_address.h"
#include "proxy/config_nearest.h"
#include "proxy/config_quote.h"
#include "proxy/http/characters.h"
#include "proxy/http/field.h"
#include "proxy/policy/glob.h"
#include "proxy/policy/redaction.h"

namespace understudy {
namespace {

// A text that is kept as it is once `problem_of` finds nothing wrong with it.
template <std::string (*problem_of)(std::string_view)>
std::string read_checked(std::string_view text, std::string& value) {
  std::string problem = problem_of(text);
  if (problem.empty()) value = text;
  return problem;
}

std::string write_as_it_is(const std::string& value) {
  return value;
}

template <std::string (*problem_of)(std::string_view)>
constexpr TextForm<std::string> checked_form{read_checked<problem_of>, write_as_it_is};

// One of a few names. `T` needs no order; the first name is the default's.
template <class T>
struct Choice {
  std::string_view name;
  T value;
};

template <class T, std::size_t n>
std::string read_choice(std::string_view text, const std::array<Choice<T>, n>& choices, T& value) {
  std::string names;
  for (const Choice<T>& choice : choices) {
    if (text == choice.name) {
      value = choice.value;
      return {};
    }
    names += (names.empty() ? "" : ", ") + in_quotes(choice.name);
  }
  return in_quotes(text) + " is not known; write one of " + names;
}

template <class T, std::size_t n>
std::string write_choice(const T& value, const std::array<Choice<T>, n>& choices) {
  for (const Choice<T>& choice : choices) {
    if (value == choice.value) return std::string(choice.name);
  }
  return {};
}

template <const auto& choices, class T>
constexpr TextForm<T> choice_form{[](std::string_view text, T& value) { return read_choice(text, choices, value); },
                                  [](const T& value) { return write_choice(value, choices); }};

constexpr std::array<Choice<CopyOrder>, 3> orders{
    {{"auto", CopyOrder::automatic}, {"connection", CopyOrder::connection}, {"none", CopyOrder::none}}};
constexpr std::array<Choice<diff::ArrayMode>, 3> array_modes{
    {{"auto", diff::ArrayMode::automatic}, {"ordered", diff::ArrayMode::ordered}, {"set", diff::ArrayMode::set}}};
constexpr std::array<Choice<bool>, 2> log_formats{{{"combined", false}, {"json", true}}};
constexpr std::array<Choice<std::string_view>, 4> log_levels{
    {{"debug", "debug"}, {"info", "info"}, {"warn", "warn"}, {"error", "error"}}};

std::string read_listen(std::string_view text, ListenAddress& value) {
  ParsedListen parsed = parse_listen(text);
  if (parsed.problem.empty()) value = std::move(parsed.value);
  return parsed.problem;
}

std::string read_url(std::string_view text, Url& value) {
  ParsedUrl parsed = parse_url(text);
  if (parsed.problem.empty()) value = std::move(parsed.value);
  return parsed.problem;
}

// "" stands for none and gives the empty value.
template <class T, std::string (*read)(std::string_view, T&)>
std::string read_optional(std::string_view text, T& value) {
  if (!text.empty()) return read(text, value);
  value = T();
  return {};
}

std::string read_sticky(std::string_view text, StickyKey& value) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const std::string_view name = text.substr(std::min(colon, text.size() - 1) + 1);
  if ((kind != "header" && kind != "cookie") || !http::is_token(name))
    return in_quotes(text) +
           " does not tell users apart; write \"header:NAME\" or \"cookie:NAME\", for example \"cookie:session\"";
  value = {kind == "header" ? StickyKey::Kind::header : StickyKey::Kind::cookie, std::string(name)};
  return {};
}

std::string write_sticky(const StickyKey& value) {
  if (value.kind == StickyKey::Kind::none) return {};
  return (value.kind == StickyKey::Kind::header ? "header:" : "cookie:") + value.name;
}

std::string write_listen(const ListenAddress& value) {
  return value.text;
}

std::string write_url(const Url& value) {
  return value.text;
}

std::string nothing_wrong(std::string_view) {
  return {};
}

std::string log_level_problem(std::string_view text) {
  std::string_view level;
  return read_choice(text, log_levels, level);
}

std::string path_glob_problem(std::string_view text) {
  const std::optional<std::string> problem = policy::glob_error(text);
  return problem ? *problem + "; write for example \"/orders/**\", or \"!/internal/**\" to exclude" : std::string();
}

std::string method_problem(std::string_view text) {
  if (text == "*") return {};
  if (!http::is_token(text)) return in_quotes(text) + " is no method; write for example \"GET\", or \"*\" for all";
  if (text == "CONNECT") return "CONNECT makes a tunnel and is never mirrored; remove it";
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  if (upper != text) return "methods are case-sensitive; write " + in_quotes(upper) + " instead of " + in_quotes(text);
  return {};
}

std::string mirror_host_problem(std::string_view text) {
  if (text == "keep" || text == "target") return {};
  if (!text.empty() && parse_url("http://" + std::string(text)).problem.empty() && !text.ends_with('/')) return {};
  return in_quotes(text) +
         " is no value for Host; write \"keep\", \"target\" or a literal such as \"orders.test:8080\"";
}

std::string field_name_problem(std::string_view text) {
  if (!http::is_token(text))
    return in_quotes(text) + " is no field name; use letters, digits and \"-\", for example \"X-Tenant\"";
  constexpr std::string_view ours[] = {"connection", "content-length",   "expect",
                                       "keep-alive", "proxy-connection", "te",
                                       "trailer",    "upgrade",          "transfer-encoding"};
  for (const std::string_view name : ours) {
    if (http::equals_ignore_case(text, name))
      return in_quotes(text) + " belongs to the connection and cannot be set or removed; choose another field";
  }
  if (http::equals_ignore_case(text, "host")) return "Host cannot be set or removed here; use mirror.host";
  return {};
}

std::string marker_problem(std::string_view text) {
  return text.empty() ? std::string() : field_name_problem(text);
}

std::string optional_field_name_problem(std::string_view text) {
  if (text.empty() || http::is_token(text)) return {};
  return in_quotes(text) + " is no field name; use letters, digits and \"-\", for example \"X-Build\"";
}

// As store::is_run_name, which the configuration does not know.
std::string run_name_problem(std::string_view text) {
  constexpr std::size_t longest = 64;
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
  if (text.size() <= longest && text.find_first_not_of(allowed) == std::string_view::npos) return {};
  return in_quotes(text) + " is no name of a run; use 1 to 64 letters, digits, \".\", \"_\" and \"-\"";
}

std::string field_value_problem(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), http::is_field_value_octet))
    return "a field value holds no line ends or control characters; remove them";
  if (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.back() == ' ' || text.back() == '\t')) {
    return "a field value has no white space at its ends; remove it";
  }
  return {};
}

std::string endpoint_template_problem(std::string_view text) {
  const std::size_t space = text.find(' ');
  const std::string_view path = space == std::string_view::npos ? text : text.substr(space + 1);
  const bool good_method = space == std::string_view::npos || http::is_token(text.substr(0, space));
  if (!good_method || !path.starts_with('/') || path.find_first_of(" ?#") != std::string_view::npos) {
    return in_quotes(text) + " is no path template; write for example \"/orders/{id}\" or \"GET /orders/{id}\"";
  }
  bool open = false;
  for (const char c : path) {
    if (c == (open ? '{' : '}') || (open && c == '/'))
      return in_quotes(text) + " has an unmatched brace; write for example \"/orders/{id}\"";
    if (c == '{' || c == '}') open = !open;
  }
  return open ? in_quotes(text) + " has an unmatched brace; write for example \"/orders/{id}\"" : std::string();
}

std::string ignored_endpoint_problem(std::string_view text) {
  if (!text.starts_with('/')) return {};
  return in_quotes(text) + " lacks the method; write for example " + in_quotes("GET " + std::string(text));
}

std::string ignored_path_problem(std::string_view text) {
  if (text == "status" || text == "body" || text == "latency" || text.starts_with('/')) return {};
  for (const std::string_view prefix : {"header:", "trailer:"}) {
    if (text.starts_with(prefix) && http::is_token(text.substr(prefix.size()))) return {};
  }
  return in_quotes(text) +
         " names no part of a response; write \"status\", \"body\", \"latency\", \"header:NAME\", \"trailer:NAME\" or "
         "a field pattern such as \"/items/*/price\"";
}

std::string read_class(std::string_view text, diff::DifferenceClass& value) {
  const std::optional<diff::DifferenceClass> known = diff::class_named(text);
  if (known) {
    value = *known;
    return {};
  }
  const std::vector<std::string_view> all = diff::names_of(~diff::ClassSet{0});
  const std::vector<std::string> names(all.begin(), all.end());
  return in_quotes(text) + " is no class of difference; did you mean " + in_quotes(nearest_key(text, names)) + "?";
}

std::string redaction_problem(std::string_view text) {
  const std::optional<std::string> problem = policy::redaction_error(text);
  return problem ? *problem + "; write for example \"header:authorization\"" : std::string();
}

std::string optional_host_problem(std::string_view text) {
  return text.empty() ? std::string() : problem_of_host(text);
}

std::string token_problem(std::string_view text) {
  const auto is_visible = [](char c) { return c > ' ' && c < 0x7f; };
  if (std::all_of(text.begin(), text.end(), is_visible)) return {};
  return "a token has no blanks, control characters or letters beyond ASCII; choose another";
}

}  // namespace

const TextForm<ListenAddress> listen_form{read_listen, write_listen};
const TextForm<ListenAddress> admin_listen_form{read_optional<ListenAddress, read_listen>, write_listen};
const TextForm<Url> url_form{read_url, write_url};
const TextForm<Url> optional_url_form{read_optional<Url, read_url>, write_url};
const TextForm<std::string> optional_host_form = checked_form<optional_host_problem>;
const TextForm<CopyOrder> order_form = choice_form<orders, CopyOrder>;
const TextForm<StickyKey> sticky_form{read_optional<StickyKey, read_sticky>, write_sticky};
const TextForm<diff::ArrayMode> arrays_form = choice_form<array_modes, diff::ArrayMode>;
const TextForm<diff::DifferenceClass> class_form{read_class, nullptr};  // diff::names_of() writes them
const TextForm<bool> log_format_form = choice_form<log_formats, bool>;

const TextForm<std::string> any_text_form = checked_form<nothing_wrong>;
const TextForm<std::string> log_level_form = checked_form<log_level_problem>;
const TextForm<std::string> path_glob_form = checked_form<path_glob_problem>;
const TextForm<std::string> method_form = checked_form<method_problem>;
const TextForm<std::string> mirror_host_form = checked_form<mirror_host_problem>;
const TextForm<std::string> marker_form = checked_form<marker_problem>;
const TextForm<std::string> optional_field_name_form = checked_form<optional_field_name_problem>;
const TextForm<std::string> run_name_form = checked_form<run_name_problem>;
const TextForm<std::string> copied_field_name_form = checked_form<field_name_problem>;
const TextForm<std::string> field_value_form = checked_form<field_value_problem>;
const TextForm<std::string> endpoint_template_form = checked_form<endpoint_template_problem>;
const TextForm<std::string> ignored_endpoint_form = checked_form<ignored_endpoint_problem>;
const TextForm<std::string> ignored_path_form = checked_form<ignored_path_problem>;
const TextForm<std::string> redaction_form = checked_form<redaction_problem>;
const TextForm<std::string> token_form = checked_form<token_problem>;

}  // namespace understudy
