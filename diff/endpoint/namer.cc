// The name of an endpoint, from the most to the least certain source. See namer.h.
#include "diff/endpoint/namer.h"

#include <algorithm>

#include "diff/endpoint/segment.h"
#include "diff/text_tools.h"

namespace understudy::diff {
namespace {

constexpr std::size_t name_octets_limit = 200;
constexpr std::size_t segments_limit = 24;  // deeper paths end in "/…"

// The field's value if it can serve as a name: printable and not endless (it may come from a user).
std::string_view usable_field(const std::vector<Field>& fields, std::string_view name) {
  for (const Field& field : fields) {
    if (!equal_but_for_case(field.name, name)) continue;
    const bool printable = std::none_of(field.value.begin(), field.value.end(),
                                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
    if (!field.value.empty() && field.value.size() <= name_octets_limit && printable) return field.value;
  }
  return {};
}

bool starts_with_method(std::string_view value) {
  const std::size_t space = value.find(' ');
  return space != std::string_view::npos && space > 0 &&
         std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(space),
                     [](char c) { return c >= 'A' && c <= 'Z'; });
}

// The path of a request target in any of its forms (RFC 9112 3.2); "*" stays "*".
std::string_view path_of(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  if (const std::size_t scheme = target.find("://"); scheme != std::string_view::npos && !target.starts_with('/')) {
    target.remove_prefix(std::min(target.find('/', scheme + 3), target.size()));
  }
  return target.empty() ? "/" : target;
}

std::string generalize_path(std::string_view path) {
  std::string general;
  std::size_t segments = 0;
  while (path.starts_with('/')) {
    if (++segments > segments_limit || general.size() > name_octets_limit) {
      return general + "/…";
    }
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    general += '/';
    general += generalize_segment(path.substr(0, end));
    path.remove_prefix(end);
  }
  return general + std::string(path.substr(
                       0, name_octets_limit));  // what does not start with "/": "*", or "host:port" of CONNECT
}

}  // namespace

EndpointNamer::EndpointNamer(const std::vector<std::string>& templates) {
  for (const std::string& text : templates) {
    templates_.add(text);
  }
}

std::string_view EndpointNamer::name(const Request& request, const std::vector<Field>& fields) {
  return bounded(full_name(request, fields));
}

void EndpointNamer::admit(std::string_view name) {
  if (names_.size() < endpoint_limit && name != other_endpoint) {
    names_.emplace(name);
  }
}

std::string EndpointNamer::full_name(const Request& request, const std::vector<Field>& fields) const {
  std::string_view given = usable_field(request.fields, naming_request_field);
  if (given.empty()) {
    given = usable_field(fields, "x-action-name");
  }
  const std::string prefix = request.method + ' ';
  if (!given.empty()) {
    return starts_with_method(given) ? std::string(given) : prefix + std::string(given);
  }
  const std::string_view path = path_of(request.target);
  if (const auto known = templates_.match(request.method, path)) {
    return prefix + std::string(*known);
  }
  return prefix + generalize_path(path);
}

std::string_view EndpointNamer::bounded(const std::string& name) {
  if (const auto known = names_.find(name); known != names_.end()) {
    return *known;
  }
  if (names_.size() >= endpoint_limit) {
    ++overflowed_;
    return other_endpoint;
  }
  return *names_.insert(name).first;
}

}  // namespace understudy::diff
