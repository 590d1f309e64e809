// The JSON of the report and of the admin API. Names as in the contract; what is added to it says what the counts mean.
// See render.h.
#include <algorithm>

#include "diff/report/render.h"
#include "diff/report/words.h"

namespace understudy::diff {
namespace {

constexpr std::size_t open_endpoints_limit = 100;  // of the progress; GET /api/v1/endpoints has all
constexpr std::array<std::string_view, role_count> role_names{"primary", "candidate", "secondary"};

void write_counts(JsonWriter& writer, const std::map<std::string, std::uint64_t>& counts) {
  writer.begin_object();
  for (const auto& [name, count] : counts) {
    writer.member(name, count);
  }
  writer.end_object();
}

// With what there is to say of the rules, which is told apart in write_rules.
void write_caveats(JsonWriter& writer, const Judgement& judgement) {
  writer.begin_array();
  for (const std::string& caveat : judgement.caveats) writer.value(caveat);
  for (const RuleUse& rule : judgement.rules) {
    if (!rule.note.empty()) writer.value(rule.note);
  }
  writer.end_array();
}

void write_rules(JsonWriter& writer, const std::vector<RuleUse>& rules) {
  writer.begin_array();
  for (const RuleUse& rule : rules) {
    writer.begin_object()
        .member("rule", static_cast<std::uint64_t>(rule.number))
        .member("endpoint", rule.endpoint)
        .member("path", rule.path)
        .key("classes")
        .begin_array();
    for (const std::string_view name : names_of(rule.classes)) writer.value(name);
    writer.end_array()
        .member("state", name_of(rule.state))
        .member("differences", rule.differences)
        .member("exchanges", rule.exchanges)
        .member("note", rule.note)
        .end_object();
  }
  writer.end_array();
}

void write_time(JsonWriter& writer, std::int64_t time_us) {
  if (time_us == 0) {
    writer.null();
  } else {
    writer.value(timestamp(time_us));
  }
}

void write_difference(JsonWriter& writer, const Difference& difference) {
  const CellCounters& counters = difference.counters;
  writer.begin_object()
      .member("id", difference.id)
      .member("endpoint", difference.endpoint)
      .member("path", difference.path)
      .member("class", name_of(difference.difference_class))
      .member("severity", name_of(difference.severity))
      .member("verdict", name_of(difference.verdict))
      .member("gates", difference.gates())
      .member("open", difference.is_open())
      .member("reason", difference.reason)
      .member("count", counters.raw)
      .member("noise", counters.noise)
      .member("compared", difference.at_endpoint.compared)
      .member("triples", difference.at_endpoint.triples)
      .member("only_candidate", counters.b)
      .member("only_secondary", counters.c)
      .member("evidence", difference.evidence)
      .member("needed_evidence", difference.needed_evidence)
      .member("endpoints", difference.endpoints)
      .member("excluded", difference.excluded)
      .member("looks_fixed", difference.looks_fixed)
      .key("proved_since");
  write_time(writer, difference.proved_us);
  writer.key("first_seen");
  write_time(writer, difference.first_us);
  writer.key("last_seen");
  write_time(writer, difference.last_us);
  writer.key("example")
      .begin_object()
      .member("primary", difference.primary_value)
      .member("candidate", difference.other_value)
      .member("primary_pointer", difference.primary_pointer)
      .member("candidate_pointer", difference.other_pointer)
      .end_object()
      .key("exemplars")
      .begin_array();
  for (const std::uint64_t exemplar : difference.exemplars) {
    writer.value(std::to_string(exemplar));  // a string: JavaScript's numbers end at 2^53
  }
  writer.end_array().end_object();
}

void write_progress(JsonWriter& writer, const Judgement& judgement) {
  const Progress& progress = judgement.progress;
  writer.begin_object()
      .member("endpoints", progress.endpoints)
      .member("judged", progress.judged)
      .member("least_seconds", progress.least_seconds)
      .member("most_seconds", progress.most_seconds)
      .key("open")
      .begin_array();
  std::size_t listed = 0;
  for (const EndpointSummary& endpoint : judgement.endpoints) {
    if (endpoint.open.empty() || ++listed > open_endpoints_limit) continue;
    writer.begin_object()
        .member("endpoint", endpoint.endpoint)
        .member("waits_for", endpoint.open)
        .member("needed", endpoint.needed)
        .end_object();
  }
  writer.end_array().end_object();
}

void write_server(JsonWriter& writer, std::string_view role, const CopiedServer& server, std::uint64_t failed) {
  if (server.url.empty()) return;
  writer.key(role).begin_object().member("url", server.url).key("silent_since");
  write_time(writer, server.silent_since_us);
  writer.key("failure");
  if (server.failure.empty()) {
    writer.null();
  } else {
    writer.value(server.failure);
  }
  if (role == role_names[1]) writer.member("failed", failed);  // a failing secondary fails no copy
  writer.end_object();
}

// Of what is proved and gates: how many say no more than that the candidate did not answer.
void write_proved(JsonWriter& writer, const std::vector<Difference>& differences) {
  std::uint64_t proved = 0, transport = 0;
  for (const Difference& difference : differences) {
    if (difference.verdict != DifferenceVerdict::regression || !difference.gates()) continue;
    ++proved;
    transport += difference.difference_class == DifferenceClass::transport ? 1 : 0;
  }
  writer.begin_object().member("differences", proved).member("transport", transport).end_object();
}

void write_open(JsonWriter& writer, const std::vector<Difference>& differences) {
  writer.begin_array();
  for (const Difference& difference : differences) {
    if (!difference.is_open()) continue;
    writer.value(std::string(name_of(difference.verdict)) + ": " + std::string(endpoint_in_words(difference.endpoint)) +
                 ", " + difference.path + ": " + std::string(name_of(difference.difference_class)) + " (" +
                 difference.reason + ")");
  }
  writer.end_array();
}

void write_verdict_members(JsonWriter& writer, const ReportModel& model) {
  const auto failed = model.ledger.failed.find("candidate");
  writer.member("verdict", name_of(model.judgement.verdict))
      .member("run", model.run)
      .member("snapshot", model.snapshot)
      .member("compared", model.judgement.compared)
      .member("needed", model.judgement.needed)
      .member("evidence_lost", model.evidence_lost)
      .key("reasons");
  write_texts(writer, model.judgement.reasons);
  writer.key("caveats");
  write_caveats(writer, model.judgement);
  writer.key("rules");
  write_rules(writer, model.judgement.rules);
  writer.key("proved");
  write_proved(writer, model.judgement.differences);
  writer.member("only_undecided", model.judgement.only_undecided).key("progress");
  write_progress(writer, model.judgement);
  write_server(writer, role_names[1], model.candidate, failed == model.ledger.failed.end() ? 0 : total(failed->second));
  write_server(writer, role_names[2], model.secondary, 0);
}

}  // namespace

std::string render_json(const ReportModel& model) {
  JsonWriter writer;
  writer.begin_object().member("version", model.version);
  write_verdict_members(writer, model);
  if (model.shadow_tax) {
    writer.key("shadow_tax");
    write_shadow_tax(writer, *model.shadow_tax);
  }
  writer.key("ledger");
  write_ledger(writer, model.ledger);
  writer.key("endpoints");
  write_endpoints(writer, model.judgement.endpoints);
  writer.key("differences");
  write_differences(writer, model.judgement.differences);
  writer.end_object();
  return writer.take();
}

void write_texts(JsonWriter& writer, std::span<const std::string> texts) {
  writer.begin_array();
  for (const std::string& text : texts) writer.value(text);
  writer.end_array();
}

void write_ledger(JsonWriter& writer, const LedgerSummary& ledger) {
  writer.begin_object()
      .member("eligible", ledger.eligible)
      .member("heldout", ledger.heldout)
      .member("in_flight", ledger.in_flight)
      .member("compared", ledger.compared)
      .member("matched", ledger.matched)
      .member("differed", ledger.differed)
      .key("dropped");
  write_counts(writer, ledger.dropped);
  writer.key("failed").begin_object();
  for (const auto& [role, reasons] : ledger.failed) {
    writer.key(role);
    write_counts(writer, reasons);
  }
  writer.end_object().end_object();
}

void write_verdict(JsonWriter& writer, const ReportModel& model, bool with_open) {
  writer.begin_object();
  write_verdict_members(writer, model);
  if (with_open) {
    writer.key("open");
    write_open(writer, model.judgement.differences);
  }
  writer.key("shadow_tax");
  if (model.shadow_tax) {
    write_shadow_tax(writer, *model.shadow_tax);
  } else {
    writer.begin_object().end_object();
  }
  writer.end_object();
}

void write_endpoints(JsonWriter& writer, std::span<const EndpointSummary> endpoints) {
  writer.begin_array();
  for (const EndpointSummary& endpoint : endpoints) {
    writer.begin_object()
        .member("endpoint", endpoint.endpoint)
        .member("requests", endpoint.counters.requests)
        .member("compared", endpoint.counters.compared)
        .member("differed", endpoint.counters.differed)
        .member("failed", endpoint.counters.failed)
        .member("triples", endpoint.counters.triples)
        .member("overflowed", endpoint.counters.overflowed)
        .member("verdict", name_of(endpoint.verdict))
        .member("waits_for", endpoint.open)
        .member("needed", endpoint.needed)
        .key("latency")
        .begin_object();
    for (std::size_t role = 0; role < role_count; ++role) {
      const LatencySummary& latency = endpoint.latency[role];
      if (latency.count != 0) {
        writer.key(role_names[role])
            .begin_object()
            .member("count", latency.count)
            .member("p50", latency.p50_s)
            .member("p99", latency.p99_s)
            .end_object();
      }
    }
    writer.end_object().end_object();
  }
  writer.end_array();
}

bool selects(const DifferenceFilter& filter, const Difference& difference) {
  const auto agrees = [](const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
  };
  return agrees(filter.endpoint, difference.endpoint) && agrees(filter.path, difference.path) &&
         agrees(filter.difference_class, name_of(difference.difference_class)) &&
         agrees(filter.verdict, name_of(difference.verdict));
}

void write_differences(JsonWriter& writer, const std::vector<Difference>& differences, const DifferenceFilter& filter) {
  writer.begin_array();
  for (const Difference& difference : differences) {
    if (selects(filter, difference)) {
      write_difference(writer, difference);
    }
  }
  writer.end_array();
}

void write_differences(JsonWriter& writer, std::span<const Difference* const> differences) {
  writer.begin_array();
  for (const Difference* difference : differences) write_difference(writer, *difference);
  writer.end_array();
}

}  // namespace understudy::diff
