// What stays the same in texts with parts that are made anew each time: "/v1/jobs/<uuid>", "pi_<token>",
// "attachment; filename=export-<token>.csv". Caller: value_difference.cc.
#pragma once

#include <string_view>

namespace understudy::diff {

// Whether something else than such parts changed. False where `primary` has none.
bool template_changed(std::string_view primary, std::string_view other);

}  // namespace understudy::diff
