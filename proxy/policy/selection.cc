#include "proxy/policy/selection.h"

#include <algorithm>

namespace understudy::policy {

MirrorRules::MirrorRules(const MirrorSettings& settings, std::uint64_t seed)
    : methods_(settings.methods),
      all_methods_(std::find(methods_.begin(), methods_.end(), "*") != methods_.end()),
      paths_(settings.paths),
      rate_(settings.rate),
      holdout_(settings.holdout, seed) {}

Selection MirrorRules::decide(std::string_view method, std::string_view path, bool has_marker,
                              const MirrorSwitch& control, std::int64_t now_ns, Random& random) {
  if (!control.enabled || has_marker || !selects_method(method) || !paths_.matches(path)) return {};
  const int wanted = copies_for(control.percent, random);
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
