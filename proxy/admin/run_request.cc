#include "proxy/admin/run_request.h"

#include <simdjson.h>

#include <algorithm>

#include "diff/report/json_writer.h"
#include "proxy/store/exemplar.h"

namespace understudy::admin {
namespace {

void write_run(diff::JsonWriter& json, const store::RunRow& run, bool is_current) {
  const auto time = [&](std::string_view name, std::int64_t time_us) {
    json.key(name);
    if (time_us > 0) {
      json.value(store::utc_time(time_us));
    } else {
      json.null();
    }
  };
  json.begin_object().member("name", run.name).member("current", is_current);
  time("opened", run.opened_us);
  time("closed", is_current ? 0 : run.closed_us);
  json.member("why", run.why).member("build", run.build).member("candidate", run.candidate);
  json.member("compared", run.compared).member("evidence_skipped", run.evidence_skipped).key("verdict");
  if (run.verdict.empty()) {
    json.null();
  } else {
    json.value(run.verdict);
  }
  json.end_object();
}

// One that was opened so lately that no snapshot of it is there yet has its name alone.
store::RunRow row_of(const store::Catalogue& catalogue, std::string_view name) {
  const auto known = std::ranges::find(catalogue.runs, name, &store::RunRow::name);
  if (known != catalogue.runs.end()) return *known;
  store::RunRow row;
  row.name = name;
  return row;
}

}  // namespace

std::variant<NamedRun, std::string> parse_run_request(std::string_view body) {
  const std::string problem =
      "the body must be a JSON object such as {\"name\":\"v2\"}; a name is " + std::string(store::run_name_rule);
  const simdjson::padded_string padded(body);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(padded).get(object) != simdjson::SUCCESS) return problem;
  std::string_view name;
  if (object.size() != 1 || object["name"].get(name) != simdjson::SUCCESS || !store::is_run_name(name)) return problem;
  return NamedRun{std::string(name)};
}

std::string fresh_run_problem(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return {};
  const simdjson::padded_string padded(body);
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  const bool is_empty = parser.parse(padded).get(object) == simdjson::SUCCESS && object.size() == 0;
  return is_empty ? std::string() : "a fresh run is numbered; send no body, or name one with PUT /api/v1/run";
}

std::string run_json(const store::Catalogue& catalogue, std::string_view current) {
  diff::JsonWriter json;
  write_run(json, row_of(catalogue, current), true);
  return json.take();
}

std::string runs_json(const store::Catalogue& catalogue, std::string_view current) {
  diff::JsonWriter json;
  json.begin_array();
  bool is_listed = current.empty();
  for (const store::RunRow& run : catalogue.runs) {
    is_listed = is_listed || run.name == current;
    write_run(json, run, run.name == current);
  }
  if (!is_listed) write_run(json, row_of(catalogue, current), true);
  json.end_array();
  return json.take();
}

std::string list_of(const store::Catalogue& catalogue, std::string_view current) {
  std::string list;
  bool is_listed = current.empty();
  const auto add = [&](std::string_view name) {
    list.append(list.empty() ? "" : ", ").append(name).append(name == current ? " (current)" : "");
  };
  for (const store::RunRow& run : catalogue.runs) {
    is_listed = is_listed || run.name == current;
    add(run.name);
  }
  if (!is_listed) add(current);
  return list.empty() ? "none" : list;
}

}  // namespace understudy::admin
