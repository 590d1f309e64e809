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

constexpr std::int64_t ledger_interval_ms = 1'000;

diff::CopiedServer server_from(const Url& url, const UpstreamHealth& health) {
  diff::CopiedServer server{url.text, health.silent_since_us};
  if (health.failure) server.failure = control::fail_reason_words[static_cast<std::size_t>(*health.failure)];
  return server;
}

std::string methods_not_mirrored(const std::vector<std::string>& methods) {
  std::string list;
  for (const std::string& method : methods) {
    if (method == "*") return {};
    list += (list.empty() ? "" : ", ") + method;
  }
  return "only " + list + " are mirrored (mirror.methods): what other methods do was not tried";
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
  const bool is_of_now =
      observed.now_ms - judged_ms_ < ledger_interval_ms ||
      (ledger.eligible == judged_ledger_.eligible && ledger.dropped_in_all() == judged_ledger_.dropped_in_all());
  const bool judged = stored == judged_ && name == judged_run_ && day == judged_day_ && is_of_now;
  const std::uint64_t lost = is_current ? observed.evidence_lost : stored->evidence_lost;
  if (!judged) {
    const diff::Settings& settings = is_current ? settings_.diff : stored->run.diff;
    model_ = diff::make_report(stored->evidence, settings, store::summarise(ledger), lost, day,
                               stored->run.repeats_production());
    diff::tell_skipped(model_, stored->evidence_skipped);
    // The clock makes it grow over restarts too.
    snapshots_ = std::max(snapshots_ + 1, static_cast<std::uint64_t>(std::max<std::int64_t>(observed.now_us, 0)));
    model_.snapshot = snapshots_;
    const std::string unseen_methods = is_current ? methods_not_mirrored(settings_.mirror.methods) : std::string();
    if (!unseen_methods.empty()) model_.judgement.caveats.push_back(unseen_methods);
    judged_ms_ = observed.now_ms;
    judged_ = stored;
    judged_run_ = name;
    judged_ledger_ = ledger;
    judged_day_ = std::move(day);
  }
  model_.run = name;
  model_.ledger = store::summarise(ledger);
  model_.evidence_lost = lost;
  model_.shadow_tax.reset();
  model_.candidate = model_.secondary = {};
  if (!is_current) return &model_;
  model_.shadow_tax = shadow_tax(observed);
  model_.candidate = server_from(settings_.candidate.url, observed.health[1]);
  if (settings_.secondary.configured) model_.secondary = server_from(settings_.secondary.url, observed.health[2]);
  return &model_;
}

}  // namespace understudy::admin
