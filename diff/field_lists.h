// Fields whose members say the same in any order: lists (RFC 9110 5.6.1), directives, dictionaries. The table in the
// .cc names each with the sentence of its standard. What is not in it keeps its order: codings are applied in theirs,
// alternatives (Alt-Svc) and challenges are offered in theirs, and of a field of somebody's own nothing is known.
// Caller: fields.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::diff {

// The members of all values of the field `name` (in lower case), each written in one way, sorted: equal for two fields
// that say the same. Nothing for a field that is no such list.
std::optional<std::vector<std::string>> canonical_list(std::string_view name,
                                                       const std::vector<std::string_view>& values);

}  // namespace understudy::diff
