// Media types (RFC 9110 8.3): their equivalence and whether they announce JSON. Callers: diff/fields.cc,
// diff/body/body.cc.
#pragma once

#include <string>
#include <string_view>

namespace understudy::diff {

// Lower-case type, subtype, parameter names and charset, no optional white space or quotes: equivalent values become
// equal.
std::string normalised_media_type(std::string_view value);

// application/json, any type with the suffix +json (RFC 6839 3.1), text/json.
bool is_json_media_type(std::string_view value);

}  // namespace understudy::diff
