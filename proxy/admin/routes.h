// Which resource a request names, and whether it may be asked for so: everything that can be refused before anything is
// looked up. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/admin/message.h"

namespace understudy::admin {

enum class Resource {
  page,
  livez,
  readyz,
  metrics,
  ledger,
  verdict,
  endpoints,
  differences,
  exchange,
  mirror,
  report,
  run,
  runs
};
enum class ExchangeForm { json, har, curl };

using Query = std::vector<std::pair<std::string, std::string>>;

struct Route {
  Resource resource{};
  bool writes = false;  // PUT, or POST where that is what the resource takes; else GET or HEAD
  Query query;
  std::uint64_t exchange_id = 0;
  ExchangeForm form{};
  std::optional<Response> refusal;  // the answer: 400, 401, 403, 404 or 405
};

// `listen_host`: the host of admin.listen.
Route route(const Request& request, std::string_view token, std::string_view listen_host = {});

// The value of a parameter, "" where it is not there.
std::string_view parameter(const Query& query, std::string_view name);

}  // namespace understudy::admin
