#include "proxy/policy/selection.h"

#include <algorithm>

namespace understudy::policy {

MirrorRules::MirrorRules(const MirrorSettings& settings, std::uint64_t seed)
    : methods_(settings.methods),
      all_methods_(std::find(methods_.begin(), methods_.end(), "*") != methods_.end()),
      paths_(settings.paths),
      rate_(settings.rate),
      holdout_(settings.holdout, seed) {}

Selection MirrorRules::decide(const Asked& asked, const MirrorSwitch& control, std::int64_t now_ns, Random& random) {
  if (!control.enabled || asked.has_marker || !selects_method(asked.method) || !paths_.matches(asked.path)) return {};
  const int wanted = copies_for(control.percent, asked.user.empty() ? random.next() : draw_of(asked.user));
  if (wanted == 0) return {};
  const int copies = rate_.take(now_ns, wanted);
  if (copies == 0) return {};
  if (const Holdout::Kind kind = holdout_.decide(now_ns, random); kind != Holdout::Kind::none) {
    return {.kind = Selection::Kind::held_out, .holdout = kind};
  }
  return {.kind = Selection::Kind::mirrored, .copies = copies};
}

bool MirrorRules::selects_method(std::string_view method) const {
  return all_methods_ || std::find(methods_.begin(), methods_.end(), method) != methods_.end();
}

}  // namespace understudy::policy
