#include "proxy/store/tables.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "diff/finding.h"
#include "proxy/store/schema.h"

namespace understudy::store {
namespace {

template <class Number>
Number number_in(std::string_view text) {
  Number number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// The shortest text that gives the same double again.
std::string text_of(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), number).ptr};
}

void write_endpoints(Database& database, const std::vector<diff::EndpointRow>& rows) {
  Statement replace(database, "INSERT OR REPLACE INTO endpoints VALUES (?,?,?,?,?,?,?,?,?,?)");
  for (const diff::EndpointRow& row : rows) {
    const diff::EndpointCounters& n = row.counters;
    replace.run(row.endpoint, n.requests, n.compared, n.triples, n.differed, n.failed, n.overflowed,
                Blob{row.latency[0]}, Blob{row.latency[1]}, Blob{row.latency[2]});
  }
}

void write_cells(Database& database, const std::vector<diff::CellRow>& rows) {
  Statement replace(database, "INSERT OR REPLACE INTO cells VALUES (?,?,?,?, ?,?,?,?,?,?,?, ?,?,?,?,?,?, ?,?,?,?)");
  for (const diff::CellRow& row : rows) {
    const diff::Cell& cell = row.cell;
    const diff::CellCounters& n = cell.counters;
    replace.run(row.id, row.endpoint, row.path, diff::name_of(row.difference_class), n.raw, n.raw_paired, n.noise, n.b,
                n.c, n.b_directional, n.c_directional, cell.ordinal, cell.first_us, cell.last_us, cell.first_exemplar,
                cell.latest_exemplar, cell.latest_exemplar_us, cell.primary_pointer, cell.other_pointer,
                cell.primary_value, cell.other_value);
  }
}

void read_endpoints(Database& database, std::vector<diff::EndpointRow>& rows) {
  Statement select(database,
                   "SELECT endpoint, requests, compared, triples, differed, failed, overflowed,"
                   " latency_primary, latency_candidate, latency_secondary FROM endpoints");
  select.start();
  while (select.step()) {
    diff::EndpointRow& row = rows.emplace_back();
    int column = 0;
    row.endpoint = select.octets(column++);
    for (std::uint64_t* count : {&row.counters.requests, &row.counters.compared, &row.counters.triples,
                                 &row.counters.differed, &row.counters.failed, &row.counters.overflowed}) {
      *count = select.integer<std::uint64_t>(column++);
    }
    for (std::string& latency : row.latency) latency = select.octets(column++);
  }
}

void read_cells(Database& database, std::vector<diff::CellRow>& rows) {
  Statement select(
      database,
      "SELECT id, endpoint, path, class, raw, raw_paired, noise, b, c, b_directional, c_directional, ordinal,"
      " first_exemplar, latest_exemplar, first_us, last_us, latest_exemplar_us,"
      " primary_pointer, other_pointer, primary_value, other_value FROM cells");
  select.start();
  while (select.step()) {
    const std::optional<diff::DifferenceClass> difference_class = class_named(select.octets(3));
    if (!difference_class) continue;
    diff::CellRow& row = rows.emplace_back();
    row.id = select.octets(0);
    row.endpoint = select.octets(1);
    row.path = select.octets(2);
    row.difference_class = *difference_class;
    diff::Cell& cell = row.cell;
    diff::CellCounters& n = cell.counters;
    int column = 4;
    for (std::uint64_t* number : {&n.raw, &n.raw_paired, &n.noise, &n.b, &n.c, &n.b_directional, &n.c_directional,
                                  &cell.ordinal, &cell.first_exemplar, &cell.latest_exemplar}) {
      *number = select.integer<std::uint64_t>(column++);
    }
    for (std::int64_t* time : {&cell.first_us, &cell.last_us, &cell.latest_exemplar_us})
      *time = select.integer(column++);
    for (std::string* text : {&cell.primary_pointer, &cell.other_pointer, &cell.primary_value, &cell.other_value}) {
      *text = select.octets(column++);
    }
  }
}

}  // namespace

void write_rows(Database& database, const diff::Rows& rows) {
  write_endpoints(database, rows.endpoints);
  write_cells(database, rows.cells);
}

diff::Rows read_rows(Database& database) {
  diff::Rows rows;
  read_endpoints(database, rows.endpoints);
  read_cells(database, rows.cells);
  return rows;
}

void write_ledger(Database& database, const control::Ledger& ledger) {
  Statement replace(database, "INSERT OR REPLACE INTO ledger VALUES (?,?)");
  replace.run(eligible_account, ledger.eligible);
  replace.run(heldout_account, ledger.heldout);
  replace.run(in_flight_account, ledger.in_flight);
  for (std::size_t i = 0; i < control::outcome_count; ++i) {
    replace.run(account_name(static_cast<control::Outcome>(i)), ledger.outcomes[i]);
  }
}

control::Ledger read_ledger(Database& database) {
  control::Ledger ledger;
  Statement select(database, "SELECT count FROM ledger WHERE account = ?");
  const auto count_of = [&](std::string_view account) {
    select.start(account);
    return select.step() ? select.integer<std::uint64_t>(0) : 0;
  };
  ledger.eligible = count_of(eligible_account);
  ledger.heldout = count_of(heldout_account);
  ledger.in_flight = count_of(in_flight_account);
  for (std::size_t i = 0; i < control::outcome_count; ++i) {
    ledger.outcomes[i] = count_of(account_name(static_cast<control::Outcome>(i)));
  }
  return ledger;
}

void write_run(Database& database, const RunInfo& run) {
  Statement replace(database, "INSERT OR REPLACE INTO run VALUES (?,?)");
  replace.run(std::string_view("version"), run.version);
  replace.run(std::string_view("started_us"), std::to_string(run.started_us));
  replace.run(std::string_view("primary"), run.primary);
  replace.run(std::string_view("candidate"), run.candidate);
  replace.run(std::string_view("secondary"), run.secondary);
  replace.run(std::string_view("confidence"), text_of(run.diff.confidence));
  database.execute("DELETE FROM ignore_rules");
  Statement insert(database, "INSERT INTO ignore_rules(endpoint, path, reason, expires) VALUES (?,?,?,?)");
  for (const diff::IgnoreRule& rule : run.diff.ignore) insert.run(rule.endpoint, rule.path, rule.reason, rule.expires);
}

void write_progress(Database& database, std::uint64_t evidence_lost, std::int64_t written_us) {
  Statement replace(database, "INSERT OR REPLACE INTO run VALUES (?,?)");
  replace.run(std::string_view("evidence_lost"), std::to_string(evidence_lost));
  replace.run(std::string_view("written_us"), std::to_string(written_us));
}

RunRecord read_run(Database& database) {
  RunRecord record;
  Statement select(database, "SELECT value FROM run WHERE key = ?");
  const auto value_of = [&](std::string_view key) {
    select.start(key);
    return select.step() ? select.octets(0) : std::string();
  };
  record.run.version = value_of("version");
  record.run.started_us = number_in<std::int64_t>(value_of("started_us"));
  record.run.primary = value_of("primary");
  record.run.candidate = value_of("candidate");
  record.run.secondary = value_of("secondary");
  const double confidence = number_in<double>(value_of("confidence"));
  if (confidence > 0.5 && confidence < 1) record.run.diff.confidence = confidence;
  record.evidence_lost = number_in<std::uint64_t>(value_of("evidence_lost"));
  record.written_us = number_in<std::int64_t>(value_of("written_us"));
  Statement rules(database, "SELECT endpoint, path, reason, expires FROM ignore_rules ORDER BY position");
  rules.start();
  while (rules.step())
    record.run.diff.ignore.push_back({rules.octets(0), rules.octets(1), rules.octets(2), rules.octets(3)});
  return record;
}

}  // namespace understudy::store
