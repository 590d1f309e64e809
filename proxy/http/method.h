// What a method promises (RFC 9110 9.2). Method names are case-sensitive; unknown ones promise nothing.
#pragma once

#include <string_view>

namespace understudy::http {

constexpr bool is_safe(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

constexpr bool is_idempotent(std::string_view method) {
  return is_safe(method) || method == "PUT" || method == "DELETE";
}

}  // namespace understudy::http
