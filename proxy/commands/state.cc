// The state of a run, over HTTP or from the file. See state.h.
#include "proxy/commands/state.h"

#include <simdjson.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <utility>

#include "diff/report/model.h"
#include "diff/report/render.h"
#include "proxy/commands/http_get.h"
#include "proxy/config_address.h"
#include "proxy/store/ledger_summary.h"
#include "proxy/store/reader.h"

namespace understudy {
namespace {

constexpr std::chrono::seconds answer_timeout{30};

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &parts);
  return text;
}

bool fetch(const StateSource& source, const std::string& target, std::string& body, std::string& problem) {
  // "host:port" is what --admin of `run` takes; here it may be written so too.
  const bool has_scheme = source.admin.find("://") != std::string::npos;
  ParsedUrl url = parse_url(has_scheme ? source.admin : "http://" + source.admin);
  if (url.problem.empty() && url.value.scheme != "http")
    url.problem = "https is not there for operators; write \"http://" + url.value.authority + "\"";
  if (!url.problem.empty()) {
    problem = "--admin: " + url.problem;
    return false;
  }
  HttpAnswer answer = http_get(url.value, target, source.token, answer_timeout);
  if (!answer.error.empty()) {
    problem =
        url.value.text + ": " + answer.error + "; start \"understudy run\", or name its admin.listen with --admin";
  } else if (answer.status == 401 || answer.status == 403) {
    problem =
        url.value.text + ": refused without the right token; give admin.token with --token or in UNDERSTUDY_TOKEN";
  } else if (answer.status != 200) {
    problem = url.value.text + target + ": answered with status " + std::to_string(answer.status) +
              "; is this the admin.listen of an understudy of this version?";
  }
  body = std::move(answer.body);
  return problem.empty();
}

bool read_store(const std::string& path, diff::ReportModel& model, std::string& problem) {
  store::Reader reader(path);
  if (!reader.exists()) {
    problem = path + ": there is no such file; name the store.path of a run with --store";
    return false;
  }
  const std::shared_ptr<const store::Stored> stored = reader.read();
  if (stored->written_us == 0) {
    problem = path + ": " +
              (reader.error().empty() ? "holds no run yet; wait for the first comparison"
                                      : reader.error() + "; name a store that can be read");
    return false;
  }
  model = diff::make_report(stored->evidence, stored->run.diff, store::summarise(stored->ledger), stored->evidence_lost,
                            today());
  return true;
}

}  // namespace

bool fetch_report(const StateSource& source, Format format, std::string& report, std::string& problem) {
  if (source.store.empty()) {
    return fetch(source, format == Format::json ? "/api/v1/report?format=json" : "/api/v1/report?format=text", report,
                 problem);
  }
  diff::ReportModel model;
  if (!read_store(source.store, model, problem)) return false;
  report = format == Format::json ? diff::render_json(model) : diff::render_text(model, diff::TextOptions());
  return true;
}

bool fetch_verdict(const StateSource& source, GateState& state, std::string& problem) {
  std::string json;
  if (source.store.empty()) {
    if (!fetch(source, "/api/v1/verdict", json, problem)) return false;
  } else {
    diff::ReportModel model;
    if (!read_store(source.store, model, problem)) return false;
    diff::JsonWriter writer;
    diff::write_verdict(writer, model);
    json = writer.take();
  }
  if (parse_verdict(std::move(json), state)) return true;
  problem = source.admin +
            "/api/v1/verdict: the answer is no verdict; is this the admin.listen of an understudy of this version?";
  return false;
}

bool parse_verdict(std::string json, GateState& state) {
  simdjson::dom::parser parser;
  simdjson::dom::object document;
  if (parser.parse(json).get(document) != simdjson::SUCCESS) return false;
  GateState parsed;
  std::string_view verdict;
  simdjson::dom::array reasons;
  if (document["verdict"].get(verdict) != simdjson::SUCCESS) return false;
  if (verdict != "pass" && verdict != "regression" && verdict != "inconclusive") return false;
  if (document["compared"].get(parsed.compared) != simdjson::SUCCESS) return false;
  if (document["needed"].get(parsed.needed) != simdjson::SUCCESS) return false;
  if (document["reasons"].get(reasons) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element reason : reasons) {
    std::string_view text;
    if (reason.get(text) == simdjson::SUCCESS) parsed.reasons.emplace_back(text);
  }
  parsed.verdict = verdict;
  parsed.json = std::move(json);
  state = std::move(parsed);
  return true;
}

}  // namespace understudy
