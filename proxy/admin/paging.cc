#include "proxy/admin/paging.h"

#include <algorithm>
#include <charconv>

namespace understudy::admin {
namespace {

constexpr std::size_t limit_most = 10'000;

bool read_number(std::string_view text, std::size_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                          c == '.' || c == '_' || c == '~';
    if (is_plain) {
      result += c;
    } else {
      result.append({'%', digits[octet >> 4], digits[octet & 15]});
    }
  }
  return result;
}

std::string next_target(std::string_view path, const Query& query, std::string_view cursor) {
  std::string target(path);
  for (const auto& [name, value] : query) {
    if (name == "cursor") continue;
    target += target.size() == path.size() ? '?' : '&';
    target += encoded(name) + '=' + encoded(value);
  }
  return target + "&cursor=" + encoded(cursor);
}

}  // namespace

std::optional<PageRange> page_range(std::string_view path, const Query& query, std::size_t rows,
                                    const std::function<std::string(std::size_t)>& key_of, Response& refusal) {
  const std::string_view limit_text = parameter(query, "limit");
  const std::string_view cursor = parameter(query, "cursor");
  PageRange range{0, rows};
  if (limit_text.empty() && cursor.empty()) return range;
  std::size_t limit = 0;
  if (!read_number(limit_text, limit) || limit == 0 || limit > limit_most) {
    refusal = problem(400, "limit must be a whole number from 1 to 10000, also where there is a cursor");
    return std::nullopt;
  }
  if (!cursor.empty()) {
    const std::size_t colon = std::min(cursor.find(':'), cursor.size());
    if (colon == cursor.size() || !read_number(cursor.substr(0, colon), range.first)) {
      refusal = problem(400, "cursor must be one that a Link field gave");
      return std::nullopt;
    }
    const std::string_view key = cursor.substr(colon + 1);
    for (std::size_t row = 0; row < rows; ++row) {
      if (key_of(row) != key) continue;
      range.first = row + 1;
      break;
    }
    range.first = std::min(range.first, rows);
  }
  range.end = std::min(rows, range.first + limit);
  if (range.end < rows) {
    range.next = next_target(path, query, std::to_string(range.end) + ':' + key_of(range.end - 1));
  }
  return range;
}

void add_link(Response& response, const PageRange& range) {
  if (!range.next.empty()) response.fields.emplace_back("Link", '<' + range.next + ">; rel=\"next\"");
}

}  // namespace understudy::admin
