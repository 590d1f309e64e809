// The body of PUT /api/v1/run, and what GET /api/v1/run and /api/v1/runs answer. Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "proxy/store/reader.h"

namespace understudy::admin {

// The name of {"name":"v2"}, nothing else; or what is wrong.
struct NamedRun {
  std::string name;
};
std::variant<NamedRun, std::string> parse_run_request(std::string_view body);
// POST /api/v1/runs takes nothing, or an empty object. What is wrong; empty = nothing.
std::string fresh_run_problem(std::string_view body);

// `current`: its name; empty = none yet.
std::string run_json(const store::Catalogue& catalogue, std::string_view current);
std::string runs_json(const store::Catalogue& catalogue, std::string_view current);
// "v1, v2 (current)", for messages.
std::string list_of(const store::Catalogue& catalogue, std::string_view current);

}  // namespace understudy::admin
