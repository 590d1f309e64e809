#include "proxy/admin/answers.h"

#include "diff/report/json_writer.h"
#include "diff/report/render.h"
#include "proxy/admin/curl.h"
#include "proxy/admin/exposition.h"
#include "proxy/admin/har.h"
#include "proxy/admin/mirror_request.h"
#include "proxy/admin/page.h"
#include "proxy/admin/run_request.h"
#include "proxy/control/ledger.h"

namespace understudy::admin {
namespace {

constexpr const char* plain_text = "text/plain; charset=utf-8";

Response json(std::string body) {
  return {200, "application/json", {}, std::move(body)};
}

// The evidence cannot be read: an answer without it would look like a pass.
template <class Render>
Response with_evidence(World& world, const std::string& run, Render render) {
  const diff::ReportModel* model = world.reports.model(world.observed, run);
  if (!world.reports.fault().empty()) return problem(503, "the store cannot be read: " + world.reports.fault());
  if (!model)
    return problem(404, "there is no run of that name; there are: " +
                            list_of(*world.reports.catalogue(world.observed), world.observed.run));
  return render(*model);
}

template <class Render>
Response with_runs(World& world, Render render) {
  const auto catalogue = world.reports.catalogue(world.observed);
  if (!world.reports.fault().empty()) return problem(503, "the store cannot be read: " + world.reports.fault());
  return json(render(*catalogue, world.observed.run));
}

Response readiness(const World& world) {
  return world.unready_because.empty() ? json("{\"status\":\"ready\"}") : problem(503, world.unready_because);
}

std::string metrics(World& world) {
  const diff::ReportModel* model = world.reports.model(world.observed);
  return render_metrics(world.observed, world.processes, world.reports.fault().empty() ? model : nullptr);
}

Response verdict(const diff::ReportModel& model, std::string_view open) {
  if (!open.empty() && open != "all") return problem(400, "open must be all: a line for each difference that is open");
  diff::JsonWriter writer;
  diff::write_verdict(writer, model, !open.empty());
  return json(writer.take());
}

Response endpoints(const diff::ReportModel& model) {
  diff::JsonWriter writer;
  diff::write_endpoints(writer, model.judgement.endpoints);
  return json(writer.take());
}

Response differences(const diff::ReportModel& model, const Query& query) {
  const auto value = [&](std::string_view name) { return std::string(parameter(query, name)); };
  diff::JsonWriter writer;
  diff::write_differences(writer, model.judgement.differences,
                          {value("endpoint"), value("class"), value("path"), value("verdict")});
  return json(writer.take());
}

Response report(const diff::ReportModel& model, std::string_view format) {
  if (format.empty() || format == "text") return {200, plain_text, {}, diff::render_text(model, {})};
  if (format == "json") return json(diff::render_json(model));
  return problem(400, "format must be text or json");
}

Response page(const diff::ReportModel& model, const World& world) {
  Response response{200, "text/html; charset=utf-8", {}, render_page(model, world.settings, world.observed)};
  response.fields.emplace_back("Content-Security-Policy", page_security_policy);
  return response;
}

Response exchange(const Route& route, World& world) {
  const std::optional<store::Exemplar> exemplar = world.reports.exemplar(route.exchange_id);
  if (!exemplar) return problem(404, "no exemplar of that id is kept (any more)");
  switch (route.form) {
    case ExchangeForm::har:
      return json(render_har(*exemplar));
    case ExchangeForm::curl: {
      const Url& url = world.settings.candidate.url;
      return {200, plain_text, {}, render_curl(*exemplar, url.scheme + "://" + url.authority)};
    }
    case ExchangeForm::json:
      break;
  }
  return json(store::encode_json(*exemplar));
}

}  // namespace

Response answer(const Route& route, World& world) {
  if (route.refusal) return *route.refusal;
  const std::string run(parameter(route.query, "run"));
  switch (route.resource) {
    case Resource::page:
      return with_evidence(world, {}, [&](const auto& model) { return page(model, world); });
    case Resource::livez:
      return json("{\"status\":\"alive\"}");
    case Resource::readyz:
      return readiness(world);
    case Resource::metrics:
      return {200, std::string(exposition_content_type), {}, metrics(world)};
    case Resource::ledger:
      return json(control::to_json(world.observed.ledger));
    case Resource::verdict:
      return with_evidence(world, run,
                           [&](const auto& model) { return verdict(model, parameter(route.query, "open")); });
    case Resource::endpoints:
      return with_evidence(world, run, endpoints);
    case Resource::differences:
      return with_evidence(world, run, [&](const auto& model) { return differences(model, route.query); });
    case Resource::exchange:
      return exchange(route, world);
    case Resource::mirror:
      return json(mirror_json(world.observed, world.settings.mirror));
    case Resource::run:
      if (world.observed.run.empty()) return problem(503, "no run is open yet: the shadow plane is just starting");
      return with_runs(world, run_json);
    case Resource::runs:
      return with_runs(world, runs_json);
    case Resource::report:
      return with_evidence(world, run,
                           [&](const auto& model) { return report(model, parameter(route.query, "format")); });
  }
  return problem(404, "there is no such resource");
}

}  // namespace understudy::admin
