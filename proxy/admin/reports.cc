#include "proxy/admin/reports.h"

#include <ctime>
#include <utility>

#include "proxy/admin/shadow_tax.h"
#include "proxy/store/ledger_summary.h"

namespace understudy::admin {
namespace {

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

}  // namespace

const diff::ReportModel& Reports::model(const Observed& observed) {
  std::shared_ptr<const store::Stored> stored = reader_.read();
  std::string day = today();
  const control::Ledger& ledger = observed.ledger;
  // Of the ledger, only these two sums enter the verdict.
  const bool judged = stored == judged_ && day == judged_day_ && ledger.eligible == judged_ledger_.eligible &&
                      ledger.dropped_in_all() == judged_ledger_.dropped_in_all();
  if (!judged) {
    model_ = diff::make_report(stored->evidence, settings_, store::summarise(ledger), observed.evidence_lost, day);
    judged_ = std::move(stored);
    judged_ledger_ = ledger;
    judged_day_ = std::move(day);
  }
  model_.ledger = store::summarise(ledger);
  model_.evidence_lost = observed.evidence_lost;
  model_.shadow_tax = shadow_tax(observed);
  return model_;
}

}  // namespace understudy::admin
