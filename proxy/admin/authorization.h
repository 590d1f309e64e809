// Who may ask. Pure.
#pragma once

#include <string_view>

namespace understudy::admin {

// `field`: the value of Authorization (RFC 9110 11.6.2), "" where there is none. True where it is "Bearer <token>", or
// no token is set. Takes as long for a wrong token as for the right one.
bool is_authorized(std::string_view field, std::string_view token);

}  // namespace understudy::admin
