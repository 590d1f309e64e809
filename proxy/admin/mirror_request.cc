#include "proxy/admin/mirror_request.h"

#include <simdjson.h>

#include "diff/report/json_writer.h"

namespace understudy::admin {
namespace {

constexpr double max_percent = 1000;

}  // namespace

std::variant<SwitchChange, std::string> parse_mirror_request(std::string_view body) {
  const simdjson::padded_string padded(body);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(padded).get(object) != simdjson::SUCCESS) {
    return "the body must be a JSON object such as {\"enabled\":false} or {\"percent\":12.5}";
  }
  SwitchChange change;
  for (const auto& [name, value] : object) {
    if (name == "enabled") {
      bool enabled = false;
      if (value.get(enabled) != simdjson::SUCCESS) return "enabled must be true or false";
      change.enabled = enabled;
    } else if (name == "percent") {
      double percent = 0;
      if (value.get(percent) != simdjson::SUCCESS || !(percent >= 0 && percent <= max_percent))
        return "percent must be a number from 0 to 1000";
      change.percent = percent;
    } else {
      return "unknown member \"" + std::string(name) + "\"; there are enabled and percent";
    }
  }
  if (!change.enabled && !change.percent) return "nothing to change: name enabled, percent or both";
  return change;
}

std::string mirror_json(const Observed& observed, const MirrorSettings& settings) {
  diff::JsonWriter json;
  json.begin_object().member("enabled", observed.enabled_set ? observed.enabled : settings.enabled);
  json.member("percent", observed.percent_set ? observed.percent : settings.percent).end_object();
  return json.take();
}

}  // namespace understudy::admin
