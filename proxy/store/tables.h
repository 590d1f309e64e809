// Values to rows and back, table by table. For writer.cc and reader.cc, within their transactions; a fault sticks to
// the Database.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/evidence/counters.h"
#include "proxy/control/ledger.h"
#include "proxy/store/database.h"
#include "proxy/store/run_info.h"

namespace understudy::store {

// Of one run. Each row replaces its older self.
void write_rows(Database& database, std::string_view run, const diff::Rows& rows);
// Everything of the run. Rows with a class that this edition does not know are left out.
diff::Rows read_rows(Database& database, std::string_view run);

void write_ledger(Database& database, std::string_view run, const control::Ledger& ledger);
control::Ledger read_ledger(Database& database, std::string_view run);
// The sum of all runs, also of those that are not kept any more, but for one (which may be "": none).
control::Ledger read_ledger_without(Database& database, std::string_view run);

void write_run(Database& database, const RunRow& run);
void write_ignore_rules(Database& database, const RunInfo& run);
// In the order of their opening; without their ignore rules.
std::vector<RunRow> read_runs(Database& database);
void read_ignore_rules(Database& database, RunInfo& run);
// With its ignore rules; nothing where there is none of that name.
std::optional<RunRow> read_run(Database& database, std::string_view name);
// Its evidence is gone; its ledger goes on in that of the runs that are not kept any more.
void remove_run(Database& database, std::string_view name);
// As if it had never been: its ledger goes with it.
void erase_run(Database& database, std::string_view name);

void write_epoch(Database& database, std::string_view run, const Epoch& epoch);
std::vector<Epoch> read_epochs(Database& database, std::string_view run);

// What is said of the store as a whole.
void write_meta(Database& database, std::string_view key, std::string_view value);
std::string read_meta(Database& database, std::string_view key);
inline constexpr std::string_view meta_instance = "instance";  // who wrote last, a number
inline constexpr std::string_view meta_run = "run";            // the current one's name
inline constexpr std::string_view meta_written = "written_us";

}  // namespace understudy::store
