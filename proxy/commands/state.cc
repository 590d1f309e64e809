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

using Ask = HttpAnswer (*)(const Url&, const std::string&, const std::string&, std::chrono::milliseconds);

// The "detail" of a problem document, else nothing.
std::string detail_of(const std::string& body) {
  simdjson::dom::parser parser;
  simdjson::dom::object document;
  std::string_view detail;
  if (parser.parse(body).get(document) != simdjson::SUCCESS) return {};
  return document["detail"].get(detail) == simdjson::SUCCESS ? std::string(detail) : std::string();
}

bool fetch(const StateSource& source, Ask ask, const std::string& target, std::string& body, Problem& problem) {
  // "host:port" is what --admin of `run` takes; here it may be written so too.
  const bool has_scheme = source.admin.find("://") != std::string::npos;
  ParsedUrl url = parse_url(has_scheme ? source.admin : "http://" + source.admin);
  if (url.problem.empty() && url.value.scheme != "http")
    url.problem = "https is not there for operators; write \"http://" + url.value.authority + "\"";
  if (!url.problem.empty()) {
    problem.text = "--admin: " + url.problem;
    return false;
  }
  HttpAnswer answer = ask(url.value, target, source.token, answer_timeout);
  const std::string detail = answer.status >= 400 ? detail_of(answer.body) : std::string();
  problem.is_usage = answer.status == 404 && !source.run.empty() && !detail.empty();
  if (!answer.error.empty()) {
    problem.text =
        url.value.text + ": " + answer.error + "; start \"understudy run\", or name its admin.listen with --admin";
  } else if (problem.is_usage) {
    problem.text = "--run " + source.run + ": " + detail;
  } else if (answer.status == 401 || (answer.status == 403 && detail.empty())) {
    problem.text =
        url.value.text + ": refused without the right token; give admin.token with --token or in UNDERSTUDY_TOKEN";
  } else if (answer.status != 200) {
    problem.text = url.value.text + target + ": answered with status " + std::to_string(answer.status) +
                   (detail.empty() ? "; is this the admin.listen of an understudy of this version?" : ": " + detail);
  }
  body = std::move(answer.body);
  return problem.text.empty();
}

// A run's name needs no escapes.
std::string target_of(const std::string& path, const StateSource& source) {
  if (source.run.empty()) return path;
  return path + (path.find('?') == std::string::npos ? '?' : '&') + "run=" + source.run;
}

bool read_store(const StateSource& source, diff::ReportModel& model, Problem& problem) {
  const std::string& path = source.store;
  store::Reader reader(path);
  if (!reader.exists()) {
    problem.text = path + ": there is no such file; name the store.path of a run with --store";
    return false;
  }
  const std::shared_ptr<const store::Stored> stored = reader.read(source.run);
  const std::string error = reader.error();
  if (stored->written_us == 0) {
    std::string runs;
    for (const store::RunRow& run : reader.catalogue()->runs) runs += (runs.empty() ? "" : ", ") + run.name;
    problem.is_usage = error.empty() && !source.run.empty() && !runs.empty();
    problem.text = path + ": " +
                   (!error.empty()     ? error + "; name a store that can be read"
                    : problem.is_usage ? "there is no run " + source.run + "; there are: " + runs
                                       : "holds no run yet; wait for the first comparison");
    return false;
  }
  model = diff::make_report(stored->evidence, stored->run.diff, store::summarise(stored->ledger), stored->evidence_lost,
                            today(), stored->run.repeats_production());
  diff::tell_skipped(model, stored->evidence_skipped);
  model.snapshot = static_cast<std::uint64_t>(stored->written_us);
  model.run = stored->run.name;
  return true;
}

}  // namespace

bool fetch_report(const StateSource& source, Format format, std::string& report, Problem& problem) {
  problem = {};
  if (source.store.empty()) {
    const std::string path = format == Format::json ? "/api/v1/report?format=json" : "/api/v1/report?format=text";
    return fetch(source, http_get, target_of(path, source), report, problem);
  }
  diff::ReportModel model;
  if (!read_store(source, model, problem)) return false;
  report = format == Format::json ? diff::render_json(model) : diff::render_text(model, diff::TextOptions());
  return true;
}

bool fetch_verdict(const StateSource& source, bool with_open, GateState& state, Problem& problem) {
  problem = {};
  std::string json;
  if (source.store.empty()) {
    const std::string path = with_open ? "/api/v1/verdict?open=all" : "/api/v1/verdict";
    if (!fetch(source, http_get, target_of(path, source), json, problem)) return false;
  } else {
    diff::ReportModel model;
    if (!read_store(source, model, problem)) return false;
    diff::JsonWriter writer;
    diff::write_verdict(writer, model, with_open);
    json = writer.take();
  }
  if (parse_verdict(std::move(json), state)) return true;
  problem.text =
      source.admin +
      "/api/v1/verdict: the answer is no verdict; is this the admin.listen of an understudy of this version?";
  return false;
}

bool open_fresh_run(const StateSource& source, std::string& run, Problem& problem) {
  problem = {};
  std::string json;
  if (!fetch(source, http_post, "/api/v1/runs", json, problem)) return false;
  simdjson::dom::parser parser;
  simdjson::dom::object document;
  std::string_view name;
  if (parser.parse(json).get(document) != simdjson::SUCCESS || document["name"].get(name) != simdjson::SUCCESS) {
    problem.text = source.admin + "/api/v1/runs: the answer names no run; is this the admin.listen of an understudy?";
    return false;
  }
  run = name;
  return true;
}

namespace {

// Members that an older instance does not know stay as they are.
template <class Value>
void take(simdjson::dom::element parent, const char* pointer, Value& value) {
  Value found{};
  if (parent.at_pointer(pointer).get(found) == simdjson::SUCCESS) value = found;
}

void take_text(simdjson::dom::element parent, const char* pointer, std::string& text) {
  std::string_view found;
  take(parent, pointer, found);
  text = found;
}

bool take_list(simdjson::dom::element parent, const char* pointer, std::vector<std::string>& list) {
  simdjson::dom::array items;
  if (parent.at_pointer(pointer).get(items) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::element item : items) {
    std::string_view text;
    if (item.get(text) == simdjson::SUCCESS) list.emplace_back(text);
  }
  return true;
}

// They stand among the caveats too.
void take_rule_notes(simdjson::dom::element document, GateState& state) {
  simdjson::dom::array rules;
  if (document.at_pointer("/rules").get(rules) != simdjson::SUCCESS) return;
  for (const simdjson::dom::element rule : rules) {
    std::string note;
    take_text(rule, "/note", note);
    if (note.empty()) continue;
    std::erase(state.caveats, note);
    state.rule_notes.push_back(std::move(note));
  }
}

void take_more(simdjson::dom::element document, GateState& state) {
  take_text(document, "/run", state.run);
  take_list(document, "/caveats", state.caveats);
  take_rule_notes(document, state);
  state.has_open = take_list(document, "/open", state.open);
  take(document, "/progress/least_seconds", state.least_seconds);
  take(document, "/progress/most_seconds", state.most_seconds);
  take(document, "/progress/endpoints", state.endpoints);
  take(document, "/progress/judged", state.judged);
  take(document, "/only_undecided", state.only_undecided);
  take(document, "/proved/differences", state.proved);
  take(document, "/proved/transport", state.transport);
  take_text(document, "/candidate/url", state.candidate);
  take_text(document, "/candidate/silent_since", state.silent_since);
  take_text(document, "/candidate/failure", state.failure);
  take(document, "/candidate/failed", state.failed);
}

}  // namespace

bool parse_verdict(std::string json, GateState& state) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(json).get(document) != simdjson::SUCCESS) return false;
  GateState parsed;
  std::string_view verdict;
  if (document["verdict"].get(verdict) != simdjson::SUCCESS) return false;
  if (verdict != "pass" && verdict != "regression" && verdict != "inconclusive") return false;
  if (document["compared"].get(parsed.compared) != simdjson::SUCCESS) return false;
  if (document["needed"].get(parsed.needed) != simdjson::SUCCESS) return false;
  if (!take_list(document, "/reasons", parsed.reasons)) return false;
  take_more(document, parsed);
  parsed.verdict = verdict;
  parsed.json = std::move(json);
  state = std::move(parsed);
  return true;
}

}  // namespace understudy
