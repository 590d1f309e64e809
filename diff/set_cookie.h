// Set-Cookie by name and attributes (RFC 6265; draft-ietf-httpbis-rfc6265bis for SameSite and the prefixes of names;
// CHIPS for Partitioned). Values of cookies are secrets and other ones for each user: they are neither compared nor
// shown. Caller: fields.cc.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "diff/finding.h"

namespace understudy::diff {

// All values of Set-Cookie of one response, and its Date ("" where it has none), from which Expires counts.
struct CookieField {
  const std::vector<std::string_view>& values;
  std::string_view date;
};

// Appends, at `path`: cookie_attribute where the other gives up what protects a cookie, header_removed and header_added
// where it sets other cookies, header_changed where another attribute makes it another cookie. A lifetime is another if
// one of two is more than twice the other, or one of them is a deletion.
void compare_cookies(std::string_view path, const CookieField& primary, const CookieField& other,
                     std::vector<Finding>& findings);

// The names, sorted: what may be shown of the field.
std::string cookie_names(const std::vector<std::string_view>& values);

}  // namespace understudy::diff
