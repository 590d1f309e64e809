// The comparison of header and trailer fields. Callers: diff/compare.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "diff/finding.h"
#include "diff/occasion.h"
#include "diff/response.h"

namespace understudy::diff {

// What else decides whether some fields are comparable.
struct FieldContext {
  bool has_content =
      true;  // false for HEAD, 1xx, 204 and 304: then Content-Length is compared, nothing else implies it
  bool bodies_equal = false;  // decoded contents are equal: then ETag is not compared
  Occasion occasion{};        // two readings of a clock are equal
};

// Appends a finding per field name that differs, path "header:name". Names compare without case, order among names is
// free, repeated fields compare as joined or as a multiset of values, lists without order by their members
// (field_lists.h), cookies by name and attributes (set_cookie.h), hop-by-hop fields and those named by Connection
// are never compared, volatile ones by presence.
void compare_headers(const Response& primary, const Response& other, const FieldContext& context,
                     std::vector<Finding>& findings);

// The same for trailers, path "trailer:name".
void compare_trailers(const Response& primary, const Response& other, std::vector<Finding>& findings);

// All values of `name` joined as by RFC 9110 5.3, in `buffer` where there are several; nothing if the field is absent.
std::optional<std::string_view> joined_value(const std::vector<Field>& fields, std::string_view name,
                                             std::string& buffer);

}  // namespace understudy::diff
