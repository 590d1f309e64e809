// Pages of a list: `limit` and `cursor` of a request, and the Link field that leads on (RFC 8288). Pure. Caller:
// answers.cc.
//
// A cursor is the number and the key of the last row that was given. Lists are judged anew all the time: the next page
// begins behind that row wherever it now stands, and at that number where it is gone.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/admin/message.h"
#include "proxy/admin/routes.h"

namespace understudy::admin {

struct PageRange {
  std::size_t first = 0;
  std::size_t end = 0;  // behind the last
  std::string next{};   // target of the next page; empty = this is the last
};

// `key_of` gives a row's key. Nothing: `refusal` is the answer. `query` without "limit": the whole list.
std::optional<PageRange> page_range(std::string_view path, const Query& query, std::size_t rows,
                                    const std::function<std::string(std::size_t)>& key_of, Response& refusal);
void add_link(Response& response, const PageRange& range);

}  // namespace understudy::admin
