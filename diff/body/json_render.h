// JSON values as short text for people. Caller: json_compare.cc.
#pragma once

#include <string>

#include "diff/body/json_document.h"

namespace understudy::diff {

// The value as compact JSON, cut to rendering_limit octets; marks of rewritten parts are shown as they were written.
std::string rendered_json(const JsonDocument& document, JsonDocument::Node node);

}  // namespace understudy::diff
