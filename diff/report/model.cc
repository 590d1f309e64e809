// See model.h.
#include "diff/report/model.h"

#include <numeric>
#include <string>

namespace understudy::diff {

std::uint64_t total(const std::map<std::string, std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
}

ReportModel make_report(const Evidence& evidence, const Settings& settings, const LedgerSummary& ledger,
                        std::uint64_t evidence_lost, const std::string& today, bool secondary_is_primary) {
  ReportModel model;
  model.version = UNDERSTUDY_VERSION;
  model.judgement = judge(evidence, settings, {ledger.eligible, total(ledger.dropped), today, secondary_is_primary});
  model.evidence_lost = evidence_lost;
  model.ledger = ledger;
  return model;
}

void tell_skipped(ReportModel& model, std::uint64_t evidence_skipped) {
  constexpr std::uint64_t least_share = 100;  // one in so many of the eligible exchanges
  if (evidence_skipped * least_share <= model.ledger.eligible) return;
  model.judgement.caveats.push_back(std::to_string(evidence_skipped) +
                                    " exchanges that another build than this run's answered, or that were sent before "
                                    "it was opened");
}

}  // namespace understudy::diff
