#include "proxy/store/tables.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "diff/finding.h"
#include "proxy/store/schema.h"

namespace understudy::store {
namespace {

// The shortest text that gives the same double again.
std::string text_of(double number) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof(text), number).ptr};
}

double double_in(std::string_view text, double otherwise) {
  double number = otherwise;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? number : otherwise;
}

void write_endpoints(Database& database, std::string_view run, const std::vector<diff::EndpointRow>& rows) {
  Statement replace(database, "INSERT OR REPLACE INTO endpoints VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
  for (const diff::EndpointRow& row : rows) {
    const diff::EndpointCounters& n = row.counters;
    replace.run(run, row.endpoint, n.requests, n.compared, n.triples, n.differed, n.failed, n.overflowed, n.dropped,
                Blob{row.latency[0]}, Blob{row.latency[1]}, Blob{row.latency[2]}, Blob{row.state});
  }
}

void write_cells(Database& database, std::string_view run, const std::deque<diff::CellRow>& rows) {
  Statement replace(database,
                    "INSERT OR REPLACE INTO cells VALUES (?,?,?,?,?, ?,?,?,?,?,?,?, ?,?,?,?,?,?, ?,?,?,?, ?)");
  for (const diff::CellRow& row : rows) {
    const diff::Cell& cell = row.cell;
    const diff::CellCounters& n = cell.counters;
    replace.run(run, row.id, row.endpoint, row.path, diff::name_of(row.difference_class), n.raw, n.raw_paired, n.noise,
                n.b, n.c, n.b_directional, n.c_directional, cell.ordinal, cell.first_us, cell.last_us,
                cell.first_exemplar, cell.latest_exemplar, cell.latest_exemplar_us, cell.primary_pointer,
                cell.other_pointer, cell.primary_value, cell.other_value, Blob{diff::serialized_state(cell)});
  }
}

void read_endpoints(Database& database, std::string_view run, std::vector<diff::EndpointRow>& rows) {
  Statement select(database,
                   "SELECT endpoint, requests, compared, triples, differed, failed, overflowed, dropped,"
                   " latency_primary, latency_candidate, latency_secondary, state FROM endpoints WHERE run = ?");
  select.start(run);
  while (select.step()) {
    diff::EndpointRow& row = rows.emplace_back();
    int column = 0;
    row.endpoint = select.octets(column++);
    for (std::uint64_t* count :
         {&row.counters.requests, &row.counters.compared, &row.counters.triples, &row.counters.differed,
          &row.counters.failed, &row.counters.overflowed, &row.counters.dropped}) {
      *count = select.integer<std::uint64_t>(column++);
    }
    for (std::string& latency : row.latency) latency = select.octets(column++);
    row.state = select.octets(column);
  }
}

void read_cells(Database& database, std::string_view run, std::deque<diff::CellRow>& rows) {
  Statement select(
      database,
      "SELECT id, endpoint, path, class, raw, raw_paired, noise, b, c, b_directional, c_directional, ordinal,"
      " first_exemplar, latest_exemplar, first_us, last_us, latest_exemplar_us,"
      " primary_pointer, other_pointer, primary_value, other_value, state FROM cells WHERE run = ?");
  select.start(run);
  while (select.step()) {
    const std::optional<diff::DifferenceClass> difference_class = diff::class_named(select.octets(3));
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
    diff::merge_state(cell, select.octets(column));
  }
}

// Rows of account and count.
control::Ledger ledger_from(Statement& select) {
  control::Ledger ledger;
  while (select.step()) {
    const std::string account = select.octets(0);
    const auto count = select.integer<std::uint64_t>(1);
    if (account == eligible_account) ledger.eligible = count;
    if (account == heldout_account) ledger.heldout = count;
    if (account == in_flight_account) ledger.in_flight = count;
    for (std::size_t i = 0; i < control::outcome_count; ++i) {
      if (account == account_name(static_cast<control::Outcome>(i))) ledger.outcomes[i] = count;
    }
  }
  return ledger;
}

RunRow run_from(Statement& select) {
  RunRow run;
  int column = 0;
  run.name = select.octets(column++);
  run.opened_us = select.integer(column++);
  run.closed_us = select.integer(column++);
  run.why = select.octets(column++);
  run.named = select.integer(column++) != 0;
  run.build = select.octets(column++);
  run.version = select.octets(column++);
  run.started_us = select.integer(column++);
  for (std::string* url : {&run.primary, &run.candidate, &run.secondary}) *url = select.octets(column++);
  const double confidence = double_in(select.octets(column++), 0);
  if (confidence > 0.5 && confidence < 1) run.diff.confidence = confidence;
  for (double* share : {&run.diff.exclude, &run.diff.exclude_noisy, &run.diff.slower})
    *share = double_in(select.octets(column++), *share);
  run.evidence_lost = select.integer<std::uint64_t>(column++);
  run.evidence_skipped = select.integer<std::uint64_t>(column++);
  run.written_us = select.integer(column++);
  run.verdict = select.octets(column++);
  run.compared = select.integer<std::uint64_t>(column);
  return run;
}

constexpr std::string_view select_runs =
    "SELECT name, opened_us, closed_us, why, named, build, version, started_us, primary_url, candidate_url,"
    " secondary_url, confidence, exclude, exclude_noisy, slower, evidence_lost, evidence_skipped, written_us, verdict,"
    " (SELECT sum(compared) FROM endpoints WHERE run = name) FROM runs";

// Positions count from 1, without a gap. A class that this edition does not know covers nothing that it does.
void read_ignore_classes(Database& database, RunInfo& run) {
  constexpr diff::ClassSet not_known = diff::ClassSet{1} << 63;
  static_assert(diff::difference_class_count < 64);
  if (!has_ignore_classes(database)) return;
  Statement select(database, "SELECT position, class FROM ignore_classes WHERE run = ?");
  select.start(run.name);
  while (select.step()) {
    const auto position = select.integer<std::size_t>(0);
    if (position == 0 || position > run.diff.ignore.size()) continue;
    const std::optional<diff::DifferenceClass> difference_class = diff::class_named(select.octets(1));
    run.diff.ignore[position - 1].classes |= difference_class ? diff::bit_of(*difference_class) : not_known;
  }
}

void remove_rows(Database& database, std::string_view run) {
  for (const char* table : {"cells", "endpoints", "ignore_rules", "ignore_classes", "epochs", "ledger"}) {
    Statement(database, "DELETE FROM " + std::string(table) + " WHERE run = ?").run(run);
  }
  Statement(database, "DELETE FROM runs WHERE name = ?").run(run);
}

}  // namespace

void write_rows(Database& database, std::string_view run, const diff::Rows& rows) {
  write_endpoints(database, run, rows.endpoints);
  write_cells(database, run, rows.cells);
}

diff::Rows read_rows(Database& database, std::string_view run) {
  diff::Rows rows;
  read_endpoints(database, run, rows.endpoints);
  read_cells(database, run, rows.cells);
  return rows;
}

void write_ledger(Database& database, std::string_view run, const control::Ledger& ledger) {
  Statement replace(database, "INSERT OR REPLACE INTO ledger VALUES (?,?,?)");
  replace.run(run, eligible_account, ledger.eligible);
  replace.run(run, heldout_account, ledger.heldout);
  replace.run(run, in_flight_account, ledger.in_flight);
  for (std::size_t i = 0; i < control::outcome_count; ++i) {
    replace.run(run, account_name(static_cast<control::Outcome>(i)), ledger.outcomes[i]);
  }
}

control::Ledger read_ledger(Database& database, std::string_view run) {
  Statement select(database, "SELECT account, count FROM ledger WHERE run = ?");
  select.start(run);
  return ledger_from(select);
}

control::Ledger read_ledger_without(Database& database, std::string_view run) {
  Statement select(database, "SELECT account, sum(count) FROM ledger WHERE run = '' OR run <> ? GROUP BY account");
  select.start(run);
  return ledger_from(select);
}

void write_run(Database& database, const RunRow& run) {
  Statement replace(database, "INSERT OR REPLACE INTO runs VALUES (?,?,?,?,?,?, ?,?,?,?,?, ?,?,?,?, ?,?,?,?)");
  replace.run(run.name, run.opened_us, run.closed_us, run.why, run.named, run.build, run.version, run.started_us,
              run.primary, run.candidate, run.secondary, text_of(run.diff.confidence), text_of(run.diff.exclude),
              text_of(run.diff.exclude_noisy), text_of(run.diff.slower), run.evidence_lost, run.evidence_skipped,
              run.written_us, run.verdict);
}

void write_ignore_rules(Database& database, const RunInfo& run) {
  Statement(database, "DELETE FROM ignore_rules WHERE run = ?").run(run.name);
  Statement(database, "DELETE FROM ignore_classes WHERE run = ?").run(run.name);
  Statement insert(database, "INSERT INTO ignore_rules VALUES (?,?,?,?,?,?)");
  Statement insert_class(database, "INSERT INTO ignore_classes VALUES (?,?,?)");
  std::int64_t position = 0;
  for (const diff::IgnoreRule& rule : run.diff.ignore) {
    insert.run(run.name, ++position, rule.endpoint, rule.path, rule.reason, rule.expires);
    for (std::size_t i = 0; i < diff::difference_class_count && rule.classes != 0; ++i) {
      const auto difference_class = static_cast<diff::DifferenceClass>(i);
      if (rule.covers(difference_class)) insert_class.run(run.name, position, diff::name_of(difference_class));
    }
  }
}

std::vector<RunRow> read_runs(Database& database) {
  std::vector<RunRow> runs;
  Statement select(database, std::string(select_runs) + " ORDER BY opened_us, name");
  select.start();
  while (select.step()) runs.push_back(run_from(select));
  return runs;
}

void read_ignore_rules(Database& database, RunInfo& run) {
  Statement rules(database, "SELECT endpoint, path, reason, expires FROM ignore_rules WHERE run = ? ORDER BY position");
  rules.start(run.name);
  run.diff.ignore.clear();
  while (rules.step()) run.diff.ignore.push_back({rules.octets(0), rules.octets(1), rules.octets(2), rules.octets(3)});
  read_ignore_classes(database, run);
}

std::optional<RunRow> read_run(Database& database, std::string_view name) {
  Statement select(database, std::string(select_runs) + " WHERE name = ?");
  select.start(name);
  if (!select.step()) return std::nullopt;
  RunRow run = run_from(select);
  read_ignore_rules(database, run);
  return run;
}

void remove_run(Database& database, std::string_view name) {
  Statement add(database,
                "INSERT INTO ledger SELECT '', account, count FROM ledger WHERE run = ?"
                " ON CONFLICT(run, account) DO UPDATE SET count = count + excluded.count");
  add.run(name);
  remove_rows(database, name);
}

void erase_run(Database& database, std::string_view name) {
  remove_rows(database, name);
}

void write_epoch(Database& database, std::string_view run, const Epoch& epoch) {
  Statement(database, "INSERT OR REPLACE INTO epochs VALUES (?,?,?)").run(run, epoch.time_us, epoch.value);
  Statement limit(database,
                  "DELETE FROM epochs WHERE run = ?1 AND time_us <= (SELECT time_us FROM epochs WHERE run = ?1"
                  " ORDER BY time_us DESC LIMIT 1 OFFSET ?2)");
  limit.run(run, epochs_limit);
}

std::vector<Epoch> read_epochs(Database& database, std::string_view run) {
  std::vector<Epoch> epochs;
  Statement select(database, "SELECT time_us, value FROM epochs WHERE run = ? ORDER BY time_us");
  select.start(run);
  while (select.step()) epochs.push_back({select.integer(0), select.octets(1)});
  return epochs;
}

void write_meta(Database& database, std::string_view key, std::string_view value) {
  Statement(database, "INSERT OR REPLACE INTO meta VALUES (?,?)").run(key, value);
}

std::string read_meta(Database& database, std::string_view key) {
  Statement select(database, "SELECT value FROM meta WHERE key = ?");
  select.start(key);
  return select.step() ? select.octets(0) : std::string();
}

}  // namespace understudy::store
