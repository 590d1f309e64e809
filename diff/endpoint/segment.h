// Tells data from names in a path segment: "17" and "3f2b…" become "{id}", "orders" stays. Pure. Caller: namer.cc.
//
// One placeholder, {id}, for every kind of identifier (integer, UUID, ULID, hexadecimal, token, address): a hash whose
// digits all happen to be decimal belongs to the same endpoint as its neighbours. Dates become {date}. What stands
// around the data stays:
//   17 → {id}          ord_17 → ord_{id}      17.json → {id}.json      2024-02-29 → {date}      a@b.example → {id}
// Words are never data here, so /users/alice and /users/bob are two endpoints unless a template says otherwise.
#pragma once

#include <string>
#include <string_view>

namespace understudy::diff {

std::string generalize_segment(std::string_view segment);

}  // namespace understudy::diff
