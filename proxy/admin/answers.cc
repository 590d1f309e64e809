#include "proxy/admin/answers.h"

#include <optional>
#include <span>
#include <vector>

#include "diff/report/json_writer.h"
#include "diff/report/render.h"
#include "proxy/admin/curl.h"
#include "proxy/admin/exposition.h"
#include "proxy/admin/har.h"
#include "proxy/admin/mirror_request.h"
#include "proxy/admin/page.h"
#include "proxy/admin/paging.h"
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

Response verdict(const diff::ReportModel& model, std::string_view open) {
  if (!open.empty() && open != "all") return problem(400, "open must be all: a line for each difference that is open");
  diff::JsonWriter writer;
  diff::write_verdict(writer, model, !open.empty());
  return json(writer.take());
}

Response endpoints(const diff::ReportModel& model, const Query& query) {
  const std::vector<diff::EndpointSummary>& rows = model.judgement.endpoints;
  Response response;
  const auto range = page_range(
      "/api/v1/endpoints", query, rows.size(), [&](std::size_t row) { return rows[row].endpoint; }, response);
  if (!range) return response;
  diff::JsonWriter writer;
  diff::write_endpoints(writer, std::span(rows).subspan(range->first, range->end - range->first));
  response = json(writer.take());
  add_link(response, *range);
  return response;
}

// What is no name must not read as a list that is empty. `count` names, by number; "" is no filter.
template <class NameOf>
std::optional<Response> refusal_of(std::string_view parameter_name, std::string_view value, std::size_t count,
                                   NameOf name_of) {
  std::string known;
  for (std::size_t i = 0; i < count; ++i) {
    if (value.empty() || value == name_of(i)) return std::nullopt;
    known.append(i == 0 ? "" : ", ").append(name_of(i));
  }
  return problem(400, "unknown " + std::string(parameter_name) + "; there are: " + known);
}

std::optional<Response> filter_refusal(const diff::DifferenceFilter& filter) {
  auto refusal = refusal_of("class", filter.difference_class, diff::difference_class_count,
                            [](std::size_t i) { return diff::name_of(static_cast<diff::DifferenceClass>(i)); });
  if (refusal) return refusal;
  constexpr auto verdicts = static_cast<std::size_t>(diff::DifferenceVerdict::ignored) + 1;
  return refusal_of("verdict", filter.verdict, verdicts,
                    [](std::size_t i) { return diff::name_of(static_cast<diff::DifferenceVerdict>(i)); });
}

Response differences(const diff::ReportModel& model, const Query& query) {
  const auto value = [&](std::string_view name) { return std::string(parameter(query, name)); };
  const diff::DifferenceFilter filter{value("endpoint"), value("class"), value("path"), value("verdict")};
  if (const auto refusal = filter_refusal(filter)) return *refusal;
  std::vector<const diff::Difference*> rows;
  for (const diff::Difference& difference : model.judgement.differences) {
    if (diff::selects(filter, difference)) rows.push_back(&difference);
  }
  Response response;
  const auto range = page_range(
      "/api/v1/differences", query, rows.size(), [&](std::size_t row) { return rows[row]->id; }, response);
  if (!range) return response;
  diff::JsonWriter writer;
  diff::write_differences(writer, std::span(rows).subspan(range->first, range->end - range->first));
  response = json(writer.take());
  add_link(response, *range);
  return response;
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

bool needs_store(Resource resource) {
  switch (resource) {
    case Resource::livez:
    case Resource::readyz:
    case Resource::metrics:
    case Resource::ledger:
    case Resource::mirror:
      return false;
    default:
      return true;
  }
}

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
      return {200,
              std::string(exposition_content_type),
              {},
              render_metrics(world.observed, world.processes, world.judgement)};
    case Resource::ledger:
      return json(control::to_json(world.observed.ledger));
    case Resource::verdict:
      return with_evidence(world, run,
                           [&](const auto& model) { return verdict(model, parameter(route.query, "open")); });
    case Resource::endpoints:
      return with_evidence(world, run, [&](const auto& model) { return endpoints(model, route.query); });
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
