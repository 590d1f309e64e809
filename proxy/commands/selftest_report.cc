// See selftest_report.h.
#include "proxy/commands/selftest_report.h"

#include <simdjson.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace understudy {
namespace {

using Element = simdjson::dom::element;

bool read(simdjson::simdjson_result<Element> element, std::string& value) {
  std::string_view text;
  if (element.get(text) != simdjson::SUCCESS) return false;
  value = text;
  return true;
}

bool read(simdjson::simdjson_result<Element> element, std::uint64_t& value) {
  return element.get(value) == simdjson::SUCCESS;
}

bool read_row(Element element, SelftestRow& row) {
  return read(element["endpoint"], row.endpoint) && read(element["path"], row.path) &&
         read(element["class"], row.difference_class) && read(element["severity"], row.severity) &&
         read(element["verdict"], row.verdict) && read(element["reason"], row.reason) &&
         read(element["count"], row.count) && read(element["compared"], row.compared) &&
         read(element["noise"], row.noise) && read(element["triples"], row.triples) &&
         element["gates"].get(row.gates) == simdjson::SUCCESS && read(element["example"]["primary"], row.one_value) &&
         read(element["example"]["candidate"], row.other_value);
}

double share(std::uint64_t count, std::uint64_t of) {
  return of == 0 ? 0 : std::min(static_cast<double>(count) / static_cast<double>(of), 1.0);
}

}  // namespace

double SelftestRow::rate() const {
  return std::max(share(count, compared), share(noise, triples));
}

bool parse_selftest_report(const std::string& json, SelftestReport& report) {
  simdjson::dom::parser parser;
  Element document;
  if (parser.parse(json).get(document) != simdjson::SUCCESS) return false;
  SelftestReport parsed;
  simdjson::dom::array reasons, endpoints, differences;
  if (!read(document["verdict"], parsed.verdict) || !read(document["compared"], parsed.compared) ||
      !read(document["needed"], parsed.needed) || document["reasons"].get(reasons) != simdjson::SUCCESS ||
      document["endpoints"].get(endpoints) != simdjson::SUCCESS ||
      document["differences"].get(differences) != simdjson::SUCCESS) {
    return false;
  }
  for (const Element reason : reasons) {
    std::string_view text;
    if (reason.get(text) == simdjson::SUCCESS) parsed.reasons.emplace_back(text);
  }
  for (const Element endpoint : endpoints) {
    std::string name;
    std::uint64_t compared = 0;
    if (!read(endpoint["endpoint"], name) || !read(endpoint["compared"], compared)) return false;
    parsed.endpoints[name] = compared;
  }
  for (const Element difference : differences) {
    if (!read_row(difference, parsed.rows.emplace_back())) return false;
  }
  report = std::move(parsed);
  return true;
}

}  // namespace understudy
