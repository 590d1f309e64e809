// Base64 (RFC 4648 section 4), for octets inside JSON. Callers: exemplar.cc, proxy/admin/ (HAR).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace understudy::store {

std::string base64(std::string_view octets);
// Nothing for text that base64() cannot have made.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace understudy::store
