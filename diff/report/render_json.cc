// The JSON of the report and of the admin API. Names as in the contract; what is added to it says what the counts mean.
// See render.h.
#include <chrono>
#include <cstdio>

#include "diff/report/render.h"

namespace understudy::diff {
namespace {

constexpr std::array<std::string_view, role_count> role_names{"primary", "candidate", "secondary"};

// RFC 3339, UTC, whole seconds.
std::string timestamp(std::int64_t time_us) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(time_us)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

void write_counts(JsonWriter& writer, const std::map<std::string, std::uint64_t>& counts) {
  writer.begin_object();
  for (const auto& [name, count] : counts) {
    writer.member(name, count);
  }
  writer.end_object();
}

void write_reasons(JsonWriter& writer, const std::vector<std::string>& reasons) {
  writer.begin_array();
  for (const std::string& reason : reasons) {
    writer.value(reason);
  }
  writer.end_array();
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
      .member("reason", difference.reason)
      .member("count", counters.raw)
      .member("noise", counters.noise)
      .member("compared", difference.at_endpoint.compared)
      .member("triples", difference.at_endpoint.triples)
      .member("only_candidate", counters.b)
      .member("only_secondary", counters.c)
      .member("evidence", difference.evidence)
      .member("needed_evidence", difference.needed_evidence)
      .member("first_seen", timestamp(difference.first_us))
      .member("last_seen", timestamp(difference.last_us))
      .key("example")
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

bool selects(const DifferenceFilter& filter, const Difference& difference) {
  const auto agrees = [](const std::string& wanted, std::string_view value) {
    return wanted.empty() || wanted == value;
  };
  return agrees(filter.endpoint, difference.endpoint) && agrees(filter.path, difference.path) &&
         agrees(filter.difference_class, name_of(difference.difference_class)) &&
         agrees(filter.verdict, name_of(difference.verdict));
}

void write_verdict_members(JsonWriter& writer, const ReportModel& model) {
  writer.member("verdict", name_of(model.judgement.verdict))
      .member("run", model.run)
      .member("compared", model.judgement.compared)
      .member("needed", model.judgement.needed)
      .member("evidence_lost", model.evidence_lost)
      .key("reasons");
  write_reasons(writer, model.judgement.reasons);
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

void write_verdict(JsonWriter& writer, const ReportModel& model) {
  writer.begin_object();
  write_verdict_members(writer, model);
  writer.key("shadow_tax");
  if (model.shadow_tax) {
    write_shadow_tax(writer, *model.shadow_tax);
  } else {
    writer.begin_object().end_object();
  }
  writer.end_object();
}

void write_endpoints(JsonWriter& writer, const std::vector<EndpointSummary>& endpoints) {
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

void write_differences(JsonWriter& writer, const std::vector<Difference>& differences, const DifferenceFilter& filter) {
  writer.begin_array();
  for (const Difference& difference : differences) {
    if (selects(filter, difference)) {
      write_difference(writer, difference);
    }
  }
  writer.end_array();
}

}  // namespace understudy::diff
