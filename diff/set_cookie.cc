// Cookies read, paired by name and scope, and judged attribute by attribute. See the header.
#include "diff/set_cookie.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <limits>
#include <optional>

#include "diff/cookie_date.h"
#include "diff/field_syntax.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

// From the weakest. None sends a cookie everywhere; without the attribute some browsers do, others take Lax.
enum class SameSite : unsigned char { none, absent, lax, strict };
constexpr std::array<std::string_view, 4> same_site_shown{"SameSite=None", "no SameSite", "SameSite=Lax",
                                                          "SameSite=Strict"};

enum class Life : unsigned char { session, persistent, deletion };

struct Cookie {
  std::string name;
  std::string path;
  std::string domain;
  bool is_empty = false;
  bool secure = false;
  bool http_only = false;
  bool partitioned = false;
  SameSite same_site = SameSite::absent;
  Life life = Life::session;
  std::optional<std::int64_t> seconds;  // of a persistent one, if known
};

// A Date of neither response: what expires before this has been deleted.
constexpr std::int64_t long_past = 946'684'800;  // 2000-01-01

std::vector<Cookie> cookies_of(const CookieField& field);
Cookie cookie_of(std::string_view text, std::optional<std::int64_t> now);
void take_expires(Cookie& cookie, std::string_view value, std::optional<std::int64_t> now);
bool take_max_age(Cookie& cookie, std::string_view value);
std::string_view without_prefix(std::string_view name);
int strength_of_prefix(std::string_view name);

// What one finding says of all cookies.
struct Said {
  std::string primary;
  std::string other;
  void add(std::string_view name, const std::string& primary_text, const std::string& other_text) {
    add_to(primary, name, primary_text);
    add_to(other, name, other_text);
  }
  static void add_to(std::string& said, std::string_view name, const std::string& text) {
    if (!said.empty()) said += "; ";
    said += name;
    if (!text.empty()) said.append(": ").append(text);
  }
};

struct Judgement {
  Said lost;
  Said changed;
  std::string removed;
  std::string added;
  void judge(const Cookie& primary, const Cookie& other);
};

// Without "=" all of it is the value (RFC 6265bis 5.6), and there is no name to be told.
std::string_view name_of_pair(std::string_view pair) {
  const auto equals = pair.find('=');
  return equals == std::string_view::npos ? "(no name)" : trimmed(pair.substr(0, equals));
}

void append(std::string& list, std::string_view text) {
  if (!list.empty()) list += ", ";
  list += text;
}

// Takes the pairs for which `belong` holds out of both, each with the first that fits.
template <typename Belong>
void take_pairs(std::vector<Cookie>& primary, std::vector<Cookie>& other, Judgement& judgement, const Belong& belong) {
  for (auto cookie = primary.begin(); cookie != primary.end();) {
    const auto partner =
        std::find_if(other.begin(), other.end(), [&](const Cookie& candidate) { return belong(*cookie, candidate); });
    if (partner == other.end()) {
      ++cookie;
      continue;
    }
    judgement.judge(*cookie, *partner);
    other.erase(partner);
    cookie = primary.erase(cookie);
  }
}

}  // namespace

void compare_cookies(std::string_view path, const CookieField& primary, const CookieField& other,
                     std::vector<Finding>& findings) {
  std::vector<Cookie> primary_cookies = cookies_of(primary);
  std::vector<Cookie> other_cookies = cookies_of(other);
  Judgement judgement;
  const auto same_name = [](const Cookie& cookie, const Cookie& partner) { return cookie.name == partner.name; };
  take_pairs(primary_cookies, other_cookies, judgement, [&](const Cookie& cookie, const Cookie& partner) {
    return same_name(cookie, partner) && cookie.path == partner.path && cookie.domain == partner.domain;
  });
  take_pairs(primary_cookies, other_cookies, judgement, same_name);
  take_pairs(primary_cookies, other_cookies, judgement, [](const Cookie& cookie, const Cookie& partner) {
    return without_prefix(cookie.name) == without_prefix(partner.name);
  });
  for (const Cookie& cookie : primary_cookies) append(judgement.removed, cookie.name);
  for (const Cookie& cookie : other_cookies) append(judgement.added, cookie.name);

  const auto report = [&](DifferenceClass difference_class, const Said& said) {
    if (said.primary.empty() && said.other.empty()) return;
    findings.push_back(finding_at(path, difference_class, said.primary, said.other));
  };
  report(DifferenceClass::cookie_attribute, judgement.lost);
  report(DifferenceClass::header_removed, {judgement.removed, ""});
  report(DifferenceClass::header_added, {"", judgement.added});
  report(DifferenceClass::header_changed, judgement.changed);
}

std::string cookie_names(const std::vector<std::string_view>& values) {
  std::vector<std::string_view> names;
  for (const std::string_view value : values) names.push_back(name_of_pair(value.substr(0, value.find(';'))));
  std::sort(names.begin(), names.end());
  std::string result;
  for (const std::string_view name : names) append(result, name);
  return result;
}

namespace {

void Judgement::judge(const Cookie& primary, const Cookie& other) {
  std::string had;
  std::string has;
  std::string was;
  std::string is;
  const auto attribute = [&](bool before, bool now, std::string_view name) {
    if (before == now) return;
    append(before ? had : was, before ? std::string(name) : "no " + std::string(name));
    append(before ? has : is, now ? std::string(name) : "no " + std::string(name));
  };
  attribute(primary.secure, other.secure, "Secure");
  attribute(primary.http_only, other.http_only, "HttpOnly");
  attribute(primary.partitioned, other.partitioned, "Partitioned");
  const auto differ = [&](bool weaker, std::string_view before, std::string_view now) {
    append(weaker ? had : was, before);
    append(weaker ? has : is, now);
  };
  if (primary.same_site != other.same_site) {
    // Gone is None as well, but to a cookie that is to be sent everywhere that is no loss of protection.
    differ(other.same_site < primary.same_site, same_site_shown[static_cast<std::size_t>(primary.same_site)],
           same_site_shown[static_cast<std::size_t>(other.same_site)]);
  }
  if (primary.name != other.name) {
    const int strength = strength_of_prefix(primary.name);
    differ(strength_of_prefix(other.name) < strength, "named " + primary.name, "named " + other.name);
  }
  const auto scope = [&](std::string_view name, const std::string& before, const std::string& now) {
    if (before == now) return;
    const auto shown = [&](const std::string& value) {
      return value.empty() ? "no " + std::string(name) : std::string(name) + "=" + value;
    };
    differ(false, shown(before), shown(now));
  };
  if (primary.is_empty != other.is_empty) {
    const auto shown = [](const Cookie& cookie) { return cookie.is_empty ? "no value" : "a value"; };
    differ(false, shown(primary), shown(other));
  }
  scope("Path", primary.path, other.path);
  scope("Domain", primary.domain, other.domain);

  const auto is_far = [](std::int64_t seconds, std::int64_t more) { return seconds < more / 2 + more % 2; };
  const bool other_length = primary.seconds && other.seconds &&
                            (is_far(*primary.seconds, *other.seconds) || is_far(*other.seconds, *primary.seconds));
  if (primary.life != other.life || other_length) {
    const auto shown = [](const Cookie& cookie) -> std::string {
      if (cookie.life == Life::session) return "for the session";
      if (cookie.life == Life::deletion) return "deleted";
      return cookie.seconds ? "for " + std::to_string(*cookie.seconds) + " s" : "persistent";
    };
    differ(false, shown(primary), shown(other));
  }
  if (!had.empty()) lost.add(primary.name, had, has);
  if (!was.empty()) changed.add(primary.name, was, is);
}

std::vector<Cookie> cookies_of(const CookieField& field) {
  const std::optional<std::int64_t> now = cookie_date(field.date);
  std::vector<Cookie> cookies;
  cookies.reserve(field.values.size());
  for (const std::string_view value : field.values) cookies.push_back(cookie_of(value, now));
  return cookies;
}

// RFC 6265 5.2: of an attribute said twice the last counts, unknown ones are ignored, and Max-Age comes before Expires.
Cookie cookie_of(std::string_view text, std::optional<std::int64_t> now) {
  Cookie cookie;
  const auto end = text.find(';');
  const std::string_view pair = text.substr(0, end);
  cookie.name = name_of_pair(pair);
  cookie.is_empty = trimmed(pair.substr(std::min(pair.find('=') + 1, pair.size()))).empty();
  bool has_max_age = false;
  for (std::string_view rest = end == std::string_view::npos ? "" : text.substr(end + 1); !rest.empty();) {
    const auto next = std::min(rest.find(';'), rest.size());
    const Parameter attribute = parameter_of(rest.substr(0, next));
    rest.remove_prefix(std::min(next + 1, rest.size()));
    const std::string name = ascii_lower(attribute.name);
    if (name == "secure") {
      cookie.secure = true;
    } else if (name == "httponly") {
      cookie.http_only = true;
    } else if (name == "partitioned") {
      cookie.partitioned = true;
    } else if (name == "path") {
      cookie.path = attribute.value.starts_with('/') ? std::string(attribute.value) : std::string();
    } else if (name == "domain") {
      cookie.domain = ascii_lower(attribute.value.starts_with('.') ? attribute.value.substr(1) : attribute.value);
    } else if (name == "samesite") {
      const std::string value = ascii_lower(attribute.value);
      cookie.same_site = value == "strict" ? SameSite::strict
                         : value == "lax"  ? SameSite::lax
                         : value == "none" ? SameSite::none
                                           : SameSite::absent;
    } else if (name == "max-age") {
      has_max_age = take_max_age(cookie, attribute.value) || has_max_age;
    } else if (name == "expires" && !has_max_age) {
      take_expires(cookie, attribute.value, now);
    }
  }
  return cookie;
}

void take_expires(Cookie& cookie, std::string_view value, std::optional<std::int64_t> now) {
  const auto expires = cookie_date(value);
  if (!expires) return;
  cookie.life = *expires <= now.value_or(long_past) ? Life::deletion : Life::persistent;
  cookie.seconds = std::nullopt;
  if (now && cookie.life == Life::persistent) cookie.seconds = *expires - *now;
}

bool take_max_age(Cookie& cookie, std::string_view value) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc::invalid_argument || end != value.data() + value.size()) return false;
  const bool negative = value.starts_with('-');
  if (error == std::errc::result_out_of_range) seconds = negative ? 0 : std::numeric_limits<std::int64_t>::max();
  cookie.life = seconds <= 0 ? Life::deletion : Life::persistent;
  cookie.seconds = std::nullopt;
  if (cookie.life == Life::persistent) cookie.seconds = seconds;
  return true;
}

constexpr std::array<std::string_view, 2> prefixes{"__secure-", "__host-"};  // from the weaker

int strength_of_prefix(std::string_view name) {
  for (std::size_t i = 0; i < prefixes.size(); ++i) {
    if (equal_but_for_case(name.substr(0, prefixes[i].size()), prefixes[i])) return static_cast<int>(i) + 1;
  }
  return 0;
}

std::string_view without_prefix(std::string_view name) {
  const int strength = strength_of_prefix(name);
  return strength == 0 ? name : name.substr(prefixes[static_cast<std::size_t>(strength) - 1].size());
}

}  // namespace
}  // namespace understudy::diff
