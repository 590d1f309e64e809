#include "proxy/shadow/exemplar.h"

#include <algorithm>

namespace understudy::shadow {
namespace {

store::ExemplarRequest request_of(const Exchange& exchange, const policy::Redaction& redaction) {
  store::ExemplarRequest request;
  request.method = exchange.request.method;
  request.scheme = exchange.request.scheme;
  request.authority = exchange.request.authority;
  request.target = exchange.request.target;
  for (const http::OwnedField& field : exchange.request.fields) request.fields.push_back({field.name, field.value});
  redaction.apply(request.fields);
  request.body.octets = exchange.body.beginning(store::exemplar_body_limit);
  request.body.length = exchange.body.size();
  request.body.cut = request.body.octets.size() < request.body.length;
  return request;
}

store::ExemplarResponse response_of(const Answer& answer, const policy::Redaction& redaction) {
  const auto seconds_to = [&answer](std::int64_t end_ns) {
    return end_ns < answer.started_ns ? -1.0 : static_cast<double>(end_ns - answer.started_ns) * 1e-9;
  };
  store::ExemplarResponse response;
  if (answer.state == Answer::State::failed) {
    response.failure = control::fail_reason_names[static_cast<std::size_t>(answer.failure)];
  }
  response.status = answer.response.status;
  response.fields = answer.response.fields;
  response.trailers = answer.response.trailers;
  redaction.apply(response.fields);
  redaction.apply(response.trailers);
  response.body.octets = answer.response.body.substr(0, store::exemplar_body_limit);
  response.body.length = answer.body.size();
  response.body.cut = response.body.octets.size() < response.body.length;
  response.first_byte_s = seconds_to(answer.head_ns);
  response.duration_s = seconds_to(answer.ended_ns);
  return response;
}

}  // namespace

store::Exemplar make_exemplar(const Copy& copy, const diff::Observation& observation,
                              const policy::Redaction& redaction, std::vector<diff::Finding> by_candidate,
                              std::vector<diff::Finding> by_secondary) {
  store::Exemplar exemplar;
  exemplar.id = observation.exchange_id;
  exemplar.time_us = observation.time_us;
  exemplar.endpoint = observation.endpoint;
  exemplar.request = request_of(copy.exchange, redaction);
  const auto put = [&](Role role, const Answer& answer) {
    if (answer.state == Answer::State::absent) return;
    exemplar.responses[static_cast<std::size_t>(role)] = response_of(answer, redaction);
  };
  put(Role::primary, copy.exchange.primary);
  put(Role::candidate, copy.candidate);
  put(Role::secondary, copy.secondary);
  exemplar.candidate_findings = std::move(by_candidate);
  exemplar.secondary_findings = std::move(by_secondary);
  return exemplar;
}

void hide_secrets(diff::Finding& finding, const policy::Redaction& redaction) {
  const std::string_view path = finding.path;
  const std::size_t colon = path.find(':');
  // Of cookies a finding has names and attributes alone (diff/set_cookie.h).
  if (path.ends_with(":set-cookie")) return;
  if (path.starts_with('/') || colon == std::string_view::npos || !redaction.hides(path.substr(colon + 1))) return;
  for (std::string* value : {&finding.primary_value, &finding.other_value}) {
    if (!value->empty()) *value = policy::redacted_text;
  }
}

}  // namespace understudy::shadow
