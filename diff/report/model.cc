// See model.h.
#include "diff/report/model.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace understudy::diff {

std::uint64_t total(const std::map<std::string, std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& entry) { return sum + entry.second; });
}

// By what each reason begins with: one that is not known here is no small matter.
bool is_only_undecided(const Judgement& judgement) {
  constexpr std::array<std::string_view, 3> small_matters{
      "undecided: ", "unverified: ", "no regression is proved, but too little was seen"};
  const auto is_small = [&](const std::string& reason) {
    return std::any_of(small_matters.begin(), small_matters.end(),
                       [&](std::string_view matter) { return reason.starts_with(matter); });
  };
  return judgement.verdict == Verdict::inconclusive && judgement.compared != 0 && !judgement.reasons.empty() &&
         std::all_of(judgement.reasons.begin(), judgement.reasons.end(), is_small);
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

}  // namespace understudy::diff
