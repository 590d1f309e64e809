#include "proxy/admin/routes.h"

#include <algorithm>
#include <array>

#include "proxy/admin/authorization.h"
#include "proxy/admin/same_site.h"
#include "proxy/http/head.h"
#include "proxy/http/query.h"
#include "proxy/store/exemplar.h"

namespace understudy::admin {
namespace {

struct Entry {
  std::string_view path;
  Resource resource;
  bool open = false;              // without a token
  std::string_view writing = "";  // PUT or POST
  std::string_view parameters = "";
};

constexpr std::array<Entry, 12> entries{{
    {"/", Resource::page},
    {"/livez", Resource::livez, true},
    {"/readyz", Resource::readyz, true},
    {"/metrics", Resource::metrics},
    {"/api/v1/ledger", Resource::ledger},
    {"/api/v1/verdict", Resource::verdict, false, "", "run open"},
    {"/api/v1/endpoints", Resource::endpoints, false, "", "run"},
    {"/api/v1/differences", Resource::differences, false, "", "run endpoint class path verdict"},
    {"/api/v1/mirror", Resource::mirror, false, "PUT"},
    {"/api/v1/report", Resource::report, false, "", "run format"},
    {"/api/v1/run", Resource::run, false, "PUT"},
    {"/api/v1/runs", Resource::runs, false, "POST"},
}};
constexpr Entry exchange_entry{"/api/v1/exchanges/", Resource::exchange};

const Entry* find_entry(std::string_view path) {
  if (path.starts_with(exchange_entry.path)) return &exchange_entry;
  const auto found =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.path == path; });
  return found == entries.end() ? nullptr : &*found;
}

// "17", "17.har", "17.curl".
bool read_exchange(std::string_view name, Route& route) {
  constexpr std::string_view har = ".har", curl = ".curl";
  if (name.ends_with(har)) {
    route.form = ExchangeForm::har;
    name.remove_suffix(har.size());
  } else if (name.ends_with(curl)) {
    route.form = ExchangeForm::curl;
    name.remove_suffix(curl.size());
  }
  route.exchange_id = store::parse_exemplar_id(name).value_or(0);
  return route.exchange_id != 0;
}

bool is_word_of(std::string_view words, std::string_view word) {
  for (std::string_view rest = words; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (rest.substr(0, end) == word) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

// A misspelt parameter must not read as "no filter".
std::optional<Response> read_query(std::string_view target, const Entry& entry, Query& query) {
  auto pairs = http::parse_query(http::query_of(target));
  if (!pairs) return problem(400, "the query is not well-formed percent-encoding");
  query = std::move(*pairs);
  if (entry.parameters.empty()) return std::nullopt;
  for (const auto& [name, value] : query) {
    if (!is_word_of(entry.parameters, name))
      return problem(400, "unknown parameter \"" + name + "\"; there are: " + std::string(entry.parameters));
  }
  return std::nullopt;
}

Response method_not_allowed(const Entry& entry) {
  Response response = problem(405, "this resource does not have that method");
  response.fields.emplace_back("Allow", "GET, HEAD" + (entry.writing.empty() ? "" : ", " + std::string(entry.writing)));
  return response;
}

Response unauthorized() {
  Response response = problem(401, "send \"Authorization: Bearer <token>\" with the token of admin.token");
  response.fields.emplace_back("WWW-Authenticate", "Bearer realm=\"understudy\"");
  return response;
}

}  // namespace

Route route(const Request& request, std::string_view token, std::string_view listen_host) {
  Route route;
  const std::string_view path = http::path_of(request.target);
  const Entry* entry = find_entry(path);
  // Who may not ask is not told what there is.
  if (!(entry && entry->open) && !is_authorized(request.authorization, token)) {
    route.refusal = unauthorized();
    return route;
  }
  if (!entry || (entry == &exchange_entry && !read_exchange(path.substr(exchange_entry.path.size()), route))) {
    route.refusal = problem(404, "there is no such resource");
    return route;
  }
  route.resource = entry->resource;
  route.writes = !entry->writing.empty() && request.method == entry->writing;
  if (!route.writes && request.method != "GET" && request.method != "HEAD") {
    route.refusal = method_not_allowed(*entry);
    return route;
  }
  if (route.writes) {
    const std::string foreign = foreign_because(request.host, request.origin, listen_host);
    if (!foreign.empty()) {
      route.refusal = problem(403, foreign);
      return route;
    }
  }
  route.refusal = read_query(request.target, *entry, route.query);
  return route;
}

std::string_view parameter(const Query& query, std::string_view name) {
  const auto found = std::find_if(query.begin(), query.end(), [&](const auto& pair) { return pair.first == name; });
  return found == query.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace understudy::admin
