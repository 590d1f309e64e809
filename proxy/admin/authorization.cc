#include "proxy/admin/authorization.h"

#include "proxy/http/field.h"

namespace understudy::admin {
namespace {

bool equal_in_constant_time(std::string_view given, std::string_view token) {
  unsigned difference = given.size() == token.size() ? 0 : 1;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const char other = i < given.size() ? given[i] : '\0';
    difference |= static_cast<unsigned>(static_cast<unsigned char>(other) ^ static_cast<unsigned char>(token[i]));
  }
  return difference == 0;
}

}  // namespace

bool is_authorized(std::string_view field, std::string_view token) {
  if (token.empty()) return true;
  constexpr std::string_view scheme = "Bearer ";
  if (!http::equals_ignore_case(field.substr(0, scheme.size()), scheme)) return false;
  return equal_in_constant_time(http::trim(field.substr(scheme.size())), token);
}

}  // namespace understudy::admin
