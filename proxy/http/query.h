// Query strings of the admin API: "a=b&c=d", percent-decoded (WHATWG URL, application/x-www-form-urlencoded).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace understudy::http {

// The query of a target: what stands behind the first '?', or "".
std::string_view query_of(std::string_view target);

// Names and values in order. A name without '=' has the value "". Nothing if a "%" is not followed by two hex digits.
std::optional<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace understudy::http
