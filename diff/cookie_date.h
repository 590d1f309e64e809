// Dates as cookies and the Date field have them. Caller: set_cookie.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace understudy::diff {

// Seconds since 1970, read as RFC 6265 5.1.1 says, which takes every form of RFC 9110 5.6.7 and what servers write
// instead; nothing where a part is missing or out of its range.
std::optional<std::int64_t> cookie_date(std::string_view text);

}  // namespace understudy::diff
