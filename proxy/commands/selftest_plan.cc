// See selftest_plan.h.
#include "proxy/commands/selftest_plan.h"

#include <algorithm>

#include "proxy/http/method.h"

namespace understudy {
namespace {

// Where production itself is asked: a second, so that it hardly feels it.
constexpr double repeated_rate = 10;

void keep_safe_methods(SelftestPlan& plan) {
  std::vector<std::string>& methods = plan.settings.mirror.methods;
  if (std::find(methods.begin(), methods.end(), "*") != methods.end()) methods = {"GET", "HEAD", "OPTIONS"};
  std::string left_out;
  std::erase_if(methods, [&](const std::string& method) {
    if (http::is_safe(method)) return false;
    left_out += (left_out.empty() ? "" : ", ") + method;
    return true;
  });
  if (methods.empty()) {
    plan.problem = "mirror.methods names no safe method, and only those are repeated; write for example --methods GET";
  } else if (!left_out.empty()) {
    plan.notes.push_back("only safe methods are repeated, without " + left_out);
  }
}

// Production as one of the roles that copies are played to.
ShadowTargetSettings production_of(const Settings& configured) {
  ShadowTargetSettings target;
  static_cast<UpstreamSettings&>(target) = configured.primary;
  target.configured = true;
  target.deadline = configured.candidate.deadline;
  target.response_size = configured.candidate.response_size;
  return target;
}

}  // namespace

SelftestPlan plan_selftest(const Settings& configured) {
  SelftestPlan plan;
  plan.settings = configured;
  Settings& settings = plan.settings;
  const bool asks_production = !configured.secondary.configured || configured.secondary.repeats_production;
  ShadowTargetSettings target = asks_production ? production_of(configured) : configured.secondary;
  target.share = 1;
  target.budget = 0;
  settings.candidate = target;
  settings.secondary = target;
  settings.secondary.repeats_production = asks_production;
  settings.secondary.confirm_after = Milliseconds{0};  // what varies is what it looks for
  plan.repeated_at = target.url.text;
  MirrorSettings& mirror = settings.mirror;
  keep_safe_methods(plan);
  mirror.enabled = true;
  mirror.percent = std::min(mirror.percent, 100.0);
  mirror.holdout = 0;
  if (asks_production && mirror.rate == 0) {
    mirror.rate = repeated_rate;
    plan.notes.push_back(
        "there is no secondary: production itself is asked, for 10 requests a second at most; "
        "mirror.rate changes that");
  }
  if (mirror.percent == 0) plan.problem = "mirror.percent is 0, so that nothing would be repeated; write --percent 100";
  settings.store.path.clear();
  return plan;
}

}  // namespace understudy
