// What the store keeps of an exchange that shows a difference: bounded and without secrets. Pure. Caller: judge.cc.
#pragma once

#include <vector>

#include "diff/evidence/evidence.h"
#include "diff/finding.h"
#include "proxy/policy/redaction.h"
#include "proxy/shadow/exchange.h"
#include "proxy/store/exemplar.h"

namespace understudy::shadow {

store::Exemplar make_exemplar(const Copy& copy, const diff::Observation& observation,
                              const policy::Redaction& redaction, std::vector<diff::Finding> by_candidate,
                              std::vector<diff::Finding> by_secondary);

// Values of header and trailer fields that `redaction` hides are hidden in findings too; but for Set-Cookie, whose
// findings never have any.
void hide_secrets(diff::Finding& finding, const policy::Redaction& redaction);

}  // namespace understudy::shadow
