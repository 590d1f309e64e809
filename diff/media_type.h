// Media types (RFC 9110 8.3): their equivalence, whether they announce JSON, what separates the parts of multipart.
// Callers: diff/fields.cc, diff/body/.
#pragma once

#include <string>
#include <string_view>

namespace understudy::diff {

// Lower-case type, subtype, parameter names and charset, no optional white space or quotes, parameters in one order:
// equivalent values become equal. The boundary of multipart is a sender's own choice for each message (RFC 2046 5.1.1):
// it says only that there is one.
std::string normalised_media_type(std::string_view value);

// application/json, any type with the suffix +json (RFC 6839 3.1), text/json.
bool is_json_media_type(std::string_view value);

// The boundary parameter of a multipart type; "" for other types and where there is none.
std::string multipart_boundary(std::string_view value);

}  // namespace understudy::diff
