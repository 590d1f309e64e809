// What a verdict rests on, in words, and how long it will take until there is another one. Caller: verdict.cc.
#pragma once

#include <string>
#include <vector>

#include "diff/evidence/gate.h"

namespace understudy::diff {

// `too_many_drops`: what was compared may not stand for the whole.
std::vector<std::string> reasons_for(Verdict verdict, const Gate& gate, bool too_many_drops);

// What could not be judged, whatever the verdict.
std::vector<std::string> caveats_of(const Gate& gate);

// Fills in `needed` and the range of time, if things go on as they did.
void forecast(Judgement& judgement, const Gate& gate, bool too_many_drops);

}  // namespace understudy::diff
