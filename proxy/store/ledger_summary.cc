#include "proxy/store/ledger_summary.h"

#include <string>

namespace understudy::store {

diff::LedgerSummary summarise(const control::Ledger& ledger) {
  using namespace control;
  diff::LedgerSummary summary;
  summary.eligible = ledger.eligible;
  summary.heldout = ledger.heldout;
  summary.in_flight = ledger.in_flight;
  summary.compared = ledger.compared();
  summary.matched = ledger.outcomes[outcome_matched];
  summary.differed = ledger.outcomes[outcome_differed];
  for (std::size_t i = 0; i < drop_reason_names.size(); ++i) {
    summary.dropped[std::string(drop_reason_names[i])] = ledger.outcomes[dropped(static_cast<DropReason>(i))];
  }
  for (const Role role : {Role::primary, Role::candidate}) {
    auto& reasons = summary.failed[std::string(role_names[static_cast<std::size_t>(role)])];
    for (std::size_t i = 0; i < fail_reason_names.size(); ++i) {
      reasons[std::string(fail_reason_names[i])] = ledger.outcomes[failed(role, static_cast<FailReason>(i))];
    }
  }
  return summary;
}

}  // namespace understudy::store
