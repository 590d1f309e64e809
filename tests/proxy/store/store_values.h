// Values that the tests of this folder write and read back.
#pragma once

#include <string>

#include "diff/evidence/evidence.h"
#include "proxy/control/ledger.h"
#include "proxy/store/writer.h"

namespace understudy::store {

inline WriterOptions options_for(const std::string& path) {
  WriterOptions options;
  options.path = path;
  options.run.name = "1";
  options.run.why = "first";
  options.run.opened_us = 1'700'000'000'000'000;
  options.run.version = "1.2.3";
  options.run.started_us = 1'700'000'000'000'000;
  options.run.primary = "http://127.0.0.1:9001";
  options.run.candidate = "http://127.0.0.1:9002";
  options.run.diff.confidence = 0.95;
  options.run.diff.exclude = 0.02;
  options.run.diff.exclude_noisy = 0.1;
  options.run.diff.slower = 0.25;
  options.run.diff.ignore = {{"GET /a", "/clock", "a clock", "2030-01-01"}, {"", "header:date", "", ""}};
  options.run.diff.ignore.push_back({"", "/gone", "", "", diff::bit_of(diff::DifferenceClass::field_removed)});
  return options;
}

inline diff::Finding finding_at(const std::string& path, diff::DifferenceClass difference_class) {
  diff::Finding finding;
  finding.path = path;
  finding.difference_class = difference_class;
  finding.primary_pointer = path;
  finding.primary_value = "1";
  finding.other_value = "\"1\"";
  return finding;
}

// One compared exchange that differs at "/price"; without a secondary.
inline void record_difference(diff::Evidence& evidence, const std::string& endpoint, std::uint64_t exchange,
                              std::int64_t time_us) {
  const diff::Finding finding = finding_at("/price", diff::DifferenceClass::type_changed);
  diff::Observation observation;
  observation.endpoint = endpoint;
  observation.fingerprint = exchange;
  observation.exchange_id = exchange;
  observation.time_us = time_us;
  observation.candidate = {&finding, 1};
  observation.latency_s = {0.001, 0.002, -1};
  evidence.record(observation);
}

// A ledger with every account different from the others, and balanced.
inline control::Ledger distinct_ledger() {
  control::Ledger ledger;
  ledger.heldout = 7;
  ledger.in_flight = 5;
  ledger.eligible = ledger.in_flight;
  for (std::size_t i = 0; i < control::outcome_count; ++i) {
    ledger.outcomes[i] = 100 + i;
    ledger.eligible += 100 + i;
  }
  return ledger;
}

inline Exemplar exemplar_with(std::uint64_t id, std::int64_t time_us, std::string body = "{\"price\":1}") {
  Exemplar exemplar;
  exemplar.id = id;
  exemplar.time_us = time_us;
  exemplar.endpoint = "GET /orders/{id}";
  exemplar.request.method = "GET";
  exemplar.request.authority = "shop.example";
  exemplar.request.target = "/orders/7?x=1";
  exemplar.request.fields = {{"Accept", "application/json"}, {"Cookie", "[redacted]"}};
  ExemplarResponse& primary = exemplar.responses[0].emplace();
  primary.status = 200;
  primary.fields = {{"Content-Type", "application/json"}};
  primary.body.length = body.size();
  primary.body.octets = std::move(body);
  primary.first_byte_s = 0.001;
  primary.duration_s = 0.0015;
  ExemplarResponse& candidate = exemplar.responses[1].emplace();
  candidate.failure = "reset";
  exemplar.candidate_findings = {finding_at("/price", diff::DifferenceClass::type_changed)};
  return exemplar;
}

}  // namespace understudy::store
