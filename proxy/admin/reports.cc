#include "proxy/admin/reports.h"

#include <algorithm>
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

// What was written by another instance, before this one came or beside it, is not this one's evidence.
std::shared_ptr<const store::Catalogue> Reports::catalogue(const Observed& observed) {
  const std::shared_ptr<const store::Catalogue> found = reader_.catalogue();
  return found->instance == observed.instance ? found : std::make_shared<const store::Catalogue>();
}

const diff::ReportModel* Reports::model(const Observed& observed, const std::string& run) {
  const bool is_current = run.empty() || run == observed.run;
  const std::string& name = is_current ? observed.run : run;
  const std::shared_ptr<const store::Catalogue> known = catalogue(observed);
  const bool is_known = std::ranges::find(known->runs, name, &store::RunRow::name) != known->runs.end();
  if (!is_known && !is_current) return nullptr;
  // One that was just opened has nothing yet, and nothing else may stand in for it.
  static const auto nothing = std::make_shared<const store::Stored>();
  const std::shared_ptr<const store::Stored> stored = is_known ? reader_.read(name) : nothing;
  std::string day = today();
  // The current run's is as it is now, another's as it was left.
  const control::Ledger ledger =
      is_current ? control::without(observed.ledger, stored->ledger_of_others) : stored->ledger;
  // Of the ledger, only these two sums enter the verdict.
  const bool judged = stored == judged_ && name == judged_run_ && day == judged_day_ &&
                      ledger.eligible == judged_ledger_.eligible &&
                      ledger.dropped_in_all() == judged_ledger_.dropped_in_all();
  const std::uint64_t lost = is_current ? observed.evidence_lost : stored->evidence_lost;
  if (!judged) {
    const diff::Settings& settings = is_current ? settings_ : stored->run.diff;
    model_ = diff::make_report(stored->evidence, settings, store::summarise(ledger), lost, day,
                               stored->run.secondary == stored->run.primary);
    judged_ = stored;
    judged_run_ = name;
    judged_ledger_ = ledger;
    judged_day_ = std::move(day);
  }
  model_.run = name;
  model_.ledger = store::summarise(ledger);
  model_.evidence_lost = lost;
  if (is_current) {
    model_.shadow_tax = shadow_tax(observed);
  } else {
    model_.shadow_tax.reset();
  }
  return &model_;
}

}  // namespace understudy::admin
