// Values to rows and back, table by table. For writer.cc and reader.cc, within their transactions; a fault sticks to
// the Database.
#pragma once

#include <cstdint>

#include "diff/evidence/counters.h"
#include "proxy/control/ledger.h"
#include "proxy/store/database.h"
#include "proxy/store/run_info.h"

namespace understudy::store {

// Each row replaces its older self.
void write_rows(Database& database, const diff::Rows& rows);
// Everything. Rows with a class that this edition does not know are left out.
diff::Rows read_rows(Database& database);

void write_ledger(Database& database, const control::Ledger& ledger);
control::Ledger read_ledger(Database& database);

// The run, and what changes with every snapshot of it.
struct RunRecord {
  RunInfo run;
  std::uint64_t evidence_lost = 0;
  std::int64_t written_us = 0;
};
void write_run(Database& database, const RunInfo& run);
void write_progress(Database& database, std::uint64_t evidence_lost, std::int64_t written_us);
RunRecord read_run(Database& database);

}  // namespace understudy::store
