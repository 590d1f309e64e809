// What a report says, as plain values: filled from the evidence and the ledger, rendered by render.h.
// Pure. Callers: proxy/admin/ (API), `understudy report`, `understudy gate`, the demo.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "diff/evidence/evidence.h"
#include "diff/evidence/verdict.h"
#include "diff/report/shadow_tax.h"
#include "diff/settings.h"

namespace understudy::diff {

// The ledger's numbers as a report needs them; the accounts themselves are kept in proxy/control/.
struct LedgerSummary {
  std::uint64_t eligible = 0;
  std::uint64_t heldout = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t compared = 0;
  std::uint64_t matched = 0;
  std::uint64_t differed = 0;
  std::map<std::string, std::uint64_t> dropped;                        // by reason
  std::map<std::string, std::map<std::string, std::uint64_t>> failed;  // by role, by reason
};

// Candidate or secondary: whether it answers, as whoever plays the copies sees it.
struct CopiedServer {
  std::string url;                   // empty = there is none, or nothing is known (a report from a store)
  std::int64_t silent_since_us = 0;  // no answer since then, while production answered; 0 = it answers, or nobody asked
  std::string failure{};             // of the last copy since then, in words; empty = not known

  bool is_silent() const { return silent_since_us != 0; }
};

struct ReportModel {
  std::string version;         // of the program
  std::string run;             // whose evidence this is; empty = not known
  std::uint64_t snapshot = 0;  // grows with each judgement, also over restarts: equal numbers, the same judgement
  Judgement judgement;
  std::uint64_t evidence_lost = 0;  // compared exchanges whose findings a crash took
  LedgerSummary ledger;
  std::optional<ShadowTax> shadow_tax;  // nothing where the report is made from a store
  CopiedServer candidate, secondary;
};

std::uint64_t total(const std::map<std::string, std::uint64_t>& counts);

// `today`: YYYY-MM-DD.
ReportModel make_report(const Evidence& evidence, const Settings& settings, const LedgerSummary& ledger,
                        std::uint64_t evidence_lost, const std::string& today, bool secondary_is_primary = false);

// A caveat where many compared exchanges are not the run's: another build answered them, or they were sent before.
void tell_skipped(ReportModel& model, std::uint64_t evidence_skipped);

}  // namespace understudy::diff
