// Names the endpoint of an exchange, "GET /orders/{id}": the unit under which differences are counted and reported.
// Pure. Caller: proxy/shadow/, once for every exchange, on its one thread; proxy/main.cc for recorded exchanges.
//
// The first of these that applies gives the name:
//   1. the request field Canonical-Resource, 2. the response field X-Action-Name (both as in Diffy; the method is put
//   before the value
//      unless it starts with one),
//   3. the configured templates (diff.endpoints; see templates.h),
//   4. the path itself, query dropped, each segment that looks like data replaced by a placeholder (see segment.h).
// At most `endpoint_limit` names are given out; every further one becomes "(other)" and is counted by overflowed().
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "diff/endpoint/templates.h"
#include "diff/response.h"

namespace understudy::diff {

inline constexpr std::size_t endpoint_limit = 2000;
inline constexpr std::string_view other_endpoint = "(other)";
// The only field of a request that is looked at: others may be left out of what is given to the namer.
inline constexpr std::string_view naming_request_field = "Canonical-Resource";

class EndpointNamer {
 public:
  // `templates`: "/orders/{id}" for any method or "GET /orders/{id}" for one.
  explicit EndpointNamer(const std::vector<std::string>& templates);

  // `fields` are those of the primary's response. The view stays valid as long as the namer.
  std::string_view name(const Request& request, const std::vector<Field>& fields);

  // Takes a name that an earlier run gave out (from the store), so that a restart goes on with the same names.
  void admit(std::string_view name);

  // Exchanges that were named "(other)" because the limit was reached.
  std::uint64_t overflowed() const { return overflowed_; }

 private:
  std::string full_name(const Request& request, const std::vector<Field>& fields) const;
  std::string_view bounded(const std::string& name);

  PathTemplates templates_;
  std::set<std::string, std::less<>> names_;
  std::uint64_t overflowed_ = 0;
};

}  // namespace understudy::diff
